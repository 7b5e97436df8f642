"""Lines over time: a panel of time series."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from tocsin.console.boards import units
from tocsin.console.boards.answers import CALCULATIONS, Series, style
from tocsin.console.boards.drawn import Chart, LegendRow
from tocsin.console.boards.models import PanelModel
from tocsin.console.boards.palette import Palette
from tocsin.console.boards.values import series_colour, text_of
from tocsin.console.metrics import Exemplar, Window

MOST = 40
"""Series that are drawn in one panel; the rest is said to be left out."""

STARTED = " started"
"""What follows the name of a service, in a mark of its start."""

_COLUMN, _LABEL = 52.0, 120.0
"""Pixels of one of a board's columns on a usual screen, and of what is written to a mark."""

_SLOWEST = 3
"""Traces that are named below a chart."""


TRACES = "A traced request"
"""What the series of exemplars is called; `static/charts.js` opens what is pressed in it."""

_MOST_DOTS = 200

_Row = tuple[PanelModel, Series, str]
"""How a series is shown, the series, and its colour."""


class Mark(NamedTuple):
    """Something that happened: when, in seconds since the epoch, what, and its colour, by Grafana's name."""

    at: float
    what: str
    colour: str = "blue"


def chart(
    panel: PanelModel,
    found: Sequence[Series],
    window: Window,
    colours: Palette,
    *,
    marks: Sequence[Mark] = (),
    dots: Sequence[Exemplar] = (),
) -> Chart:
    """Return the lines of *found*, with the panel's thresholds, what happened meanwhile, and as dots, traces."""
    shown = found[:MOST]
    own = [style(panel, each) for each in shown]
    painted = [series_colour(each, index, colours) for index, each in enumerate(own)]
    drawn = [_line(*each, window) for each in zip(own, shown, painted, strict=True)]
    if drawn:
        drawn[0]["markLine"] = _mark_line(panel, colours, marks, window)
    if dots:
        drawn.append(_dots(panel, dots, colours))
    options = {
        "animation": False,
        "aria": {"enabled": True, "label": {"description": f"{panel.title}: {len(shown)} lines over time."}},
        "grid": {"left": 8, "right": 24, "top": 24 if marks else 10, "bottom": 4, "containLabel": True},
        "xAxis": time_axis(window, colours),
        "yAxis": _axes(panel, own, shown, colours),
        "tooltip": _tooltip(panel, colours),
        # Its button lies out of sight: dragging over the chart zooms.
        "toolbox": {"top": -100, "feature": {"dataZoom": {"yAxisIndex": False}}},
        "legend": {"show": False},
        "series": drawn,
    }
    known = [name for name in panel.calculations if name in CALCULATIONS]
    rows = (_row(*shown_so, known) for shown_so in _ordered(panel, zip(own, shown, painted, strict=True)))
    return Chart(
        options,
        tuple(CALCULATIONS[name] for name in known),
        tuple(rows) if panel.legend else (),
        zooms=True,
        traces=tuple((f"{units.spelled(dot.value, panel.unit)}", dot.trace) for dot in _slowest(dots)),
    )


def _ordered(panel: PanelModel, rows: Iterable[_Row]) -> list[_Row]:
    """Return the series as the legend is to be sorted, those without a value last."""
    by = next((name for name, head in CALCULATIONS.items() if head == panel.order.removesuffix(" *")), None)
    if by is None:
        return list(rows)
    ordered = sorted(rows, key=lambda row: row[1].name)
    ordered.sort(key=lambda row: row[1].reduced(by) if row[1].values else 0.0, reverse=panel.descending)
    return sorted(ordered, key=lambda row: not row[1].values)


def _slowest(dots: Sequence[Exemplar]) -> list[Exemplar]:
    return sorted(dots, key=lambda dot: -dot.value)[:_SLOWEST]


def _dots(panel: PanelModel, dots: Sequence[Exemplar], colours: Palette) -> dict[str, Any]:
    """Return the requests behind the lines; a press on one opens its trace, which is its name."""
    return {
        "type": "scatter",
        "name": TRACES,
        "data": [
            {"value": [round(dot.at * 1000), float(f"{dot.value:.6g}")], "name": dot.trace}
            for dot in dots[-_MOST_DOTS:]
        ],
        "symbol": "diamond",
        "symbolSize": 8,
        "color": colours.ink,
        "itemStyle": {"opacity": 0.75, "borderColor": colours.card, "borderWidth": 1},
        "tooltip": {":valueFormatter": units.script(panel.unit)},
    }


def _axes(
    panel: PanelModel, own: Sequence[PanelModel], shown: Sequence[Series], colours: Palette
) -> list[dict[str, Any]]:
    """Return the axis on the left, and that on the right, in the unit of the first series there, if one is there."""
    pairs = list(zip(own, shown, strict=True))
    left = [(each, line) for each, line in pairs if not each.right]
    right = [(each, line) for each, line in pairs if each.right]
    axes = [value_axis(left[0][0] if left else panel, [line for _, line in left], colours)]
    if right:
        axis = value_axis(right[0][0], [line for _, line in right], colours)
        axes.append({**axis, "position": "right", "splitLine": {"show": False}})
    return axes


def time_axis(window: Window, colours: Palette) -> dict[str, Any]:
    """Return the axis of the time, which shows the whole window."""
    return {
        "type": "time",
        "min": window.start * 1000,
        "max": window.end * 1000,
        "axisLine": {"lineStyle": {"color": colours.line}},
        "axisTick": {"show": False},
        "axisLabel": {"color": colours.faint, "fontSize": 11, "hideOverlap": True},
        "splitLine": {"show": False},
    }


def value_axis(panel: PanelModel, found: Sequence[Series], colours: Palette) -> dict[str, Any]:
    """Return the axis of the values, in the panel's unit; where all are nothing it reaches to the highest threshold."""
    idle = not any(value for each in found for value in each.values)
    bounds = [each.value for each in panel.thresholds if each.value is not None]
    most = 1.2 * max(bounds, default=1.0) if idle and panel.most is None else panel.most
    return {
        "type": "value",
        "scale": panel.least is None and not panel.grounded and panel.unit not in _FROM_ZERO,
        **({} if panel.least is None else {"min": panel.least}),
        **({} if not most else {"max": most}),
        **_ticks(panel, found),
        "splitNumber": 4,
        "axisLabel": {"color": colours.faint, "fontSize": 11, ":formatter": units.script(panel.unit)},
        "splitLine": {"lineStyle": {"color": colours.line}},
    }


def _ticks(panel: PanelModel, found: Sequence[Series]) -> dict[str, Any]:
    """Return the ticks of units that are not counted in tens: of truth, of bytes, of minutes and hours."""
    if panel.unit == "bool":
        return {"min": 0, "max": 1, "interval": 1}
    values = [value for each in found for value in each.values if math.isfinite(value)]
    if panel.stacked or panel.most is not None or min(values, default=-1.0) < 0:
        return {}
    interval = units.interval(panel.unit, max(values) / 4)
    return {"interval": interval, "max": math.ceil(max(values) / interval) * interval} if interval else {}


_FROM_ZERO = frozenset(
    {"", "short", "none", "reqps", "ops", "cpm", "percent", "percentunit", "s", "ms", "bytes", "bool"}
)


def pairs(points: Sequence[tuple[float, float]], step: float) -> list[list[float | int | None]]:
    """Return points in milliseconds; where some are missing there is a gap, as there is for what is no number."""
    found: list[list[float | int | None]] = []
    before: float | None = None
    for at, value in points:
        if before is not None and at - before > 1.5 * step:
            found.append([round((before + step) * 1000), None])
        found.append([round(at * 1000), float(f"{value:.6g}") if math.isfinite(value) else None])
        before = at
    return found


def _line(panel: PanelModel, each: Series, colour: str, window: Window) -> dict[str, Any]:
    bars, points = panel.style == "bars", panel.style == "points"
    return {
        "type": "bar" if bars else "line",
        "name": each.name,
        "data": pairs(each.points, window.step),
        "color": colour,
        "emphasis": {"disabled": True},
        "yAxisIndex": int(panel.right),
        "tooltip": {":valueFormatter": units.script(panel.unit)},
        **({"stack": "all"} if panel.stacked else {}),
        **({} if bars else {"showSymbol": points or len(each.points) == 1, "symbolSize": 5}),
        **({} if bars else {"lineStyle": {"width": 0 if points else max(1.0, panel.width) + 0.5}}),
        **({"areaStyle": {"opacity": panel.fill / 100}} if panel.fill and panel.style == "line" else {}),
    }


def _mark_line(panel: PanelModel, colours: Palette, marks: Sequence[Mark], window: Window) -> dict[str, Any]:
    return {
        "silent": True,
        "symbol": "none",
        "label": {"show": False},
        "data": [*(_thresholds(panel, colours) if panel.dashed else ()), *_happened(panel, colours, marks, window)],
    }


def _thresholds(panel: PanelModel, colours: Palette) -> Iterator[dict[str, Any]]:
    for threshold in panel.thresholds:
        if threshold.value is not None:
            style = {"color": colours.named(threshold.colour), "type": "dashed", "width": 1.2}
            yield {"yAxis": threshold.value, "lineStyle": style}


def _happened(panel: PanelModel, colours: Palette, marks: Sequence[Mark], window: Window) -> Iterator[dict[str, Any]]:
    room = max(1.0, panel.place.width * _COLUMN / _LABEL)
    for at, together in gathered(marks, (window.end - window.start) / room).items():
        if window.start <= at <= window.end:
            late = at > window.end - (window.end - window.start) / room
            colour = colours.named("red" if any(each.colour == "red" for each in together) else together[0].colour)
            label = {
                "show": True,
                "formatter": _no_template(_in_words(together)),
                "color": colour,
                "fontSize": 10,
                "width": _LABEL,
                "overflow": "truncate",
                "rotate": 0,
                "position": "end",
                "distance": 4,
                "align": "right" if late else "left",
            }
            style = {"color": colour, "type": "dotted", "width": 1}
            yield {"xAxis": round(at * 1000), "lineStyle": style, "label": label}


def _in_words(together: Sequence[Mark]) -> str:
    """Return what happened at about one time: what alone, or how many services started and how many alerts rang."""
    starts = [each.what for each in together if each.what.endswith(STARTED)]
    rings = [each.what for each in together if not each.what.endswith(STARTED)]
    words = [rings[0] if len(rings) == 1 else f"{len(rings)} alerts" if rings else ""]
    words += [starts[0] if len(starts) == 1 else f"{len(starts)}{STARTED}" if starts else ""]
    return ", ".join(filter(None, words))


def gathered(marks: Sequence[Mark], near: float) -> dict[float, list[Mark]]:
    """Return what happened by its time; what happened less than *near* seconds after something is told with it."""
    found: dict[float, list[Mark]] = {}
    for mark in sorted(marks):
        last = next(reversed(found), None)
        found.setdefault(mark.at if last is None or mark.at - last >= near else last, []).append(mark)
    return found


def _no_template(text: str) -> str:
    """Return *text* without the braces that ECharts would read as a template."""
    return text.replace("{", "(").replace("}", ")")


def _tooltip(panel: PanelModel, colours: Palette) -> dict[str, Any]:
    return {
        "trigger": "axis",
        "confine": True,
        "order": "valueDesc",
        "backgroundColor": colours.card,
        "borderColor": colours.line,
        "textStyle": {"color": colours.ink, "fontSize": 12},
        ":valueFormatter": units.script(panel.unit),
    }


def _row(panel: PanelModel, each: Series, colour: str, known: Sequence[str]) -> LegendRow:
    values = (text_of(panel, each.reduced(name)) for name in known)
    return LegendRow(each.name, colour, tuple(values))
