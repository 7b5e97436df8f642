"""What was generated of something in the catalog: rules and routes as they are written, and where else it is seen."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tocsin.console.catalog.items import Item
from tocsin.derive import AlertRule, Plan, Recording
from tocsin.derive.board import Pane
from tocsin.model import Service
from tocsin.targets import PRODUCTION, prometheus
from tocsin.targets.text import NOTICE, to_yaml

MOST = 12
"""Rules that are shown in full; of more it is said how many there are."""


@dataclass(frozen=True, slots=True)
class Made:
    """Something generated: *text* as it is written at *place*, or a link to where it is seen; a *note* if need be."""

    title: str
    place: str = ""
    text: str = ""
    address: str = ""
    note: str = ""


def generated(plan: Plan, service: Service, item: Item, artifacts: Path) -> tuple[Made, ...]:
    """Return what was generated of *item*: rules first, then what else."""
    file = artifacts / "prometheus" / "rules" / f"{service.name}.yaml"
    written, shown = _text(file), _shown(file, artifacts)
    found = [
        (rule, spelled) for rule, spelled in _spelled(plan, service.name) if _concerns(rule, spelled, service, item)
    ]
    rules = [_rule(rule, spelled, shown, written) for rule, spelled in found[:MOST]]
    if len(found) > MOST:
        rules.append(Made("More rules", shown, note=f"{len(found) - MOST} more rules use it."))
    return (*rules, *_others(plan, service, item, artifacts))


def _spelled(plan: Plan, owner: str) -> Iterator[tuple[Recording | AlertRule, str]]:
    """Yield the rules of a service with their spelling, as it stands in a file of rules."""
    groups = (group for group in plan.groups if group.owner == owner)
    for group, written in zip(groups, prometheus.groups(plan, PRODUCTION, owner), strict=True):
        rules = written["rules"]
        assert isinstance(rules, list)  # noqa: S101 - it is what targets.prometheus spells
        for rule, spelled in zip(group.rules, rules, strict=True):
            yield rule, to_yaml([spelled]).removeprefix(NOTICE)


def _concerns(rule: Recording | AlertRule, spelled: str, service: Service, item: Item) -> bool:
    match item.kind:
        case "alert":
            return isinstance(rule, AlertRule) and rule.subject == f"{service.name}/{item.name}"
        case "objective":
            return rule.labels.get("slo") == item.name
        case "signal":
            return _word(item.name).search(spelled) is not None
        case "service":
            return False


def _rule(rule: Recording | AlertRule, spelled: str, file: str, written: str | None) -> Made:
    title = f"Alert {rule.subject}" if isinstance(rule, AlertRule) else f"Recording {rule.name}"
    if written is None:
        return Made(title, file, spelled, note="It is not written yet: `tocsin build` writes it.")
    at = written.find(textwrap.indent(spelled, "  "))
    if at < 0:
        return Made(title, file, spelled, note="The file says something else: `tocsin build` writes it anew.")
    return Made(title, f"{file}:{written.count(chr(10), 0, at) + 1}", spelled)


def _others(plan: Plan, service: Service, item: Item, artifacts: Path) -> Iterator[Made]:
    """Yield the routes, the runbook, the boards and the logs of *item*."""
    if item.kind == "alert":
        (rule,) = (each for each in plan.alerts if each.subject == f"{service.name}/{item.name}")
        routes = [route for route in plan.routes if route.labels.items() <= _labels(rule).items()]
        told = ", ".join(route.receiver for route in routes) or "nobody"
        yield Made("Whom it tells", note=told, address="/inbox")
        yield Made("Runbook", note=PRODUCTION.runbook(plan.catalog, rule.service, rule.runbook))
    if item.kind == "service":
        yield _scrape(service, artifacts)
        yield Made("Logs", note="Every record that it writes", address=f"/logs?service={quote(service.name)}")
    yield from _panels(plan, service, item)


def _labels(rule: AlertRule) -> dict[str, str]:
    return {
        "severity": rule.severity,
        "team": rule.team,
        "service": rule.service,
        **rule.labels,
        "alertname": rule.name,
    }


def _scrape(service: Service, artifacts: Path) -> Made:
    file = artifacts / "prometheus" / "prometheus.yml"
    written = _text(file) or ""
    job = re.search(rf"^- job_name: {re.escape(service.name)}\n(?:(?!- ).*\n?)*", written, re.MULTILINE)
    if job is None:
        return Made("Scrape", _shown(file, artifacts), note="It is not written yet: `tocsin build` writes it.")
    return Made("Scrape", f"{_shown(file, artifacts)}:{written.count(chr(10), 0, job.start()) + 1}", job[0])


def _panels(plan: Plan, service: Service, item: Item) -> Iterator[Made]:
    """Yield the boards on which *item* is seen, each with its panels."""
    for board in plan.boards:
        if board.service in {"", service.name}:
            seen = [pane.panel.title for pane in board.panes if _shows(pane, item)]
            if seen or (item.kind == "service" and board.service):
                yield Made(f"Board {board.title}", note=", ".join(seen), address=f"/boards?uid={quote(board.uid)}")


def _shows(pane: Pane, item: Item) -> bool:
    return item.kind == "signal" and any(_word(item.name).search(query.expr) for query in pane.panel.queries)


def _word(name: str) -> re.Pattern[str]:
    """Return what finds the series of a signal in a text."""
    return re.compile(rf"\b{re.escape(name)}(_bucket|_sum|_count)?\b")


def _shown(file: Path, artifacts: Path) -> str:
    return file.relative_to(artifacts.parent).as_posix()


def _text(file: Path) -> str | None:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
