"""Promtool's notation of series, expanded as its documentation says ("Unit testing for rules")."""

from __future__ import annotations

import re

STALE = "stale"

_GROWTH = re.compile(r"(?P<first>-?[\d.]+)\+(?P<growth>[\d.]+)x(?P<times>\d+)")


def expanded(values: str) -> list[float | str | None]:
    """Return each sample: a number, STALE, or None where none is."""
    found: list[float | str | None] = []
    for part in values.split():
        if part == STALE:
            found.append(STALE)
        elif part.startswith("_x"):
            found += [None] * int(part[2:])
        else:
            match = _GROWTH.fullmatch(part)
            assert match is not None, part
            first, growth = float(match["first"]), float(match["growth"])
            found += [first + growth * number for number in range(int(match["times"]) + 1)]
    return found
