"""Alerts: what rings, what is about to, and what rang."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.derive.board import SERVICE, Board, Bounds, Pane, Row, uid
from tocsin.model import SEVERITIES, Catalog, Panel, Query

_NOT_THE_HEARTBEAT = 'severity!="none"'


def boards(_: Catalog) -> Iterator[Board]:
    """Yield the board of all alerts."""
    yield Board(
        uid=uid("alerts"),
        title="Alerts",
        folder="operations",
        file="alerts",
        help="What rings now, what will unless it stops, and when it rang.",
        rows=(
            Row("Now", tuple(_now())),
            Row("Over time", tuple(_over_time())),
        ),
        variables=(SERVICE,),
        guided=True,
    )


def _now() -> Iterator[Pane]:
    for severity in SEVERITIES:
        urgent = severity == "critical"
        yield _count(
            f"Firing, {severity}",
            f'alertstate="firing",severity="{severity}"',
            f"{'Somebody has been paged' if urgent else 'Read in working hours'}: open the runbook of each line below.",
            Bounds.of(severity, 1),
        )
    yield _count("Pending", 'alertstate="pending"', "What is pending rings once it has lasted.", Bounds(warning=1))
    yield Pane(
        panel=Panel(
            "Alerts",
            (Query(f"ALERTS{{{_NOT_THE_HEARTBEAT},{SERVICE.matcher}}}"),),
            unit="short",
            kind="table",
            help="One line for each alert: what to do stands in its runbook. To silence one, use the console.",
        ),
        empty="Nothing rings.",
        columns=("alertstate", "severity", "alertname", "service", "slo", "team"),
    )


def _over_time() -> Iterator[Pane]:
    for state, text in (
        ("firing", "One that comes and goes is worth a longer `for`, or a repair."),
        ("pending", "What is pending often and never rings shows what is about to break."),
    ):
        yield Pane(
            panel=Panel(
                state.capitalize(),
                (
                    Query(
                        f"count by (service, alertname, slo) "
                        f'(ALERTS{{alertstate="{state}",{_NOT_THE_HEARTBEAT},{SERVICE.matcher}}})',
                        "{{service}} {{alertname}} {{slo}}",
                    ),
                ),
                unit="short",
                help=f"When what was {state}. {text}",
            ),
            empty=f"Nothing was {state}.",
        )


def _count(title: str, only: str, text: str, bounds: Bounds) -> Pane:
    expr = f"count(ALERTS{{{only},{SERVICE.matcher}}}) or vector(0)"
    return Pane(panel=Panel(title, (Query(expr, "alerts"),), unit="short", kind="stat", help=text), bounds=bounds)
