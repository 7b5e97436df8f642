"""Single values: large numbers, gauges, bars and shares."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from tocsin.console import sparks
from tocsin.console.boards import units
from tocsin.console.boards.answers import Series, style
from tocsin.console.boards.drawn import Chart, LegendRow, Number, Numbers
from tocsin.console.boards.fields import mapped
from tocsin.console.boards.models import PanelModel
from tocsin.console.boards.palette import Palette
from tocsin.console.metrics import Window


def numbers(panel: PanelModel, found: Sequence[Series], window: Window, colours: Palette) -> Numbers:
    """Return each series' value, coloured by its threshold, over its line."""
    return Numbers(tuple(_number(panel, each, window, colours) for each in found))


def _number(panel: PanelModel, each: Series, window: Window, colours: Palette) -> Number:
    panel = style(panel, each)
    value = _value(panel, each)
    colour = colour_of(panel, value, colours)
    lined = panel.options.get("graphMode", "area") != "none" and len(each.points) > 1
    line = sparks.path(each.points, window.start, window.end) if lined else ""
    return Number(each.name, text_of(panel, value), colour, line)


def gauge(panel: PanelModel, found: Sequence[Series], colours: Palette) -> Chart:
    """Return a dial for each series."""
    low, high = _range(panel, found)
    dials = [
        _dial(panel, each, (low, high), colours, ((index + 0.5) / len(found), len(found)))
        for index, each in enumerate(found)
    ]
    return Chart({"animation": False, "aria": _aria(panel, found), "series": dials})


def _dial(
    panel: PanelModel, each: Series, ends: tuple[float, float], colours: Palette, place: tuple[float, int]
) -> dict[str, Any]:
    panel = style(panel, each)
    value, (low, high) = _value(panel, each), ends
    held = min(high, max(low, value)) if math.isfinite(value) else low
    detail = {"show": True, "formatter": _plain(text_of(panel, value)), "fontSize": 24, "offsetCenter": [0, "-6%"]}
    return {
        "type": "gauge",
        "center": [f"{place[0] * 100:.1f}%", "66%"],
        "radius": f"{100 if place[1] == 1 else 180 / place[1]:.0f}%",
        "startAngle": 190,
        "endAngle": -10,
        "min": low,
        "max": high,
        "progress": {"show": True, "width": 14, "itemStyle": {"color": colour_of(panel, value, colours)}},
        "axisLine": {"lineStyle": {"width": 14, "color": [[1, colours.line]]}},
        "pointer": {"show": False},
        "axisTick": {"show": False},
        "splitLine": {"show": False},
        "axisLabel": {"show": False},
        "title": {"color": colours.faint, "fontSize": 12, "offsetCenter": [0, "20%"]},
        "detail": {**detail, "color": colour_of(panel, value, colours)},
        "data": [{"value": held, "name": each.name}],
    }


def bars(panel: PanelModel, found: Sequence[Series], colours: Palette) -> Chart:
    """Return a bar for each series, with its value at its end."""
    low, high = _range(panel, found)
    values = [_value(panel, each) for each in found]
    data = [
        {
            "value": value if math.isfinite(value) else None,
            "itemStyle": {"color": colour_of(style(panel, each), value, colours)},
            "label": {"show": True, "formatter": _plain(text_of(style(panel, each), value))},
        }
        for each, value in zip(found, values, strict=True)
    ]
    label = {"position": "right", "color": colours.ink, "fontSize": 11}
    options = {
        "animation": False,
        "aria": _aria(panel, found),
        "grid": {"left": 4, "right": 64, "top": 4, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "value", "min": min(low, *values, 0.0), "max": high, "show": False},
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": [each.name for each in found],
            "axisLine": {"show": False},
            "axisTick": {"show": False},
            "axisLabel": {"color": colours.ink, "fontSize": 11, "width": 170, "overflow": "truncate", "interval": 0},
        },
        "series": [
            {
                "type": "bar",
                "data": data,
                "barMaxWidth": 18,
                "label": label,
                "showBackground": True,
                "backgroundStyle": {"color": colours.line},
            }
        ],
    }
    return Chart(options)


def shares(panel: PanelModel, found: Sequence[Series], colours: Palette) -> Chart:
    """Return the series as shares of a whole, largest first, with their values and per cents in the legend."""
    parts = sorted(((_value(panel, each), each) for each in found), key=lambda part: (-part[0], part[1].name))
    parts = [part for part in parts if math.isfinite(part[0]) and part[0] > 0]
    whole = sum(value for value, _ in parts)
    named = [
        (value, style(panel, each), each.name, series_colour(style(panel, each), index, colours))
        for index, (value, each) in enumerate(parts)
    ]
    options = {
        "animation": False,
        "aria": _aria(panel, found),
        "tooltip": {
            "trigger": "item",
            "confine": True,
            "backgroundColor": colours.card,
            "textStyle": {"color": colours.ink, "fontSize": 12},
            ":valueFormatter": units.script(panel.unit),
        },
        "series": [
            {
                "type": "pie",
                "radius": ["52%", "88%"] if panel.options.get("pieType") == "donut" else "88%",
                "label": {"show": False},
                "itemStyle": {"borderColor": colours.card, "borderWidth": 2},
                "data": [
                    {"value": value, "name": name, "itemStyle": {"color": colour}} for value, _, name, colour in named
                ],
            }
        ],
    }
    rows = (
        LegendRow(name, colour, (text_of(own, value), f"{value / whole:.0%}")) for value, own, name, colour in named
    )
    return Chart(options, ("Value", "Share"), tuple(rows), beside=True)


def colour_of(panel: PanelModel, value: float, colours: Palette) -> str:
    """Return the colour of the words in place of *value*, else the panel's own, else that of its threshold."""
    told = mapped(panel.mappings, value)
    if told and told[1]:
        return colours.named(told[1])
    if panel.colour:
        return colours.named(panel.colour)
    reached = [
        each.colour for each in panel.thresholds if each.value is None or (math.isfinite(value) and value >= each.value)
    ]
    return colours.named(reached[-1]) if reached and math.isfinite(value) else colours.ink


def series_colour(panel: PanelModel, index: int, colours: Palette) -> str:
    """Return the colour of a series, the panel's own or the next."""
    return colours.named(panel.colour) if panel.colour else colours.series[index % len(colours.series)]


def text_of(panel: PanelModel, value: float) -> str:
    """Return *value* in words: those that stand in its place, or else in its unit."""
    if told := mapped(panel.mappings, value):
        return told[0]
    if math.isnan(value):
        return panel.no_value or "no value"
    return units.spelled(value, panel.unit, panel.decimals)


def _value(panel: PanelModel, each: Series) -> float:
    return each.reduced(panel.calculations[0] if panel.calculations else "lastNotNull")


def _range(panel: PanelModel, found: Sequence[Series]) -> tuple[float, float]:
    values = [value for each in found if math.isfinite(value := _value(panel, each))]
    low = 0.0 if panel.least is None else panel.least
    high = (max(values, default=1.0) if panel.unit != "percentunit" else 1.0) if panel.most is None else panel.most
    return low, high if high > low else low + 1.0


def _aria(panel: PanelModel, found: Sequence[Series]) -> dict[str, Any]:
    said = "; ".join(f"{each.name} {text_of(style(panel, each), _value(panel, each))}" for each in found)
    return {"enabled": True, "label": {"description": f"{panel.title}: {said}."}}


def _plain(text: str) -> str:
    """Return *text* without the braces that ECharts would read as a template."""
    return text.replace("{", "(").replace("}", ")")
