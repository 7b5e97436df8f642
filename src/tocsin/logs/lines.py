"""A line on its way into a segment: a JSON object whose members are of the columns' types, whatever was printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from tocsin.model.record import COLUMNS, Column

LONGEST = 256 << 10
"""Bytes of a line that is taken as it is; the SDK's own are shorter."""


@dataclass(frozen=True, slots=True)
class Long:
    """A line that is too long: how it begins, and its *size* in bytes."""

    beginning: bytes
    size: int


_LATENCY = re.compile(r"\d{1,9}(?:\.\d{1,12})?s")
_LARGEST = 2**63 - 1
_MEMBERS: dict[str, Any] = {}
"""The Python type of each member, or a dict of those below it."""

_NESTED = {column.path[0] for column in COLUMNS if len(column.path) > 1}


def _type(column: Column) -> type:
    if column.name in {"line", "latency"}:  # numbers in strings, as Google's form has them
        return str
    return {"INT64": int, "BOOL": bool, "JSON": dict}.get(column.type, str)


for _column in COLUMNS:
    _first, *_below = _column.path
    if _below:
        _MEMBERS.setdefault(_first, {})[_below[0]] = _type(_column)
    else:
        _MEMBERS[_first] = _type(_column)

_SOURCE, _REQUEST, _CONTEXT = (
    next(column.path[0] for column in COLUMNS if column.name == name) for name in ("line", "status", "service")
)
_NARROWER: dict[tuple[str, str], Callable[[Any], object]] = {
    (_SOURCE, "line"): lambda text: text.isdecimal() and text.isascii() and len(text) < 10,  # noqa: PLR2004 - of INT64
    (_REQUEST, "status"): lambda number: -_LARGEST <= number <= _LARGEST,
    (_REQUEST, "latency"): _LATENCY.fullmatch,
}
"""What a member must be beyond its type."""


def fitted(lines: Iterable[bytes | Long], service: str, at: float) -> list[bytes]:
    """Return *lines* as a segment takes them, each with a newline; blank ones are left out.

    What is no JSON object becomes the message of a record of severity DEFAULT, of *service* and the time *at* (Unix
    seconds). Members that are no columns, or of another type, are moved to `fields`. Of a line that is too long the
    beginning is kept, and how much was cut.
    """
    kept = []
    for line in lines:
        if isinstance(line, Long) or len(line) > LONGEST:
            kept.append(text_record(_cut(line), service, at))
            continue
        try:
            record = orjson.loads(line)
            if record.__class__ is dict:
                fitting = record if _fits(record) else _mended(record, readable(line.strip()), service, at)
                # Spelled anew, so that DuckDB sees what was judged: one member of each name, no odd white space.
                kept.append(_spelled(fitting))
                continue
        except (orjson.JSONDecodeError, orjson.JSONEncodeError):  # the latter of what is nested too deeply
            pass
        if text := line.strip():
            kept.append(text_record(readable(text), service, at))
    return kept


def text_record(text: str, service: str, at: float) -> bytes:
    """Return the line of a record that is nothing but *text*."""
    return _spelled({"severity": "DEFAULT", _CONTEXT: {"service": service}, "time": _time(at), "message": text})


def readable(text: bytes) -> str:
    r"""Return *text*; bytes that are no UTF-8 are spelled `\xff`."""
    return text.decode("utf-8", errors="backslashreplace")


def _cut(line: bytes | Long) -> str:
    beginning, size = (line.beginning, line.size) if isinstance(line, Long) else (line[:LONGEST], len(line))
    return f"{readable(beginning)}... [cut: {size - len(beginning)} bytes]"


def _fits(record: dict[str, Any]) -> bool:
    for name, value in record.items():
        kind = _MEMBERS.get(name)
        if kind.__class__ is dict:
            if value.__class__ is not dict:
                return False
            for below, inner in value.items():
                if inner.__class__ is not kind.get(below):
                    return False
                if (name, below) in _NARROWER and not _NARROWER[name, below](inner):
                    return False
        elif value.__class__ is not kind:
            return False
    return (
        "severity" in record
        and "message" in record
        and "service" in record.get(_CONTEXT, ())
        and _is_canonical(record.get("time", ""))
    )


def _is_canonical(text: str) -> bool:
    """Tell whether *text* is a time as the SDK spells it, which DuckDB reads too."""
    if len(text) != 27 or text[26] != "Z" or text[10] != "T" or text[4] != "-":  # noqa: PLR2004 - of 2026-11-25T...Z
        return False
    return _moment(text) is not None


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _mended(record: dict[str, Any], line: str, service: str, at: float) -> dict[str, Any]:
    """Return *record* after what is no column went to `fields`, and what is missing was added."""
    kept: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    for name, value in record.items():
        kind = _MEMBERS.get(name)
        if isinstance(kind, dict) and isinstance(value, dict):
            kept[name] = {}
            for below, inner in value.items():
                narrower = _NARROWER.get((name, below), lambda _: True)
                fits = inner.__class__ is kind.get(below) and narrower(inner)
                (kept[name] if fits else rest)[below if fits else f"{name}.{below}"] = inner
        elif value.__class__ is kind:
            kept[name] = value
        else:
            rest[name] = value
    moment = _moment(kept.get("time"))
    if "time" in kept and moment is None:
        rest["time"] = kept["time"]
    kept["time"] = _time(at) if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")
    kept = {"severity": "DEFAULT", "message": line, **kept}
    kept[_CONTEXT] = {"service": service} | kept.get(_CONTEXT, {})
    kept["fields"] = _joined(kept.get("fields", {}), rest)
    return kept


def _joined(fields: dict[str, Any], rest: dict[str, Any]) -> dict[str, Any]:
    joined = dict(fields)
    for name, value in rest.items():
        free = name
        while free in joined:
            free += "_"
        joined[free] = value
    return joined


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _spelled(record: dict[str, Any]) -> bytes:
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
