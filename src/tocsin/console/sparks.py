"""Lines without axes, as paths of SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence

_WIDTH, _HEIGHT, _EDGE = 100.0, 24.0, 1.5

VIEW = f"0 0 {_WIDTH:g} {_HEIGHT:g}"
"""The view box in which the paths are drawn."""


def path(points: Sequence[tuple[float, float]], start: float, end: float, floor: float | None = None) -> str:
    """Return the path of *points*, pairs of a time and a value, from *start* to *end*.

    The lowest value is at the bottom, or *floor* if that is lower; what is no number breaks the line.
    """
    values = [value for _, value in points if math.isfinite(value)]
    if not values or end <= start:
        return ""
    low, high = min(values), max(values)
    low = low if floor is None else min(low, floor)
    flat = 0.5 if floor is None else 0.0
    room, height = _HEIGHT - 2 * _EDGE, high - low
    words, pen = [], "M"
    for at, value in points:
        if not math.isfinite(value):
            pen = "M"
            continue
        share = (value - low) / height if height else flat
        words.append(f"{pen}{_WIDTH * (at - start) / (end - start):.1f} {_EDGE + room * (1 - share):.1f}")
        pen = "L"
    return "".join(words)
