"""DECIDES: a catalog in, a plan out. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tocsin.derive import alerts, boards, burn, health, hours, routes, siblings
from tocsin.derive.board import Board, Bounds, Pane, Row, Variable
from tocsin.derive.hours import always_open
from tocsin.derive.page import Page, Proved, Trial, pages
from tocsin.derive.plan import (
    AlertRule,
    Channel,
    Criterion,
    Evidence,
    Plan,
    Recording,
    Ring,
    Route,
    RuleGroup,
    Share,
    Slices,
    Timing,
)
from tocsin.derive.reading import Reading
from tocsin.derive.tempo import quicken
from tocsin.model import Catalog, Service

__all__ = [
    "AlertRule",
    "Board",
    "Bounds",
    "Channel",
    "Criterion",
    "Evidence",
    "Page",
    "Pane",
    "Plan",
    "Proved",
    "Reading",
    "Recording",
    "Ring",
    "Route",
    "Row",
    "RuleGroup",
    "Share",
    "Slices",
    "Timing",
    "Trial",
    "Variable",
    "always_open",
    "derive",
    "pages",
    "quicken",
]


def derive(catalog: Catalog, prose: Mapping[str, str] | None = None) -> Plan:
    """Return the plan of a catalog, with what was written by hand about its alerts: the same always gives the same."""
    return Plan(
        catalog=catalog,
        scrape_interval=catalog.scrape_interval,
        evaluation_interval=catalog.evaluation_interval,
        groups=tuple(_groups(catalog)),
        routes=tuple(routes.routes(catalog)),
        boards=tuple(boards.boards(catalog)),
        prose=prose or {},
    )


def _groups(catalog: Catalog) -> Iterator[RuleGroup]:
    yield routes.watchdog(catalog)
    for opening in catalog.hours:
        yield RuleGroup("tocsin", f"tocsin/hours/{opening.name}", tuple(hours.recordings(opening)))
    for service in catalog.services:
        yield from siblings.introduce(tuple(_service_groups(service)))


def _service_groups(service: Service) -> Iterator[RuleGroup]:
    yield RuleGroup(service.name, f"{service.name}/health", (*health.recordings(service), *health.alerts(service)))
    for objective in service.objectives:
        yield burn.group(service, objective)
    if service.alerts:
        declared = tuple(alerts.rule(service, alert) for alert in service.alerts)
        yield RuleGroup(service.name, f"{service.name}/alerts", declared)
