"""An answer as a chart, in the boards' colours and by their code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median
from typing import Any

from tocsin.console.boards import drawn as boards
from tocsin.console.boards import lines, units
from tocsin.console.boards.answers import Series as Line
from tocsin.console.boards.models import PanelModel, Place
from tocsin.console.boards.palette import Palette
from tocsin.console.logs.view import Chart
from tocsin.console.metrics import Window

_COLOURS = {"CRITICAL": "purple", "ERROR": "red", "WARNING": "yellow", "INFO": "blue", "DEBUG": "text"}
"""What the lines of severities are drawn in."""

_FEW = 3
"""Times of which bars say more than a line would."""

_SEEN = 50
"""How many times as high as a bar another one may be."""

_EVEN = 0.01
"""Share of a step by which times may be off it."""

_BAR, _BESIDE, _LEAST, _USUAL = 22, 60, 120, 260
"""Pixels: of a bar, of what is around the bars, and of a chart."""

_PANEL = PanelModel(
    number=0,
    kind="timeseries",
    title="The answer",
    place=Place(0, 0, 24, 8),
    unit="short",
    calculations=("lastNotNull", "max", "sum"),
)


def drawn(chart: Chart, colours: Palette) -> boards.Chart:
    """Return lines over time where there are times enough, else bars."""
    chart = _seen(chart)
    colours = _meant(chart, colours)
    return _lines(chart, colours) if lies(chart) else _bars(chart, colours)


def lies(chart: Chart) -> bool:
    """Tell whether the chart has the time from left to right."""
    return chart.over_time and len(chart.labels) > _FEW


def height(chart: Chart) -> int:
    """Return how many pixels high the chart is: as many as its bars need."""
    bars = len(chart.labels) * len(_seen(chart).series)
    return _USUAL if lies(chart) else max(_LEAST, _BAR * bars + _BESIDE)


def short(time: str) -> str:
    """Return a time to the millisecond, or less where it is whole."""
    return time.replace("T", " ")[:23].removesuffix("Z").removesuffix(".000").removesuffix(":00")


def _meant(chart: Chart, colours: Palette) -> Palette:
    """Return the palette with the colours of what the series are called, where that has a meaning."""
    series = [
        colours.named(_COLOURS[each.name]) if each.name in _COLOURS else colours.series[at % len(colours.series)]
        for at, each in enumerate(chart.series)
    ]
    return replace(colours, series=tuple(series) or colours.series)


def _lines(chart: Chart, colours: Palette) -> boards.Chart:
    times = [_moment(label) for label in chart.labels]
    found = [
        Line(
            each.name, {}, tuple((at, value) for at, value in zip(times, each.values, strict=True) if value is not None)
        )
        for each in chart.series
    ]
    return lines.chart(_PANEL, found, Window(times[0], times[-1], _step(times)), colours)


def _moment(label: str) -> float:
    at = datetime.fromisoformat(label)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _step(times: Sequence[float]) -> float:
    """Return the seconds between two points; where they have no step, so many that no gap is seen."""
    apart = [after - before for before, after in pairwise(times)]
    usual = median(apart)
    even = usual > 0 and all(abs(each / usual - round(each / usual)) < _EVEN for each in apart)
    return usual if even else max(1.0, times[-1] - times[0])


def _seen(chart: Chart) -> Chart:
    """Return the chart without the series of which nothing would be seen beside another one."""
    sizes = [max((abs(value) for value in each.values if value is not None), default=0) for each in chart.series]
    shown = (each for each, size in zip(chart.series, sizes, strict=True) if size * _SEEN >= max(sizes))
    return chart if chart.over_time else replace(chart, series=tuple(shown))


def _bars(chart: Chart, colours: Palette) -> boards.Chart:
    labels = [short(label) if chart.over_time else label for label in chart.labels]
    label = {"color": colours.faint, "fontSize": 11}
    options: dict[str, Any] = {
        "animation": False,
        "aria": {"enabled": True, "label": {"description": f"The answer: {len(labels)} bars."}},
        "grid": {"left": 8, "right": 24, "top": 10, "bottom": 4, "containLabel": True},
        "xAxis": {
            "type": "value",
            "axisLabel": {**label, ":formatter": units.script("short")},
            "splitLine": {"lineStyle": {"color": colours.line}},
        },
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": labels,
            "axisLabel": {**label, "width": 260, "overflow": "truncate"},
            "axisLine": {"lineStyle": {"color": colours.line}},
            "axisTick": {"show": False},
        },
        "tooltip": {
            "trigger": "axis",
            "confine": True,
            "renderMode": "richText",
            "backgroundColor": colours.card,
            "borderColor": colours.line,
            "textStyle": {"color": colours.ink, "fontSize": 12},
        },
        "legend": {"show": False},
        "series": [
            {"type": "bar", "name": each.name, "data": each.values, "color": colour, "barMaxWidth": 18}
            for each, colour in zip(chart.series, colours.series, strict=True)
        ],
    }
    several = len(chart.series) > 1
    rows = (boards.LegendRow(each.name, colour) for each, colour in zip(chart.series, colours.series, strict=True))
    return boards.Chart(options, legend=tuple(rows) if several else ())
