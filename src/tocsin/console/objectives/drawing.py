"""Draws the page of objectives."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from nicegui import ui

from tocsin.console import pieces, tables
from tocsin.console.objectives.view import SPANS, Burn, Objective, Objectives
from tocsin.console.page import Visit
from tocsin.console.pieces import Meaning
from tocsin.console.spelling import number, percent

_LOW = 0.25
"""The part of the budget below which it is told as a warning."""


def draw(view: Objectives, visit: Visit) -> None:
    """Draw what is left of each budget, and beside it what became of the chosen one."""
    with ui.element("div").classes("bar"):
        pieces.heading("Objectives", 1)
        pieces.words(f"promised over {view.period}", "span", "faint")
        with ui.element("div").classes("row push"):
            for span in SPANS:
                pieces.button(span, partial(visit.go, {"span": span}), on=span == view.span)
    for sentence in view.away:
        pieces.away(sentence)
    if not view.objectives:
        pieces.empty("No service promises anything: declare `objectives` in its monitoring.py.")
        return
    with ui.element("div").classes("aside"):
        with ui.element("div"):
            for objective in view.objectives:
                _pick(objective, view, visit)
        with ui.element("div"):
            _chosen(view, next(each for each in view.objectives if each.key == view.chosen))


def meaning(objective: Objective) -> Meaning:
    """Return what the colour of an objective stands for."""
    if objective.remaining is None:
        return "silent"
    return "critical" if objective.remaining <= 0 else "warning" if objective.remaining < _LOW else "ok"


def _pick(objective: Objective, view: Objectives, visit: Visit) -> None:
    row = ui.element("button").classes(f"pick {meaning(objective)}").props('type="button"')
    row.props["aria-current"] = "true" if objective.key == view.chosen else "false"
    row.on("click", partial(visit.go, {"objective": objective.key}), args=[])
    with row:
        with ui.element("span").classes("row"):
            pieces.words(objective.name, "strong")
            pieces.words(objective.service, "span", "faint")
            pieces.words(_left(objective), "span", f"push ink-{meaning(objective)}")
        with ui.element("span").classes("remaining"):
            part = max(0.0, min(1.0, objective.remaining or 0.0))
            ui.element("span").classes(f"fill {meaning(objective)}").style(f"width: {part * 100:.1f}%")


def _left(objective: Objective) -> str:
    if objective.remaining is None:
        return "nothing known yet"
    if objective.remaining < 0:
        return f"overspent by {percent(-objective.remaining)}"
    return f"{percent(objective.remaining)} left"


def _chosen(view: Objectives, objective: Objective) -> None:
    with pieces.card(f"{objective.service}: {objective.name}"):
        pieces.words(objective.because, "p")
        tables.facts(
            (
                ("Promised", f"{percent(objective.ratio)} over {view.period}"),
                ("Budget", _left(objective)),
                (f"Events in {view.span}", _events(objective)),
            )
        )
    with pieces.card("Budget left"):
        _chart(view.remaining, "left", percentages=True)
    with pieces.card("Burn: how many times faster than promised"):
        _chart(view.burning, "burn", percentages=False)
        heads = ("Window", "Burn", "An alert may ring above", "State")
        tables.table("Burn by window", heads, map(_burn, objective.burns), (1, 2))


def _events(objective: Objective) -> str:
    if objective.bad is None or objective.total is None:
        return "not counted: every five minutes are good or bad as a whole"
    return f"{objective.bad:,.0f} bad of {objective.total:,.0f}"


def _burn(burn: Burn) -> list[tables.Cell]:
    state: Meaning = "text" if burn.limit is None else "ok"
    if burn.above:
        state = "critical" if burn.severity == "critical" else "warning"
    words = "" if burn.limit is None else "above" if burn.above else "below"
    return [
        burn.window,
        number(burn.rate),
        "" if burn.limit is None else number(burn.limit),
        partial(pieces.badge, words, state) if words else "",
    ]


def _chart(points: tuple[tuple[float, float], ...], name: str, *, percentages: bool) -> None:
    if not points:
        pieces.empty("Nothing was recorded in this span.")
        return
    scale = 100 if percentages else 1
    data = [[datetime.fromtimestamp(at, UTC).isoformat(), round(value * scale, 4)] for at, value in points]
    ui.echart(
        {
            "animation": False,
            "grid": {"left": 56, "right": 16, "top": 12, "bottom": 28},
            "tooltip": {"trigger": "axis", "renderMode": "richText"},
            "xAxis": {"type": "time", "axisLabel": {"color": "#7b8798"}},
            "yAxis": {
                "type": "value",
                "scale": percentages,
                "axisLabel": {"color": "#7b8798", **({"formatter": "{value} %"} if percentages else {})},
                "splitLine": {"lineStyle": {"color": "#7b879840"}},
            },
            "series": [
                {"type": "line", "name": name, "data": data, "showSymbol": False, "areaStyle": {"opacity": 0.12}}
            ],
        }
    ).classes("chart low")
