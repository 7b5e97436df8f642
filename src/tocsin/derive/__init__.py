"""DECIDES: a catalog in, a plan out. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.derive import alerts, boards, burn, health, hours, routes, siblings
from tocsin.derive.board import Board, Bounds, Pane, Row, Variable
from tocsin.derive.hours import always_open
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
    "Pane",
    "Plan",
    "Reading",
    "Recording",
    "Ring",
    "Route",
    "Row",
    "RuleGroup",
    "Share",
    "Slices",
    "Timing",
    "Variable",
    "always_open",
    "derive",
    "quicken",
]


def derive(catalog: Catalog) -> Plan:
    """Return the plan of a catalog: the same catalog always gives the same plan."""
    return Plan(
        catalog=catalog,
        scrape_interval=catalog.scrape_interval,
        evaluation_interval=catalog.evaluation_interval,
        groups=tuple(_groups(catalog)),
        routes=tuple(routes.routes(catalog)),
        boards=tuple(boards.boards(catalog)),
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
