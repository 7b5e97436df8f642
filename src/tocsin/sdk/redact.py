"""The redactor: what is secret or personal leaves no log line, error or breadcrumb.

It never raises, whatever it is given, never changes what it is given, and reads no more than its bounds allow.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tocsin.model.forms import REDACTED, is_card, redact_forms, suspicious
from tocsin.sdk.assignments import redact_assigned
from tocsin.sdk.names import Names, measures

CYCLE = "[cycle]"
CUT = "[cut]"

LONGEST = 1 << 16
"""Letters of one text that are kept; of more, the rest is cut."""

_MARGIN = 1 << 13
"""Letters that are read beyond the longest text, so that no secret is cut before it is recognised."""

_HEAD = 1 << 14
"""Letters of the beginning of a long traceback."""

_MOST, _MOST_LETTERS, _DEEPEST = 10_000, 1 << 20, 30
_REMEMBERED = 4096
_PAIR, _NAME_WORDS = 2, 6
_SIMPLE = frozenset((bool, float, type(None)))
_TRUSTED = (dt.date, dt.time, dt.timedelta, uuid.UUID, complex, range)
_CARDS = range(10**12, 10**19)
_SHORT = _CARDS.start - 1


class Redactor:
    """Takes out the values of secret names, *declared* ones among them, and what is secret or personal by its form."""

    def __init__(self, declared: Iterable[str] = ()) -> None:
        self._names = Names(declared)
        self._harmless: set[str] = set()

    def secret(self, name: str) -> bool:
        """Tell whether what has this name is secret."""
        return self._names.secret(name)

    def text(self, text: str) -> str:
        """Return *text* without what is secret; most texts are told harmless at a glance."""
        if len(text) > LONGEST:
            return self._cut(text)
        return self._redacted(text) if suspicious(text) else text

    def trace(self, text: str) -> str:
        """Return a traceback without what is secret; of a long one, how it begins and the exception at its end."""
        if len(text) <= LONGEST:
            return self.text(text)
        first = self._redacted(text[: _HEAD + _MARGIN])[:-_MARGIN]
        last = self._redacted(text[-(LONGEST - _HEAD + _MARGIN) :])[_MARGIN:]
        return f"{first}\n... {_cut(len(text) - len(first) - len(last))}\n{last}"

    def harmless(self, text: str, fields: Mapping[str, Any]) -> bool:
        """Tell whether a glance shows that neither holds anything secret, under names that were seen before."""
        try:
            if not self._harmless.issuperset(fields):
                return False
            for value in fields.values():
                kind = type(value)
                if kind is str:
                    text += value  # what is glued together may look like more than it is, never like less
                elif kind is int:
                    if value > _SHORT and value in _CARDS and is_card(str(value)):
                        return False
                elif kind not in _SIMPLE:
                    return False
        except Exception:  # noqa: BLE001 - a stranger's mapping may raise anything when it is read
            return False
        return len(text) <= LONGEST and not suspicious(text)

    def fields(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return *fields* without what is secret: the same object where a glance tells that nothing is."""
        if self.harmless("", fields):
            return fields
        try:
            self._learn(fields)
        except Exception:  # noqa: BLE001 - a stranger's mapping may raise anything when it is read
            return self._walked(fields)
        return self._walked(fields)

    def value(self, value: object) -> Any:
        """Return a copy of *value* without what is secret, at any depth; what JSON has no form for becomes text."""
        return _Walk(self).value(value, _DEEPEST)

    def _walked(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        walked = self.value(fields)
        return walked if isinstance(walked, dict) else {"fields": walked}

    def _learn(self, fields: Mapping[str, Any]) -> None:
        """Remember the names that are neither secret nor hold a secret."""
        for name in fields:
            if type(name) is str and not self.secret(name) and self.text(name) == name:
                if len(self._harmless) >= _REMEMBERED:
                    self._harmless.clear()
                self._harmless.add(name)

    def _redacted(self, text: str) -> str:
        if self._names.hinted(text.lower()):
            text = redact_assigned(text, self._names)
        return redact_forms(text)

    def _cut(self, text: str) -> str:
        kept = self._redacted(text[: LONGEST + _MARGIN])[:-_MARGIN]
        return f"{kept}... {_cut(len(text) - len(kept))}"


def _cut(letters: int) -> str:
    return f"[cut: {letters} letters]"


def _names(item: Any, items: object) -> bool:
    """Tell whether *item* may be the name of what follows: the first of a pair, or an --option.

    A tuple of two is a pair whatever its first says; a list of two may be two sentences, so there it is one word.
    """
    if type(item) not in (str, bytes):
        return False
    words = len(item.split())
    if isinstance(items, tuple) and len(items) == _PAIR:
        return 0 < words <= _NAME_WORDS
    return words == 1 and ((isinstance(items, list) and len(items) == _PAIR) or item[:2] in ("--", b"--"))


class _Walk:
    """One walk through a value, which ends when its bounds are reached."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._left, self._letters = _MOST, _MOST_LETTERS
        self._above: set[int] = set()

    def value(self, value: Any, depth: int) -> Any:
        """Return a copy of *value*, going down *depth* levels."""
        self._left -= 1
        if self._left < 0 or depth < 0:
            return CUT
        try:
            return self._text(value) if type(value) is str else self._copy(value, depth)
        except Exception as error:  # noqa: BLE001 - a stranger's object may raise anything when it is read
            return f"<{type(value).__name__}: {type(error).__name__} when it was read>"

    def _text(self, text: str) -> str:
        self._letters -= min(len(text), LONGEST)
        return CUT if self._letters < 0 else self._redactor.text(text)

    def _copy(self, value: Any, depth: int) -> Any:  # noqa: PLR0911 - one line for each kind of value
        if type(value) in _SIMPLE or isinstance(value, _TRUSTED):
            return value
        if isinstance(value, enum.Enum):
            return self.value(value.value, depth)
        if isinstance(value, int):
            return REDACTED if value in _CARDS and is_card(int.__repr__(value)) else int.__index__(value)
        if isinstance(value, str):
            return self._text(str.__str__(value))
        if isinstance(value, bytes | bytearray | memoryview):
            return self._bytes(bytes(value))
        if isinstance(value, Mapping):
            return self._inside(value, lambda: self._mapping(value.items(), depth))
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return self._inside(value, lambda: self._mapping(zip(value._fields, value, strict=False), depth))
        if isinstance(value, list | tuple | set | frozenset | deque):
            return self._inside(value, lambda: self._items(value, depth))
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            shown = [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value) if field.repr]
            return self._inside(value, lambda: self._mapping(shown, depth))
        text = self._text(str(value))
        return value if isinstance(value, decimal.Decimal) and text != REDACTED else text

    def _inside(self, value: object, walk: Callable[[], Any]) -> Any:
        if id(value) in self._above:
            return CYCLE
        self._above.add(id(value))
        try:
            return walk()
        finally:
            self._above.discard(id(value))

    def _bytes(self, value: bytes) -> bytes:
        text = value.decode("utf-8", "surrogateescape")
        redacted = self._text(text)
        return value if redacted == text else redacted.encode("utf-8", "surrogateescape")

    def _mapping(self, pairs: Iterable[tuple[Any, Any]], depth: int) -> dict[Any, Any]:
        copy: dict[Any, Any] = {}
        for name, inner in pairs:
            if self._left <= 0:
                copy[CUT] = CUT
                break
            told = self._name(name, depth)
            key, number = told, 1
            while key in copy:
                number += 1
                key = f"{told} {number}"
            copy[key] = self._under(name, inner, depth)
        return copy

    def _name(self, name: Any, depth: int) -> Any:
        """Return *name* without what is secret in itself."""
        copy = self.value(name, depth - 1)
        return self._text(str(name)) if isinstance(copy, dict | list | set | deque) else copy

    def _items(self, items: Any, depth: int) -> Any:
        """Copy a sequence or set; the first of a pair may name the second, and an --option what follows it."""
        copy: list[Any] = []
        before: Any = None
        for item in items:
            if self._left <= 0:
                copy.append(CUT)
                break
            copy.append(self._under(before, item, depth))
            before = item if _names(item, items) else None
        kind = next(kind for kind in (list, tuple, set, frozenset, deque) if isinstance(items, kind))
        try:
            return kind(copy)
        except TypeError:  # what stood in a set became a mapping, which cannot
            return copy

    def _under(self, name: Any, value: Any, depth: int) -> Any:
        """Copy *value*, unless what has this *name* is secret and *value* says anything."""
        if isinstance(name, bytes):
            name = name.decode("latin-1")
        if not isinstance(name, str) or not self._redactor.secret(name):
            return self.value(value, depth - 1)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float) and measures(name):
            return value
        empty = isinstance(value, str | bytes | list | tuple | dict) and not len(value)
        return value if empty else REDACTED
