"""Parts and formats of dates and times, from BigQuery's to DuckDB's.

Sources: BigQuery's documentation, "Format elements", "Timestamp functions" and "Date functions"; DuckDB's, "Date
Format".
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlglot import exp

from tocsin.logs.refusal import Refused

_SHIFT = {"MONDAY": 0, "TUESDAY": 6, "WEDNESDAY": 5, "THURSDAY": 4, "FRIDAY": 3, "SATURDAY": 2, "SUNDAY": 1}
"""How many days later a week that begins on that day begins on a Monday."""

CLOCK = ("MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY")
MICROSECONDS = dict(
    zip(map(str.lower, CLOCK), (1, 1_000, 10**6, 60 * 10**6, 3_600 * 10**6, 86_400 * 10**6), strict=True)
)
"""How long each part of the clock is, by DuckDB's name of it; in UTC all begin at multiples of it."""

CALENDAR = ("DAY", "WEEK", "ISOWEEK", "MONTH", "QUARTER", "YEAR")

_ZONE = re.compile(r"[A-Za-z_]+(/[A-Za-z0-9_+-]+)*")

_ELEMENT = re.compile(r"%(E\*S|E\dS|E4Y|Ez|.)?", re.DOTALL)
_SAME = frozenset("aAbBdGHIjmMpSuUVwWyY%")
_ALIKE = {
    "h": "%b",
    "F": "%Y-%m-%d",
    "T": "%H:%M:%S",
    "X": "%H:%M:%S",
    "R": "%H:%M",
    "D": "%m/%d/%y",
    "x": "%m/%d/%y",
    "n": "\n",
    "t": "\t",
    "E0S": "%S",
    "E3S": "%S.%g",
    "E6S": "%S.%f",
    "E4Y": "%Y",
}
_IN_UTC = {"Z": "UTC", "z": "+0000", "Ez": "+00:00"}
_INSTEAD = {"s": "UNIX_SECONDS", "Q": "EXTRACT(QUARTER FROM ...)", "e": "%d", "k": "%H", "l": "%I", "E*S": "%E6S"}


def part(node: exp.Expr, allowed: Iterable[str]) -> tuple[str, int]:
    """Return DuckDB's name of a part of a date, and by how many days its weeks are shifted."""
    name, weekday = node.name.upper(), ""
    if isinstance(node, exp.Anonymous) and name == "WEEK" and len(node.expressions) == 1:
        weekday = node.expressions[0].name.upper()
    allowed = tuple(allowed)
    if name not in allowed:
        raise Refused(node, f"{name or node.sql()} is no part that can be asked for here: take {', '.join(allowed)}.")
    if name == "ISOWEEK":
        return "week", 0
    if name != "WEEK":
        return name.lower(), 0
    shift = _SHIFT.get(weekday or "SUNDAY")
    if shift is None:
        raise Refused(node, f"{weekday} is no day of the week: take {', '.join(_SHIFT)}.")
    return "week", shift


def zone(node: exp.Expr) -> exp.Expr:
    """Return a time zone's name, which DuckDB must know by the same."""
    if not (isinstance(node, exp.Literal) and node.is_string and _ZONE.fullmatch(node.name)):
        raise Refused(node, "A time zone must be a name as 'America/Chicago', no offset and no column.")
    return node


def printing(node: exp.Expr, *, local: bool) -> exp.Expr:
    """Return the format in which DuckDB prints; *local* if in a named time zone."""
    return _format(node, _ALIKE if local else {**_ALIKE, **_IN_UTC})


def parsing(node: exp.Expr) -> exp.Expr:
    """Return the format in which DuckDB reads."""
    return _format(node, {**_ALIKE, "E*S": "%S.%f", "z": "%z", "Ez": "%z", "e": "%d"})


def _format(node: exp.Expr, alike: dict[str, str]) -> exp.Expr:
    if not (isinstance(node, exp.Literal) and node.is_string):
        raise Refused(node, "A format must be a string that stands in the query.")

    def spelled(found: re.Match[str]) -> str:
        element = found[1] or ""
        if element in _SAME:
            return found[0]
        if element in alike:
            return alike[element]
        instead = f": use {_INSTEAD[element]}" if element in _INSTEAD else ""
        raise Refused(node, f"The format element {found[0]} is not supported here{instead}.")

    return exp.Literal.string(_ELEMENT.sub(spelled, node.name))
