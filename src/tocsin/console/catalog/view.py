"""The page of the catalog: what a service declares, and beside it what was generated of that."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import QueryParams

from tocsin.console.sources import Sources
from tocsin.derive import AlertRule, Recording
from tocsin.model import Service, Signal


@dataclass(frozen=True, slots=True)
class Declared:
    """What a service says of itself; each signal as name, kind, labels and help."""

    name: str
    team: str
    port: int
    because: str
    signals: tuple[tuple[str, str, str, str], ...]
    objectives: tuple[tuple[str, float, str], ...]
    alerts: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A generated rule: an alert with its severity and promise, or a recording, which has neither."""

    name: str
    expression: str
    severity: str
    within: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """What the page shows: all *services*, and one of them, declared and generated.

    *file* is that of its rules as `tocsin build` wrote them, *text* what it holds; *absent* says why it holds nothing.
    """

    services: tuple[str, ...]
    declared: Declared
    rules: tuple[Rule, ...]
    receivers: tuple[str, ...]
    file: str
    text: str
    absent: str


async def look(sources: Sources, query: QueryParams) -> Catalog:
    """Look at the service that the address names, or at the first."""
    services = {service.name: service for service in sources.plan.catalog.services}
    service = services.get(query.get("service", "")) or next(iter(services.values()))
    file = sources.artifacts / "prometheus" / "rules" / f"{service.name}.yaml"
    text = await asyncio.to_thread(_text, file)
    return Catalog(
        services=tuple(services),
        declared=_declared(service),
        rules=tuple(
            _rule(rule) for group in sources.plan.groups if group.owner == service.name for rule in group.rules
        ),
        receivers=tuple(route.receiver for route in sources.plan.routes if route.team == service.team),
        file=str(file),
        text=text or "",
        absent="" if text is not None else f"{file} is not there: `tocsin build` writes it.",
    )


def _text(file: Path) -> str | None:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _declared(service: Service) -> Declared:
    return Declared(
        name=service.name,
        team=service.team,
        port=service.port,
        because=service.because,
        signals=tuple(map(_signal, service.signals)),
        objectives=tuple((each.name, each.ratio, each.because) for each in service.objectives),
        alerts=tuple((each.name, each.when, each.severity, each.because) for each in service.alerts),
    )


def _signal(signal: Signal) -> tuple[str, str, str, str]:
    return signal.name, signal.kind, ", ".join(label.name for label in signal.labels), signal.help


def _rule(rule: Recording | AlertRule) -> Rule:
    if isinstance(rule, AlertRule):
        return Rule(rule.subject, rule.expr, rule.severity, rule.within)
    return Rule(rule.name, rule.expr, "", "")
