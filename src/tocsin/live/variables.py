"""Puts something in place of Grafana's variables, so that an expression can be read as PromQL.

What it puts matches whatever a variable may stand for; see Grafana's "Variable syntax" and "Global variables".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tocsin.live.written import Editing, Indices, Written
from tocsin.model import Passage, duration

_VARIABLE = re.compile(
    r"\$\{(?P<braced>\w+)[^}]{0,100}\}|\[\[(?P<square>\w+)[^\]]{0,100}\]\]|\$(?P<plain>[a-zA-Z_]\w*)"
)
_TEXT = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`'
_PLACES = re.compile(
    r"(?P<comment>\#[^\n]*)"
    rf"|(?P<matcher>(?P<operator>=~|!~|!=|=)\s*(?P<value>{_TEXT}))|(?P<string>{_TEXT})"
    rf"|(?P<variable>{_VARIABLE.pattern})"
    rf"|(?P<range>\[(?!\[\w)(?:{_VARIABLE.pattern.replace('?P<', '?P<in_')}|[^\]\[])*+\])"
    r"|(?P<other>[\"'`].*|[^\"'`#=!\[$]+|.)",  # a quote that nothing closes takes all
    re.DOTALL,
)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_OFFSET = re.compile(r"\boffset\s+-?\s*$")
_METRIC = re.compile(r"\b__name__\s*$")
_NEAR = 50
"""Characters around a variable that tell what it stands for."""

_UNIT = re.compile(r"(?:ms|[smhdwy])\b")

USUAL = 300_000
"""Milliseconds of a range that a variable gives, unless four scrapes take longer."""

RANGE = 3_600_000
"""Milliseconds that a dashboard shows."""


class Unsettled(ValueError):  # noqa: N818 - what it says of an expression
    """An expression that could be anything, since a variable stands for a part of it."""


def settled(expr: Written, values: Mapping[str, str], scrape: float) -> Passage:
    """Return *expr* without variables, which have *values* as far as one is chosen; *scrape* in seconds.

    Raises:
        Unsettled: a variable stands for a metric, a label or something else that cannot be guessed.

    """
    indices = expr.spelled(expr)
    editing = Editing(expr.source)
    window = max(USUAL, int(4000 * scrape))
    for found in _PLACES.finditer(expr):
        here = indices[found.start() : found.end()]
        before, after = expr[max(found.start() - _NEAR, 0) : found.start()], expr[found.end() : found.end() + _NEAR]
        if found["range"]:
            _in_range(found["range"], here, editing, window)
        elif found["variable"]:
            editing.put(_outside(found, before, after, values, window), here)
        elif found["operator"] in ("=", "=~") and _VARIABLE.search(found["value"]):
            if _METRIC.search(before):
                raise Unsettled("a variable stands for the metric's name")
            editing.put('=~".+"', here)
        else:
            editing.keep(found[0], here)
    return editing.passage()


def _in_range(text: str, indices: Indices, editing: Editing, window: int) -> None:
    at = 0
    for found in _VARIABLE.finditer(text):
        editing.keep(text[at : found.start()], indices[at : found.start()])
        with_unit = _UNIT.match(text, found.end()) is not None
        number = _builtin_number(_named(found), window)
        put = number or ("5" if with_unit else _span(_named(found), window))
        editing.put(put, indices[found.start() : found.end()])
        at = found.end()
    editing.keep(text[at:], indices[at:])


def _outside(found: re.Match[str], before: str, after: str, values: Mapping[str, str], window: int) -> str:
    name = _named(found)
    touching = re.search(r"[\w:]$", before) or re.match(r"[\w:]", after)
    if _OFFSET.search(before):
        return "5" if _UNIT.match(after) else _span(name, window)
    if number := _builtin_number(name, window):
        return number
    value = values.get(name, "")
    if touching or not _NUMBER.fullmatch(value):
        raise Unsettled(f"the variable ${name} could stand for anything")
    return value


def _named(found: re.Match[str]) -> str:
    return found["braced"] or found["square"] or found["plain"]


def _span(name: str, window: int) -> str:
    return duration(RANGE if name == "__range" else window)


def _builtin_number(name: str, window: int) -> str:
    numbers = {
        "__interval_ms": window,
        "__rate_interval_ms": window,
        "__range_ms": RANGE,
        "__range_s": RANGE // 1000,
    }
    return str(numbers[name]) if name in numbers else ""
