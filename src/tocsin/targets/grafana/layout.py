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


def _lines(panes: Sequence[Pane]) -> Iterator[Sequence[Pane]]:
    """Yield as few lines as there can be, each about as full as those after it."""
    while panes:
        share = sum(_size(pane)[0] for pane in panes) / _count(panes)
        taken, filled = 0, 0
        while taken < len(panes) and filled < share and filled + _size(panes[taken])[0] <= WIDTH:
            filled += _size(panes[taken])[0]
            taken += 1
        yield panes[:taken]
        panes = panes[taken:]


def _count(panes: Sequence[Pane]) -> int:
    """Return how many lines *panes* take where each is filled before the next."""
    count, filled = 1, 0
    for width, _ in map(_size, panes):
        count, filled = (count, filled + width) if filled + width <= WIDTH else (count + 1, width)
    return count


def _widths(line: Sequence[Pane]) -> list[int]:
    """Return the widths of a line's panes, which grow alike until the line is full."""
    total = sum(_size(pane)[0] for pane in line)
    ends = [round(WIDTH * sum(_size(pane)[0] for pane in line[: count + 1]) / total) for count in range(len(line))]
    return [end - start for start, end in zip((0, *ends), ends, strict=False)]


def _size(pane: Pane) -> tuple[int, int]:
    return _SIZES.get(pane.panel.kind, _USUAL)
