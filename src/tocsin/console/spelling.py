"""How numbers and times are spelled for people."""

from __future__ import annotations

import time
from datetime import datetime

_DIGITS = 3


def number(value: float | None) -> str:
    """Spell a value to three digits, or whole where that is more; nothing where there is none."""
    if value is None:
        return "none"
    if abs(value) >= 10**_DIGITS:
        return f"{value:,.0f}"
    return f"{value:.{_DIGITS}g}"


def percent(share: float) -> str:
    """Spell a share of 1 in percent, to three digits after the point where it is near none or all, else to one."""
    value = share * 100
    near = min(abs(value), abs(100 - value))
    digits = 3 if near < 1 else 1
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") + " %"


def lasting(seconds: float) -> str:
    """Spell a length of time in at most two units: 4 s, 2 min 5 s, 3 h 10 min, 2 d 4 h."""
    whole = max(0, round(seconds))
    for unit, size, below, part in (("d", 86_400, "h", 3_600), ("h", 3_600, "min", 60), ("min", 60, "s", 1)):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size} {unit}" + (f" {rest} {below}" if rest else "")
    return f"{whole} s" if seconds >= 1 or not seconds else "under 1 s"


def ago(at: datetime, now: float | None = None) -> str:
    """Spell how long ago a moment was."""
    return f"{lasting((time.time() if now is None else now) - at.timestamp())} ago"


def clock(at: datetime) -> str:
    """Spell a moment on this machine's clock: to the second, or with its day if that is another than today."""
    here = at.astimezone()
    today = datetime.now(here.tzinfo).date()
    return f"{here:%H:%M:%S}" if here.date() == today else f"{here.day} {here:%b %H:%M}"
