"""Costs for people: a table for each service, then what the month comes to."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tocsin.cli.costs.prices import Price, quantity
from tocsin.derive.cost import LabelCost, ServiceCost

_GIB = 1_073_741_824


def report(console: Console, services: Sequence[ServiceCost], prices: Sequence[Price]) -> None:
    """Print what services cost."""
    for cost in services:
        console.print(f"\n[bold]{cost.service}[/bold]")
        console.print(_metrics(cost))
        console.print(_labels(cost))
        console.print(f"Requests: {cost.requests:,.0f} a month, {cost.log_bytes / _GIB:,.2f} GiB of log lines")
    console.print(_bill(services, prices))
    for each in dict.fromkeys((price.source, price.day) for price in prices):
        console.print(f"Prices of {each[1]:%Y-%m-%d}: {each[0]}", soft_wrap=True)


def _metrics(cost: ServiceCost) -> Table:
    table = Table("Metric", title="Series", title_justify="left")
    for heading in ("Typical", "Worst", "Samples a month"):
        table.add_column(heading, justify="right")
    for each in sorted(cost.metrics, key=lambda metric: (-metric.typical, -metric.worst, metric.metric)):
        table.add_row(each.metric, f"{each.typical:,}", f"{each.worst:,}", f"{each.samples[1]:,.0f}")
    table.add_section()
    table.add_row("all", f"{cost.typical:,}", f"{cost.worst:,}", f"{cost.samples[1]:,.0f}")
    return table


def _labels(cost: ServiceCost) -> Table:
    table = Table("Label", "Of", title="Which label to drop first", title_justify="left")
    for heading in ("Spares", "Worst"):
        table.add_column(heading, justify="right")
    table.add_column("But")
    for each in cost.labels:
        table.add_row(each.label, ", ".join(each.metrics), f"{each.typical:,}", f"{each.worst:,}", _but(each))
    return table


def _but(label: LabelCost) -> str:
    built_in = "built in: limit its values" if label.built_in else ""
    read = f"read by {', '.join(label.read_by)}" if label.read_by else ""
    return "; ".join(filter(None, (built_in, read)))


def _bill(services: Sequence[ServiceCost], prices: Sequence[Price]) -> Table:
    table = Table("Price", title="A month, in US dollars", title_justify="left")
    for heading in ("Typical", "Worst"):
        table.add_column(heading, justify="right")
    for price in prices:
        worst, typical = quantity(price, services)
        table.add_row(price.name, f"{price.dollars(typical):,.2f}", f"{price.dollars(worst):,.2f}")
    return table
