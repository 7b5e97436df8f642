"""Lines over time: a panel of time series."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from tocsin.console.boards import units
from tocsin.console.boards.answers import CALCULATIONS, Series, style
from tocsin.console.boards.drawn import Chart, LegendRow
from tocsin.console.boards.models import PanelModel
from tocsin.console.boards.palette import Palette
from tocsin.console.boards.values import series_colour, text_of
from tocsin.console.metrics import Window

MOST = 40
"""Series that are drawn in one panel; the rest is said to be left out."""

_APART = 24
"""Marks that a chart has room for."""

Mark = tuple[float, str]
"""Something that happened: when, in seconds since the epoch, and what."""


def chart(
    panel: PanelModel, found: Sequence[Series], window: Window, colours: Palette, marks: Sequence[Mark] = ()
) -> Chart:
    """Return the lines of *found*, with the panel's thresholds and, dotted, what happened meanwhile."""
    shown = _ordered(panel, found)[:MOST]
    own = [style(panel, each) for each in shown]
    painted = [series_colour(each, index, colours) for index, each in enumerate(own)]
    drawn = [_line(*each, window) for each in zip(own, shown, painted, strict=True)]
    if drawn:
        drawn[0]["markLine"] = _mark_line(panel, colours, marks, window)
    options = {
        "animation": False,
        "aria": {"enabled": True, "label": {"description": f"{panel.title}: {len(shown)} lines over time."}},
        "grid": {"left": 8, "right": 24, "top": 10, "bottom": 4, "containLabel": True},
        "xAxis": time_axis(window, colours),
        "yAxis": _axes(panel, own, shown, colours),
        "tooltip": _tooltip(panel, colours),
        # Its button lies out of sight: dragging over the chart zooms.
        "toolbox": {"top": -100, "feature": {"dataZoom": {"yAxisIndex": False}}},
        "legend": {"show": False},
        "series": drawn,
    }
    known = [name for name in panel.calculations if name in CALCULATIONS]
    rows = (_row(*each, known) for each in zip(own, shown, painted, strict=True))
    return Chart(
        options,
        tuple(CALCULATIONS[name] for name in known),
        tuple(rows) if panel.legend else (),
        zooms=True,
    )


def _ordered(panel: PanelModel, found: Sequence[Series]) -> list[Series]:
    """Return the series as the legend is to be sorted, those without a value last."""
    by = next((name for name, head in CALCULATIONS.items() if head == panel.order.removesuffix(" *")), None)
    if by is None:
        return list(found)
    some = [each for each in found if each.values]
    none = [each for each in found if not each.values]
    return [*sorted(some, key=lambda each: each.reduced(by), reverse=panel.descending), *none]


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
        "scale": panel.least is None and panel.unit not in _FROM_ZERO,
        **({} if panel.least is None else {"min": panel.least}),
        **({} if not most else {"max": most}),
        "splitNumber": 4,
        "axisLabel": {"color": colours.faint, "fontSize": 11, ":formatter": units.script(panel.unit)},
        "splitLine": {"lineStyle": {"color": colours.line}},
    }


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
        "data": [*(_thresholds(panel, colours) if panel.dashed else ()), *_happened(colours, marks, window)],
    }


def _thresholds(panel: PanelModel, colours: Palette) -> Iterator[dict[str, Any]]:
    for threshold in panel.thresholds:
        if threshold.value is not None:
            style = {"color": colours.named(threshold.colour), "type": "dashed", "width": 1.2}
            yield {"yAxis": threshold.value, "lineStyle": style}


def _happened(colours: Palette, marks: Sequence[Mark], window: Window) -> Iterator[dict[str, Any]]:
    near = (window.end - window.start) / _APART
    for at, names in gathered(marks, near).items():
        if window.start <= at <= window.end:
            what = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
            label = {"show": True, "formatter": _no_template(what), "color": colours.faint, "fontSize": 10}
            style = {"color": colours.names["blue"], "type": "dotted", "width": 1}
            yield {"xAxis": round(at * 1000), "lineStyle": style, "label": {**label, "position": "insideEndTop"}}


def gathered(marks: Sequence[Mark], near: float) -> dict[float, list[str]]:
    """Return what happened by its time; what happened less than *near* seconds after something is told with it."""
    found: dict[float, list[str]] = {}
    for at, what in sorted(marks):
        last = next(reversed(found), None)
        found.setdefault(at if last is None or at - last >= near else last, []).append(what)
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
