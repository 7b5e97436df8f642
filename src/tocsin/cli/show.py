"""`tocsin show`: the plan, readable."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tocsin.cli.project import CatalogOption, load
from tocsin.derive import Plan
from tocsin.model import Service, TocsinError, percent


def show(
    service: Annotated[str | None, typer.Argument(help="A service; all of them by default.")] = None,
    catalog: CatalogOption = None,
) -> None:
    """Show what each service promises, and what rings when it does not."""
    plan = load(catalog).plan
    names = [known.name for known in plan.catalog.services]
    if service is not None and service not in names:
        raise TocsinError(f"There is no service {service!r} in the catalog: choose one of {', '.join(names)}.")
    console = Console()
    for known in plan.catalog.services:
        if service in (None, known.name):
            console.print(f"\n[bold]{known.name}[/bold]  team {known.team}, port {known.port}")
            console.print(_promises(known))
            console.print(_alerts(plan, known))


def _promises(service: Service) -> Table:
    table = Table("Objective", "Promise", "Error budget", title="Promises", title_justify="left")
    for objective in service.objectives:
        table.add_row(objective.name, percent(objective.ratio), percent(objective.budget))
    return table


def _alerts(plan: Plan, service: Service) -> Table:
    table = Table("Alert", "Severity", "Within", "Rings on", title="Alerts", title_justify="left")
    for rule in plan.alerts:
        if rule.service == service.name:
            faults = ", ".join(type(fault).__name__ for fault in rule.faults)
            table.add_row(rule.subject.partition("/")[2], rule.severity, rule.within, faults)
    return table
