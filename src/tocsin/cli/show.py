"""`tocsin show`: the plan, readable."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from tocsin.cli import completing
from tocsin.cli.costs import objects, text
from tocsin.cli.costs.prices import prices as priced
from tocsin.cli.project import CatalogOption, load
from tocsin.derive import Plan
from tocsin.derive.cost import costs
from tocsin.model import Service, TocsinError, percent


def show(  # noqa: PLR0917 - typer hands them over by name
    service: Annotated[
        str | None, typer.Argument(help="A service; all of them by default.", autocompletion=completing.services)
    ] = None,
    cost: Annotated[bool, typer.Option("--cost", help="Show series, samples, log bytes, and what they cost.")] = False,
    instances: Annotated[int, typer.Option(min=1, help="With --cost: how many instances of each service run.")] = 1,
    prices: Annotated[Path | None, typer.Option(help="With --cost: a table of prices; see docs/cost.md.")] = None,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="With --cost: how to write it.")] = "text",
    catalog: CatalogOption = None,
) -> None:
    """Show what each service promises, and what rings when it does not; or, with --cost, what that costs."""
    plan = load(catalog).plan
    names = [known.name for known in plan.catalog.services]
    if service is not None and service not in names:
        raise TocsinError(f"There is no service {service!r} in the catalog: choose one of {', '.join(names)}.")
    if cost:
        found = [each for each in costs(plan, instances) if service in (None, each.service)]
        if form == "json":
            sys.stdout.write(objects.render(found, priced(prices)))
        else:
            text.report(Console(), found, priced(prices))
        return
    if form != "text":
        raise TocsinError("--format says how to write costs: add --cost.")
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
