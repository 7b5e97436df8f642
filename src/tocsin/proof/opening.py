"""When opening hours begin and end, in the first days after the epoch, on which every rehearsal takes place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tocsin.model import Hours

_EPOCH_DAY = 4
"""The first of January 1970 was a Thursday."""
_DAY, _WEEK = 86_400, 7 * 86_400


def openings(hours: Hours) -> Iterator[tuple[float, float]]:
    """Yield the first opening after the epoch, and the first of each that is at other times of the day."""
    seen: set[tuple[float, float]] = set()
    begins, ends = opening(hours)
    week = begins + _WEEK
    while begins < week:
        times = (begins % _DAY, ends - begins)
        if times not in seen:
            seen.add(times)
            yield begins, ends
        begins, ends = opening(hours, ends)


def opening(hours: Hours, since: float = 0.0) -> tuple[float, float]:
    """Return the first opening *since* some seconds after the epoch, as its beginning and its end; at most a week long.

    The zone's offset is that of the beginning of 2026, as it is for the rules at any earlier time.
    """
    offset = datetime(2026, 1, 1, tzinfo=UTC).astimezone(ZoneInfo(hours.zone)).utcoffset()
    ahead = offset.total_seconds() if offset else 0.0
    spans = [((day * _DAY + opens - ahead) % _WEEK, closes - opens) for day, opens, closes in _since_the_epoch(hours)]
    begins = ends = min(since + (start - since) % _WEEK for start, _ in spans)
    while ends < begins + _WEEK:
        left = max((length - (ends - start) % _WEEK for start, length in spans))
        if left <= 0:
            break
        ends += left
    return begins, min(ends, begins + _WEEK)


def _since_the_epoch(hours: Hours) -> list[tuple[int, int, int]]:
    """Return each span as days after the epoch's, and seconds of that day."""
    return [((span.day - _EPOCH_DAY) % 7, span.opens * 60, span.closes * 60) for span in hours.spans]
