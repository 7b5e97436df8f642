"""Times as Grafana's addresses give them: `now-6h`, or milliseconds since the epoch; and spans such as `30s`."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0, "M": 2592000.0, "y": 31536000.0}
_RELATIVE = re.compile(r"now(?:-(\d+)([smhdwMy]))?")
_SPAN = re.compile(r"(\d+)(ms|[smhdw])")


def moment(text: str, now: float) -> float | None:
    """Return the time, in seconds since the epoch, or nothing if *text* is none."""
    text = text.strip()
    if found := _RELATIVE.fullmatch(text):
        return now - (float(found[1]) * _SECONDS[found[2]] if found[1] else 0.0)
    return float(text) / 1000 if text.isdecimal() else None


def span(text: str) -> float | None:
    """Return the seconds of a span such as `30s`, or nothing if *text* is none."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        return None
    return float(found[1]) * (0.001 if found[2] == "ms" else _SECONDS[found[2]])


def short(seconds: float) -> str:
    """Return a span as Prometheus writes it."""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size and not seconds % size:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:.0f}s" if seconds >= 1 else f"{seconds * 1000:.0f}ms"


def between(start: str, end: str, now: float) -> tuple[float, float] | None:
    """Return both moments, or nothing if one is none or they are in the wrong order."""
    first, last = moment(start, now), moment(end, now)
    return None if first is None or last is None or not 0 <= first < last else (first, last)


def span_of(query: Mapping[str, str]) -> tuple[str, str]:
    """Return the ends as an address has them; where it has one alone, all before or since is meant."""
    start, end = query.get("from", ""), query.get("to", "")
    return (start or "0", end or "now") if start or end else ("", "")


def refused(start: str, end: str) -> str:
    """Return what to say of ends between which there is no time."""
    return f"{start} to {end} is no span of time: write from=now-6h&to=now, or milliseconds since 1970."
