"""Draws how a budget went: its course over time, and the stretches in which it was eaten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlencode

from nicegui import ui

from tocsin.console import pieces, tables
from tocsin.console.boards.palette import Palette
from tocsin.console.objectives.eaten import Bite, Part
from tocsin.console.objectives.view import Objective, Objectives
from tocsin.console.spelling import clock, lasting, number, percent

_HEADS = ("When", "Burn at most", "Budget spent", "Bad events", "Alerts")
_AROUND = 300


def draw_course(
    points: Sequence[tuple[float, float]], span: tuple[float, float], ground: Palette, *, percentages: bool
) -> None:
    """Draw a line over the span: parts of a budget in percent with the line below which it is gone, or burns."""
    if not points:
        pieces.empty("Nothing was recorded in this span.")
        return
    scale, at_most = (100, 0.0) if percentages else (1, 1.0)
    colour, alarm = ground.series[0], ground.named("red")
    mark = {"yAxis": at_most, "label": {"show": False}, "lineStyle": {"color": alarm, "type": "dashed"}}
    ui.echart(
        {
            "animation": False,
            "grid": {"left": 64, "right": 16, "top": 12, "bottom": 28},
            "tooltip": {"trigger": "axis", "renderMode": "richText"},
            "xAxis": {
                "type": "time",
                "min": span[0] * 1000,
                "max": span[1] * 1000,
                "axisLabel": {"color": ground.faint, "hideOverlap": True},
                "axisLine": {"lineStyle": {"color": ground.line}},
            },
            "yAxis": {
                "type": "value",
                "axisLabel": {"color": ground.faint, **({"formatter": "{value} %"} if percentages else {})},
                "splitLine": {"lineStyle": {"color": ground.line}},
            },
            "series": [
                {
                    "type": "line",
                    "name": "left, in percent" if percentages else "burn",
                    "data": [[at * 1000, round(value * scale, 4)] for at, value in points],
                    "showSymbol": len(points) == 1,
                    "color": colour,
                    "areaStyle": {"opacity": 0.12},
                    "markLine": {"silent": True, "symbol": "none", "data": [mark]},
                }
            ],
        }
    ).classes("chart low")


def draw_eaten(view: Objectives, objective: Objective) -> None:
    """Draw the stretches that spent most, with the events that were bad and the alerts that told of it."""
    if not view.burning:
        pieces.empty("Not known: nothing was recorded in this span.")
        return
    if not view.eaten:
        pieces.empty("Nothing: it was never spent faster than promised.")
        return
    tables.table("What ate it", _HEADS, [_row(bite, view, objective) for bite in view.eaten], (1, 2))
    pieces.words(f"Spent is of the whole budget of {view.period}, at traffic that stays as it is.", "p", "faint note")


def _row(bite: Bite, view: Objectives, objective: Objective) -> list[tables.Cell]:
    return [
        partial(_when, bite, objective),
        number(bite.peak),
        percent(bite.spent),
        partial(_parts, bite.parts),
        partial(_alerts, bite, view),
    ]


def _when(bite: Bite, objective: Objective) -> None:
    pieces.words(clock(_moment(bite.start)), "strong", "kept")
    took = lasting(bite.end - bite.start)
    pieces.words(f", {took} so far" if bite.open else f", for {took}", "span", "faint")
    around = {"from": f"{(bite.start - _AROUND) * 1000:.0f}", "to": f"{bite.end * 1000:.0f}"}
    with ui.element("div").classes("row"):
        ui.link("Board", f"/boards?{urlencode({'uid': f'tocsin-{objective.service}-health', **around})}")
        ui.link("Logs", f"/logs?{urlencode({'service': objective.service, **around})}")


def _parts(parts: Sequence[Part]) -> None:
    if not parts:
        pieces.words("not told apart by labels", "span", "faint")
    for part in parts:
        with ui.element("div"):
            pieces.words(f"{part.events:,.0f}", "strong")
            pieces.words(" " + " ".join(value for _, value in part.labels), "span").props["title"] = ", ".join(
                f"{name}={value}" for name, value in part.labels
            )


def _alerts(bite: Bite, view: Objectives) -> None:
    told = [
        each
        for each in view.episodes
        if each.since <= bite.end and (each.over is None or each.over >= bite.start) and each.fired is not None
    ]
    if not told:
        pieces.words("none", "span", "faint")
    for each in told:
        with ui.element("div"):
            pieces.words(each.name, "span", f"ink-{'critical' if each.severity == 'critical' else 'warning'}")
            pieces.words(f" {clock(_moment(each.fired or each.since))}", "span", "faint kept")


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
