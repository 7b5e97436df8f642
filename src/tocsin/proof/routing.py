"""Whom Alertmanager tells, by amtool: each alert must reach the receiver that the plan has for it.

Sources: Alertmanager's documentation, "Configuration" (routes); `amtool config routes test --help`.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tocsin.derive import AlertRule, Plan
from tocsin.model import TocsinError
from tocsin.promql.tokens import Span
from tocsin.proof.mutants import Edit


def misrouted(amtool: Path, plan: Plan, configuration: str) -> Iterator[tuple[str, str]]:
    """Yield the alerts that reach another receiver than the plan's, by their subjects, each with a sentence's part.

    One alert is asked for each receiver and service.

    Raises:
        TocsinError: amtool cannot be run.

    """
    asked: dict[tuple[str, str], AlertRule] = {}
    for rule in plan.alerts:
        asked.setdefault((_receiver(plan, rule), rule.service), rule)
    with tempfile.TemporaryDirectory(prefix="tocsin-routes-") as folder:
        file = Path(folder) / "alertmanager.yml"
        file.write_text(configuration, encoding="utf-8")
        for (wanted, _), rule in asked.items():
            told = _told(amtool, file, _labels(rule))
            if told != wanted:
                yield rule.subject, f"Alertmanager tells {told}, not {wanted}"


def _receiver(plan: Plan, rule: AlertRule) -> str:
    labels = _labels(rule).items()
    return next(route.receiver for route in plan.routes if route.labels.items() <= labels)


def _labels(rule: AlertRule) -> Mapping[str, str]:
    named = {"alertname": rule.name, "severity": rule.severity, "team": rule.team, "service": rule.service}
    return {**named, **rule.labels}


def _told(amtool: Path, configuration: Path, labels: Mapping[str, str]) -> str:
    pairs = [f"{name}={value}" for name, value in labels.items()]
    command = [str(amtool), "config", "routes", "test", f"--config.file={configuration}", *pairs]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise TocsinError(f"{amtool} cannot be run ({error.strerror}): run `make setup` again.") from None
    return done.stdout.strip() or "nobody"


def edits(configuration: str) -> Iterator[Edit]:
    """Yield each way to break a route: without it, with another receiver, and without or against a matcher."""
    tree = _child(_child(yaml.compose(configuration), "route"), "routes").value
    names = list(dict.fromkeys(_child(route, "receiver").value for route in tree))
    starts = [0]
    for line in configuration.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for route in tree:
        yield _edit(Span(starts[route.start_mark.line], starts[route.value[-1][1].end_mark.line + 1]), "")
        receiver = _child(route, "receiver")
        other = names[(names.index(receiver.value) + 1) % len(names)]
        yield _edit(Span(receiver.start_mark.index, receiver.end_mark.index), other)
        for matcher in _child(route, "matchers").value:
            yield _edit(Span(starts[matcher.start_mark.line], starts[matcher.end_mark.line + 1]), "")
            equal = configuration.index("=", matcher.start_mark.index)
            yield _edit(Span(equal, equal + 1), "!=")


def _edit(span: Span, text: str) -> Edit:
    return Edit("alertmanager.yml", span, text)


def _child(node: Any, name: str) -> Any:
    return next(value for key, value in node.value if key.value == name)
