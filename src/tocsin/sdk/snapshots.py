"""A copy in plain terms of what somebody else's data holds at this moment: bounded, and made without running its code.

Only data is looked into. Anything else is named by its type: what it would say of itself may query a database, wait,
or tell who the user is, and who holds on to it keeps alive all that hangs on it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import math
import uuid
from collections import deque
from collections.abc import Iterable
from itertools import islice
from pathlib import PurePath
from typing import Any

from tocsin.sdk.redact import CUT, Redactor

LONGEST = 1024
"""Letters of one text that are kept."""

_MARGIN = 4096
"""Letters that are read beyond it, so that no secret is cut before it is recognised."""

_MOST, _MOST_LETTERS = 2000, 64 * 1024
_BROADEST, _DEEPEST = 20, 4
_SPELLED = frozenset((dt.date, dt.datetime, dt.time, dt.timedelta, decimal.Decimal, uuid.UUID, complex, range))
_WHOLE_REQUESTS = ("asgi", "REQUEST_METHOD")
"""What is in the scope and in the environ of a request, which say where the user is, and more."""

_SMALLEST, _LARGEST = -(2**63), 2**64


class Snapshot:
    """Copies values until all of them together are too many, then says so; *redactor* reads every text."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._left, self._letters = _MOST, _MOST_LETTERS

    def text(self, text: str, longest: int = LONGEST) -> str:
        """Return *text* without what is secret, and no more than so many letters of it."""
        redacted = self._redactor.text(text[: longest + _MARGIN])
        self._letters -= min(len(redacted), longest)
        if self._letters < 0:
            return CUT
        whole = len(redacted) <= longest and len(text) <= longest + _MARGIN
        return redacted if whole else f"{redacted[:longest]}... {CUT}"

    def of(self, value: Any, depth: int = _DEEPEST) -> Any:
        """Return what *value* holds, going down *depth* levels."""
        self._left -= 1
        if self._left < 0 or self._letters < 0:
            return CUT
        try:
            return self._copy(value, type(value), depth)
        except Exception:  # noqa: BLE001 - somebody else's data may change while it is read, or not be what it seems
            return named(value)

    def fields(self, pairs: Iterable[tuple[Any, Any]], depth: int = _DEEPEST, broadest: int = _BROADEST) -> Any:
        """Return the same of each pair of a name and a value; of many, the first so many."""
        found = list(islice(pairs, broadest + 1))
        copy = {self._name(name): self.of(value, depth - 1) for name, value in found[:broadest]}
        return copy if len(found) <= broadest else {**copy, CUT: CUT}

    def _copy(self, value: Any, kind: type, depth: int) -> Any:  # noqa: PLR0911 - one line for each kind of value
        if value is None or kind is bool:
            return value
        if issubclass(kind, enum.Enum):
            return self.of(value.value, depth)
        if issubclass(kind, int):
            number = int.__index__(value)
            return number if _SMALLEST <= number < _LARGEST else named(value)
        if issubclass(kind, float):
            real = float.__float__(value)
            return real if math.isfinite(real) else str(real)
        if issubclass(kind, str):
            return self.text(str.__str__(value))
        if issubclass(kind, bytes | bytearray):
            return self.text(bytes(value[: LONGEST + _MARGIN]).decode("utf-8", "backslashreplace"))
        if kind in _SPELLED or issubclass(kind, PurePath):
            return self.text(str(value))
        return named(value) if depth <= 0 else self._inside(value, kind, depth)

    def _inside(self, value: Any, kind: type, depth: int) -> Any:
        if issubclass(kind, dict):
            if any(dict.__contains__(value, name) for name in _WHOLE_REQUESTS):
                return named(value)
            return self.fields(dict.items(value), depth)
        if issubclass(kind, tuple) and hasattr(kind, "_fields"):
            return self.fields(zip(kind._fields, tuple.__iter__(value), strict=False), depth)
        for sequence in (list, tuple, set, frozenset, deque):
            if issubclass(kind, sequence):
                return self._items(sequence.__iter__(value), tuple if sequence is tuple else list, depth)
        if dataclasses.is_dataclass(kind):
            shown = (field.name for field in dataclasses.fields(kind) if field.repr)
            return self.fields(((name, object.__getattribute__(value, name)) for name in shown), depth)
        return named(value)

    def _items(self, items: Iterable[Any], kind: type[Any], depth: int) -> Any:
        found = list(islice(items, _BROADEST + 1))
        copy = [self.of(item, depth - 1) for item in found[:_BROADEST]]
        return kind(copy if len(found) <= _BROADEST else [*copy, CUT])

    def _name(self, name: Any) -> str:
        copy = self.of(name, 0)
        return copy if isinstance(copy, str) else str(copy)


def named(value: object) -> str:
    """Return the name of what *value* is."""
    kind = type(value)
    return f"<{type.__dict__['__module__'].__get__(kind)}.{type.__dict__['__qualname__'].__get__(kind)}>"
