"""Objectives: how much of each error budget is left, how fast it goes, and what it goes on."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.derive.board import Board, Bounds, Pane, Row, Variable, uid
from tocsin.derive.burn import FAST, SLOW, WINDOWS
from tocsin.derive.sli import BAD, SLICE, TOTAL
from tocsin.model import PERIOD, Catalog, Mean, Panel, Query, slug

LEFT = "slo:period_error_budget_remaining:ratio"
SERVICE = Variable("service", "service", LEFT)
SLO = Variable("slo", "slo", f"{LEFT}{{{SERVICE.matcher}}}")

_ME = f"{{{SERVICE.matcher},{SLO.matcher}}}"
_LEGEND = "{{service}} {{slo}}"
_RUNBOOK = slug(FAST.name)
_SOON = 0.25
"""Share of the budget, below which a team should prefer mending to new things."""


def boards(catalog: Catalog) -> Iterator[Board]:
    """Yield the board of all objectives."""
    kinds = {isinstance(objective, Mean) for service in catalog.services for objective in service.objectives}
    if not kinds:
        return
    yield Board(
        uid=uid("objectives"),
        title="Objectives",
        folder="operations",
        file="objectives",
        help=f"What was promised over {PERIOD}, and how much may still go wrong.",
        rows=(
            Row("Error budget", tuple(_budget())),
            Row("Burn rate: 1 spends the whole budget in the period", tuple(_burn())),
            Row("Events", tuple(pane for mean in sorted(kinds) for pane in (_slices() if mean else _events()))),
        ),
        span="24h",
        variables=(SERVICE, SLO),
    )


def _budget() -> Iterator[Pane]:
    yield Pane(
        panel=Panel(
            "Budget left",
            (Query(f"max by (service, slo) ({LEFT}{_ME})", _LEGEND),),
            unit="percentunit",
            kind="bargauge",
            help=f"Of what may go wrong in {PERIOD}. Below 0 the promise is broken: mend before you build.",
        ),
        bounds=Bounds(warning=_SOON, critical=0, below=True),
        runbook=_RUNBOOK,
    )
    yield Pane(
        panel=Panel(
            "Budget left over time",
            (Query(f"max by (service, slo) ({LEFT}{_ME})", _LEGEND),),
            unit="percentunit",
            help="A cliff is an incident, a slope is a fault that nobody fixes. Look at the deploys where it begins.",
        ),
        bounds=Bounds(warning=_SOON, critical=0, below=True),
        runbook=_RUNBOOK,
    )
    yield Pane(
        panel=Panel(
            "Promised",
            (Query(f"max by (service, slo) (slo:objective:ratio{_ME})", _LEGEND),),
            unit="percentunit",
            kind="table",
            help="The share that must be good. It stands in the catalog: change it there, with who relies on it.",
        ),
        columns=("service", "slo", "Value"),
    )


def _burn() -> Iterator[Pane]:
    for window in WINDOWS:
        alert, burn = next(
            (alert, burn) for alert in (FAST, SLOW) for burn in alert.burns if window in (burn.long, burn.short)
        )
        yield Pane(
            panel=Panel(
                f"Over {window}",
                (
                    Query(
                        f"slo:sli_error:ratio_rate{window}{_ME} / on (service, slo) slo:error_budget:ratio{_ME}",
                        _LEGEND,
                    ),
                ),
                unit="short",
                help=f"{alert.name} rings above {burn.factor:g} over {burn.long} and {burn.short}, "
                "or sooner where the budget is large. Find what fails before the slower windows follow.",
            ),
            bounds=Bounds.of(alert.severity, burn.factor),
            runbook=slug(alert.name),
        )


def _events() -> Iterator[Pane]:
    for title, name, help_ in (
        ("Events", TOTAL, "What is judged. Few events make ratios jump: read them with care."),
        ("Bad events", BAD, "What eats the budget. Follow the link to the service, and look which route it is."),
    ):
        yield Pane(
            panel=Panel(title, (Query(f"{name}{_ME}", _LEGEND),), unit="ops", help=help_),
            runbook=_RUNBOOK,
        )


def _slices() -> Iterator[Pane]:
    yield Pane(
        panel=Panel(
            "Bad slices of five minutes",
            (Query(f"{SLICE}{_ME}", _LEGEND),),
            unit="bool",
            help="1 where a mean is below what is promised; no line where too little happened to judge.",
        ),
        runbook=_RUNBOOK,
        empty="Too little happened to judge.",
    )
