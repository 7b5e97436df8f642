"""Durations, written as Prometheus writes them: 30s, 5m, 1h30m, 30d."""

from __future__ import annotations

import re

from tocsin.model.errors import DeclarationError

_UNITS = {"y": 31_536_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_DURATION = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?")


def milliseconds(duration: str) -> int:
    """Return *duration* in milliseconds.

    Raises:
        DeclarationError: Prometheus would not accept the text (a unit is missing, or out of order).

    """
    found = _DURATION.fullmatch(duration)
    if not duration or not found:
        raise DeclarationError(f"{duration!r} is no duration: write whole numbers with units, like 30s, 5m or 1h30m.")
    return sum(int(count or 0) * unit for count, unit in zip(found.groups(), _UNITS.values(), strict=True))


def seconds(duration: str) -> float:
    """Return *duration* in seconds."""
    return milliseconds(duration) / 1000


def duration(millis: int) -> str:
    """Spell *millis* milliseconds in the largest single unit that divides it: 90000 is 90s, 300000 is 5m."""
    for unit in ("d", "h", "m", "s"):
        if millis and millis % _UNITS[unit] == 0:
            return f"{millis // _UNITS[unit]}{unit}"
    return f"{millis}ms"
