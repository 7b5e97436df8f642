"""The same expression at another tempo."""

from __future__ import annotations

import re

from tocsin.model import duration, milliseconds
from tocsin.promql.tokens import Span

_STRING = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`'
_RANGE = r"\[[^\]]*\]"
_OFFSET = r"\boffset\s+-?\s*[0-9a-z]+"
_PLACES = re.compile(f"(?P<string>{_STRING})|(?P<timed>{_RANGE}|{_OFFSET})")
_DURATION = re.compile(r"\b(?:\d+(?:ms|[smhdwy]))+\b")


_UNITLESS = re.compile(r"(?<![\w.])\d+(?![\w.])")


def unitless_duration(expr: str) -> Span | None:
    """Return where the first duration of *expr* stands that has no unit, such as the 5 of `rate(a[5])`."""
    for found in _PLACES.finditer(expr):
        if found["timed"] and (bare := _UNITLESS.search(found["timed"])):
            return Span(found.start() + bare.start(), found.start() + bare.end())
    return None


def quicken(expr: str, speed: int) -> str:
    """Divide every duration of *expr* (ranges, subquery steps, offsets) by *speed*; the rest stays as it is."""

    def place(found: re.Match[str]) -> str:
        if found["string"]:
            return found["string"]
        return _DURATION.sub(lambda text: duration(milliseconds(text[0]) // speed), found["timed"])

    return _PLACES.sub(place, expr)
