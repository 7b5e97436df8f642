"""Heatmaps of a histogram's buckets: each cell holds what fell between one bound and the next."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tocsin.console.boards import units
from tocsin.console.boards.answers import Series
from tocsin.console.boards.drawn import Chart, Nothing
from tocsin.console.boards.models import PanelModel
from tocsin.console.boards.palette import Palette
from tocsin.console.metrics import Window


def heatmap(panel: PanelModel, found: Sequence[Series], window: Window, colours: Palette) -> Chart | Nothing:
    """Return the heatmap of series by `le`, or why there is none."""
    buckets = _buckets(found)
    if not buckets:
        return Nothing("A heatmap is drawn of buckets, which have the label le; the answer has none.", away=True)
    unit = str((panel.options.get("yAxis") or {}).get("unit") or "")
    moments = {window.start + step * window.step: step for step in range(_steps(window) + 1)}
    rows = [f"≤ {units.spelled(bound, unit)}" if math.isfinite(bound) else "more" for bound, _ in buckets]
    cells = [
        [moments[at], row, float(f"{count:.4g}")]
        for row, (_, points) in enumerate(between(buckets))
        for at, count in points.items()
        if count > 0 and at in moments
    ]
    options = {
        "animation": False,
        "aria": {
            "enabled": True,
            "label": {"description": f"{panel.title}: how many fell into each bucket, over time."},
        },
        "grid": {"left": 8, "right": 24, "top": 6, "bottom": 4, "containLabel": True},
        "tooltip": {"confine": True, "backgroundColor": colours.card, "textStyle": {"color": colours.ink}},
        "xAxis": {
            "type": "category",
            "data": [round(at * 1000) for at in moments],
            "axisLabel": {"color": colours.faint, "fontSize": 11, ":formatter": CLOCK},
            "axisTick": {"show": False},
            "axisLine": {"lineStyle": {"color": colours.line}},
        },
        "yAxis": {
            "type": "category",
            "data": rows,
            "axisLabel": {"color": colours.faint, "fontSize": 11, "hideOverlap": True},
            "axisTick": {"show": False},
            "axisLine": {"show": False},
        },
        "visualMap": {
            "show": False,
            "min": 0,
            "max": max((cell[2] for cell in cells), default=1.0),
            "inRange": {"color": list(colours.heat)},
        },
        "series": [{"type": "heatmap", "name": panel.title, "data": cells, "progressive": 0}],
    }
    return Chart(options)


CLOCK = "at => new Date(+at).toLocaleTimeString([], {hour: '2-digit', minute: '2-digit', hour12: false})"
"""The script that writes the times below a heatmap."""


def _steps(window: Window) -> int:
    return round((window.end - window.start) / window.step)


Bucket = tuple[float, dict[float, float]]
"""The upper bound of a bucket, and its count at each time."""


def _buckets(found: Sequence[Series]) -> list[Bucket]:
    sums: dict[float, dict[float, float]] = {}
    for each in found:
        try:
            bound = float(each.labels["le"])
        except (KeyError, ValueError):
            continue
        counts = sums.setdefault(bound, {})
        for at, value in each.points:
            if math.isfinite(value):
                counts[at] = counts.get(at, 0.0) + value
    return sorted(sums.items())


def between(buckets: Sequence[Bucket]) -> list[Bucket]:
    """Return what fell between each bound and the one before, never less than nothing."""
    before: dict[float, float] = {}
    differences: list[Bucket] = []
    for bound, counts in buckets:
        differences.append((bound, {at: max(0.0, count - before.get(at, 0.0)) for at, count in counts.items()}))
        before = counts
    return differences
