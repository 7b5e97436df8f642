"""Where panes stand: in reading order, from left to right, each line as wide as the board."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grafana_foundation_sdk.models.dashboard import GridPos

from tocsin.derive import Pane

WIDTH = 24

_SIZES = {"stat": (6, 4), "gauge": (6, 8), "table": (24, 8), "heatmap": (12, 8), "bargauge": (12, 8)}
_USUAL = (8, 8)
"""Columns and rows of a pane, of which those in a line share what is left over."""


def placed(panes: Sequence[Pane], top: int) -> Iterator[tuple[Pane, GridPos]]:
    """Yield each pane with its place, from row *top* on."""
    for line in _lines(panes):
        height = max(_size(pane)[1] for pane in line)
        left = 0
        for pane, width in zip(line, _widths(line), strict=True):
            yield pane, GridPos(h=height, w=width, x=left, y=top)
            left += width
        top += height


def _lines(panes: Sequence[Pane]) -> Iterator[list[Pane]]:
    line: list[Pane] = []
    for pane in panes:
        if line and sum(_size(each)[0] for each in (*line, pane)) > WIDTH:
            yield line
            line = []
        line.append(pane)
    if line:
        yield line


def _widths(line: list[Pane]) -> list[int]:
    """Return the widths of a line's panes, which grow alike until the line is full."""
    total = sum(_size(pane)[0] for pane in line)
    ends = [round(WIDTH * sum(_size(pane)[0] for pane in line[: count + 1]) / total) for count in range(len(line))]
    return [end - start for start, end in zip((0, *ends), ends, strict=False)]


def _size(pane: Pane) -> tuple[int, int]:
    return _SIZES.get(pane.panel.kind, _USUAL)
