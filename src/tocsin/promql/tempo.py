"""The same expression at another tempo."""

from __future__ import annotations

import re

from tocsin.model import duration, milliseconds

_STRING = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`|#[^\n]*'
_RANGE = r"\[[^\]]*\]"
_OFFSET = r"\b(?i:offset)\s+-?\s*[0-9a-z]+"
_PLACES = re.compile(f"(?P<string>{_STRING})|(?P<timed>{_RANGE}|{_OFFSET})")
_DURATION = re.compile(r"\b(?:\d+(?:ms|[smhdwy]))+\b")


def quicken(expr: str, speed: int) -> str:
    """Divide every duration of *expr* (ranges, subquery steps, offsets) by *speed*; the rest stays as it is."""

    def place(found: re.Match[str]) -> str:
        if found["string"]:
            return found["string"]
        return _DURATION.sub(lambda text: duration(milliseconds(text[0]) // speed), found["timed"])

    return _PLACES.sub(place, expr)
