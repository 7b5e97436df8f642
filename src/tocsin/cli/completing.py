"""What a shell completes: the names of the catalog and of the checks; nothing where there is no catalog."""

from __future__ import annotations

from collections.abc import Iterable

import typer

from tocsin.checks import CHECKS
from tocsin.cli.project import load
from tocsin.derive import Plan
from tocsin.model import TocsinError


def services(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the services that begin as what was typed."""
    plan = _plan(ctx)
    return _fitting(incomplete, (service.name for service in plan.catalog.services)) if plan else []


def alerts(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the services, the alerts, and once a service is named its own alerts."""
    plan = _plan(ctx)
    if plan is None:
        return []
    if "/" in incomplete:
        return _fitting(incomplete, (rule.subject for rule in plan.alerts))
    names = (*(service.name for service in plan.catalog.services), *(rule.name for rule in plan.alerts))
    return _fitting(incomplete, names)


def checks(incomplete: str) -> list[str]:
    """Return the checks that begin as what was typed."""
    return _fitting(incomplete, CHECKS)


def _plan(ctx: typer.Context) -> Plan | None:
    try:
        return load(ctx.params.get("catalog")).plan
    except TocsinError:
        return None


def _fitting(incomplete: str, names: Iterable[str]) -> list[str]:
    return sorted({name for name in names if name.startswith(incomplete)})
