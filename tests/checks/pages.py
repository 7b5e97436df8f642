"""The examples on the checks' pages as cases: rules, dashboards, declarations, routes, files and code."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import yaml

import tocsin
from tests.checks.exposing import exposition as exposition_of
from tests.conftest import CHECKOUT
from tocsin.checks import CHECKS, Case, Problem, from_files, from_plan, judge
from tocsin.derive import Plan, Route, derive
from tocsin.derive.prose import HEADINGS, Prose
from tocsin.live.dashboards import read_dashboards
from tocsin.live.exposed import read_families
from tocsin.live.rules import read_rules
from tocsin.live.written import Source
from tocsin.model import (
    Alert,
    Anchor,
    Catalog,
    Exposed,
    Live,
    Objective,
    Observation,
    Panel,
    Passage,
    Query,
    SeenMetric,
    SeenTarget,
    Service,
    Signal,
    Team,
    Traffic,
)

RUNBOOK = Passage("".join(("# A page\n", *(f"\n## {heading}\n\nWords.\n" for heading in HEADINGS))))
"""A page that lacks nothing."""


def example(check: str, heading: str) -> tuple[str, str]:
    """Return the language and the text of the example under *heading* on the page of *check*."""
    page = inspect.getdoc(sys.modules[CHECKS[check].__module__]) or ""
    section = Prose.of(page).below(heading)
    ((language, text),) = re.findall(r"^```(\w+)\n(.+?)\n```$", section, re.DOTALL | re.MULTILINE)
    return language, text


def language(check: str) -> str:
    """Return the language of a page's examples."""
    return example(check, "Bad")[0]


def judged(check: str, heading: str) -> set[str]:
    """Return the checks that find something in an example."""
    language, text = example(check, heading)
    own = _OWN.get(check) or _OWN.get(check.partition("/")[0]) or _LANGUAGES[language]
    return {problem.check for problem in judge(own(text))}


def rules(text: str, metrics: Mapping[str, SeenMetric] | None = None, interval: float | None = 30.0) -> Case:
    """Return the case of the rules of one group, written as in a rule file."""
    group = {"name": "group", "rules": yaml.safe_load(text), **({"interval": f"{interval:g}s"} if interval else {})}
    found = read_rules(Source("rules.yaml", yaml.safe_dump({"groups": [group]}, sort_keys=False)))
    return from_files(Observation(rules=tuple(found.rules), metrics=metrics), 15.0)


def problems(text: str, *checks: str, metrics: Mapping[str, SeenMetric] | None = None) -> list[Problem]:
    """Return what *checks* find in the rules of one group."""
    case = rules(text, metrics)
    return [problem for check in checks for problem in CHECKS[check](case)]


def board(text: str, metrics: Mapping[str, SeenMetric] | None = None) -> Case:
    """Return the case of one dashboard, written as Grafana does."""
    found = read_dashboards(Source("board.json", text))
    return from_files(Observation(boards=tuple(found.boards), metrics=metrics), 15.0)


def declared(text: str) -> Case:
    """Return the case of the declarations of one service; what is an expression of its own is declared."""
    return from_plan(derive(catalog_of(text)), Observation())


def catalog_of(text: str, *, drawn: bool = True) -> Catalog:
    """Return a catalog of one service that declares the expressions of *text*; with *drawn*, signals have a panel."""
    found = list(_values(text))
    signals = [each for each in found if isinstance(each, Signal)]
    shown = tuple(
        Panel(each.name, (Query(f"count({each.series_names[0]})"),), unit="short", help=".")
        for each in signals
        if drawn
    )
    panels = [each for each in found if isinstance(each, Panel)]
    service = Service(
        name="checkout",
        team="shop",
        port=8000,
        because="Nobody can buy.",
        signals=tuple(signals),
        objectives=tuple(each for each in found if isinstance(each, Objective)),
        alerts=tuple(each for each in found if isinstance(each, Alert)),
        panels=(*panels, *shown),
        traffic=next((each for each in found if isinstance(each, Traffic)), Traffic()),
    )
    services = tuple(each for each in found if isinstance(each, Service)) or (service,)
    return _catalog(*services)


def _catalog(*services: Service) -> Catalog:
    return Catalog(
        services=services,
        teams=(Team(name="shop", slack="#shop"),),
        runbooks="https://runbooks.example",
        heartbeat="https://heartbeat.example/shop",
    )


def _values(text: str) -> Iterator[object]:
    names: dict[str, object] = {name: getattr(tocsin, name) for name in tocsin.__all__}
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.Expr):
            yield eval(compile(ast.Expression(statement.value), "example", "eval"), names)  # noqa: S307 - our own page
        else:
            exec(compile(ast.Module([statement], []), "example", "exec"), names)  # noqa: S102 - our own page


def _promql(text: str) -> Case:
    return declared(f'Panel("Planted", (Query({text!r}),), unit="short", help=".")')


def plan_of_checkout() -> Plan:
    """Return the plan of the service that the tests share, with a board that shows its payments."""
    return derive(_catalog(CHECKOUT))


def _routes(text: str) -> Case:
    routes = []
    for line in text.splitlines():
        channel, *labels = line.split()
        pairs = dict(label.split("=") for label in labels)
        planned = plan_of_checkout().routes[0]
        routes.append(Route(channel, "shop", pairs, planned.timing))  # type: ignore[arg-type]  # a channel of the page
    plan = plan_of_checkout()
    watchdog = plan.routes[0]
    return from_plan(replace(plan, routes=(watchdog, *routes)), Observation())


def _secrets(text: str) -> Case:
    return from_plan(plan_of_checkout(), Observation(secrets=frozenset(text.split())))


def exposition(text: str) -> Case:
    """Return the case of an exposition of metrics without labels."""
    kinds = re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE)
    return from_files(Observation(metrics={name: SeenMetric(name=name, kind=kind, series=1) for name, kind in kinds}))


def _file(text: str) -> Case:
    found = read_rules(Source("rules.yaml", text))
    return from_files(Observation(rules=tuple(found.rules), refused=tuple(found.refused)), 15.0)


def _commented(text: str) -> Case:
    lines = "".join(f"  {line}\n" for line in text.splitlines())
    found = read_rules(Source("rules.yaml", f"groups:\n- name: group\n  interval: 30s\n  rules:\n{lines}"))
    return from_files(Observation(rules=tuple(found.rules), allowances=tuple(found.allowances)), 15.0)


_LANGUAGES: dict[str, Callable[[str], Case]] = {"yaml": rules, "json": board, "python": declared, "promql": _promql}


def code(text: str) -> Case:
    """Return the case of a module of a service."""
    return from_plan(plan_of_checkout(), Observation(code={"checkout": (_module(text),)}))


def plain(text: str) -> Case:
    """Return the case of a catalog that is one module."""
    return from_plan(plan_of_checkout(), Observation(catalog=(_module(text),)))


def _module(text: str) -> Passage:
    anchors, offset = [], 0
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        anchors.append(Anchor(offset, number, 1))
        offset += len(line)
    return Passage(text, "shop.py", tuple(anchors))


def _busy(text: str) -> Case:
    labels = {"route": frozenset(f"/{number}" for number in range(20)), "status_code": frozenset(("200", "404", "500"))}
    return board(
        text, {"http_requests_total": SeenMetric(name="http_requests_total", kind="counter", labels=labels, series=60)}
    )


def live(text: str) -> Case:
    """Return the case of a running Prometheus that answers as *text* says: `up{job="x"} 1`, `count(...) 3`."""
    targets = tuple(
        SeenTarget(job, f"{job}:80", "" if value == "1" else "connection refused")
        for job, value in re.findall(r'^up\{job="(.+)"\} (\d)$', text, re.MULTILINE)
    )
    answers = {expr: int(value) for expr, value in re.findall(r"^count\((.+)\) (\d+)$", text, re.MULTILINE)}
    named = {re.fullmatch(r'(\w+)\{job="(.+)"\}', expr): value for expr, value in answers.items()}
    series = {(found[2], found[1]): value for found, value in named.items() if found}
    targets = targets or (SeenTarget("checkout", "checkout:80"),)
    return from_plan(
        plan_of_checkout(), Observation(live=Live(targets=targets, series=series or None, answers=answers))
    )


def _exposed(text: str) -> Case:
    """Return the case of a service that exposes *text* instead of what begins alike, and all else as declared."""
    begun = tuple(line.split()[2][:4] for line in text.splitlines() if line.startswith("# TYPE"))
    kept = (line for line in exposition_of(CHECKOUT).splitlines() if not _about(line).startswith(begun))
    families, refused = read_families("\n".join((*kept, text)), "metrics.txt")
    seen = Observation(exposed=Exposed(CHECKOUT.name, families), refused=refused)
    return from_plan(plan_of_checkout(), seen)


def _about(line: str) -> str:
    return line.split()[2] if line.startswith("#") else line


def written(text: str) -> Case:
    """Return the case of a page of ServiceDown with *text*, which lacks no section unless it has one of its own."""
    whole = text if "\n## " in text else RUNBOOK.text + text
    names = {rule.runbook for rule in plan_of_checkout().alerts}
    pages = {**dict.fromkeys(names, RUNBOOK), "runbooks/service-down.md": _module(whole)}
    return from_plan(plan_of_checkout(), Observation(runbooks=pages))


def _named(text: str) -> Case:
    shared = {rule.runbook for rule in plan_of_checkout().alerts if f"checkout/{rule.runbook}" not in text.split()}
    return from_plan(plan_of_checkout(), Observation(runbooks=dict.fromkeys((*text.split(), *shared), RUNBOOK)))


_OWN: dict[str, Callable[[str], Case]] = {
    "alert/no-route": _routes,
    "check": _commented,
    "conform": _exposed,
    "file/refused": _file,
    "alert/severity-at-odds": _routes,
    "alert/short-for": lambda text: rules(text, interval=30.0),
    "board/too-many-lines": _busy,
    "board/unseen-metric": lambda text: from_plan(derive(catalog_of(text, drawn=False)), Observation()),
    "catalog/plain": plain,
    "delivery/missing-secret": _secrets,
    "live": live,
    "log/field-names": code,
    "log/field-types": code,
    "metric/counter-total": exposition,
    "runbook": written,
    "runbook/no-alert": _named,
}
