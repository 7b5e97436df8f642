"""What of a chart has changed: a board that is refreshed sends that alone, not every point of every line again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Options = Mapping[str, Any]

Points = tuple[int, int, list[Any]]
"""How many points of a series fall away at its beginning, how many stay after those, and what is added."""


@dataclass(frozen=True, slots=True)
class Change:
    """What to set in a chart: *options* without points, and what becomes of each series' points, None if they stay."""

    options: dict[str, Any]
    points: tuple[Points | None, ...]


def beginning(options: Options) -> tuple[dict[str, Any], Change]:
    """Return *options*, of ECharts, without the points of their series, and the change that puts them there."""
    series = options.get("series") or []
    bare = [{**each, "data": []} if _has_points(each) else each for each in series]
    points = tuple((0, 0, each["data"]) if _has_points(each) else None for each in series)
    return {**options, "series": bare}, Change({}, points)


def change(before: Options, after: Options) -> Change | None:
    """Return what turns *before* into *after*, options of ECharts; None if only setting all of them anew does."""
    was, now = before.get("series") or [], after.get("series") or []
    if len(was) != len(now):
        return None
    found = _differing({**before, "series": _pointless(was)}, {**after, "series": _pointless(now)})
    if found is None or _holds_code(found):
        return None
    return Change(found, tuple(_points(old, new) for old, new in zip(was, now, strict=True)))


def _has_points(series: Options) -> bool:
    data = series.get("data")
    return isinstance(data, list) and all(isinstance(point, list) for point in data)


def _pointless(series: Sequence[Options]) -> dict[str, Any]:
    bare = ({**each, "data": None} if _has_points(each) else each for each in series)
    return {str(number): each for number, each in enumerate(bare)}


def _points(was: Options, now: Options) -> Points | None:
    if not _has_points(now) or was.get("data") == now["data"]:
        return None
    before, after = was["data"] if _has_points(was) else [], now["data"]
    if not before or not after:
        return 0, 0, after
    drop = next((number for number, point in enumerate(before) if point == after[0]), len(before))
    kept = list(before[drop:])
    keep = next(
        (number for number, (old, new) in enumerate(zip(kept, after, strict=False)) if old != new),
        min(len(kept), len(after)),
    )
    return drop, keep, list(after[keep:])


def _differing(before: Options, after: Options) -> dict[str, Any] | None:
    """Return the options that differ, at any depth; None if one is there no more, for setting cannot take it out."""
    if before.keys() - after.keys():
        return None
    found: dict[str, Any] = {}
    for name, value in after.items():
        old = before.get(name)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            within = _differing(old, value)
            if within is None:
                return None
            if within:
                found[name] = within
        elif name not in before or old != value:
            found[name] = value
    return found


def _holds_code(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(str(name).startswith(":") or _holds_code(each) for name, each in value.items())
    return isinstance(value, list) and any(map(_holds_code, value))
