"""Reads JSON as a tree that knows where it stands; see RFC 8259."""

from __future__ import annotations

import re

from tocsin.live.written import Indices, Source, Table, Tree, Written
from tocsin.live.yamls import DEEPEST, Unreadable

_SPACE = re.compile(r"[ \t\r\n\ufeff]*+")
_STRING = re.compile(r'"((?:[^"\\\x00-\x1f]++|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*+)"')
_WORD = re.compile(r"true|false|null|-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?")
_ESCAPE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.")
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def document(source: Source) -> Tree:
    """Return the value that *source* is; numbers and truth are texts, as they are spelled.

    Raises:
        Unreadable: it is no JSON.

    """
    reading = _Reading(source)
    tree = reading.value(0)
    if reading.next():
        raise Unreadable("it goes on behind the end of its JSON", reading.at)
    return tree


class _Reading:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.at = 0

    def next(self) -> str:
        """Return the next character that is no space, "" at the end."""
        found = _SPACE.match(self.source.text, self.at)
        self.at = found.end() if found else self.at
        return self.source.text[self.at : self.at + 1]

    def value(self, depth: int) -> Tree:
        first = self.next()
        if first == '"':
            return self._string()
        if first in ("{", "["):
            if depth >= DEEPEST:
                raise Unreadable(f"more than {DEEPEST} lists lie in one another", self.at)
            return self._table(depth + 1) if first == "{" else self._list(depth + 1)
        word = _WORD.match(self.source.text, self.at)
        if word is None:
            raise Unreadable("a value of JSON is missing", self.at)
        self.at = word.end()
        return None if word[0] == "null" else Written.of(word[0], self.source, word.start(), self.at, _bare)

    def _string(self) -> Written:
        found = _STRING.match(self.source.text, self.at)
        if found is None:
            raise Unreadable("a string of JSON is missing, or is not well formed", self.at)
        self.at = found.end()
        text = _ESCAPE.sub(lambda escape: _read(escape[0]), found[1]) if "\\" in found[1] else found[1]
        return Written.of(text, self.source, found.start(), self.at, _quoted)

    def _table(self, depth: int) -> Table:
        table = Table(self.source, self.at)
        while self._more("}", first=not table.own):
            self.next()
            key = self._string()
            if self.next() != ":":
                raise Unreadable("a colon is missing behind a key", self.at)
            self.at += 1
            if key in table.own:
                table.twice.append(key)
            table.own.add(key)
            table[key] = self.value(depth)
        table.until = self.at
        return table

    def _list(self, depth: int) -> list[Tree]:
        found: list[Tree] = []
        while self._more("]", first=not found):
            found.append(self.value(depth))
        return found

    def _more(self, closing: str, *, first: bool) -> bool:
        """Go past what stands before the next item; tell whether there is one."""
        if first:
            self.at += 1
        met = self.next()
        if met == closing:
            self.at += 1
            return False
        if not first:
            if met != ",":
                raise Unreadable(f"a comma or {closing} is missing", self.at)
            self.at += 1
        return True


def _read(escape: str) -> str:
    if escape[1] != "u":
        return _SHORT.get(escape[1], escape[1])
    units = [int(digits, 16) for digits in escape.split("\\u")[1:]]
    if len(units) == 1:
        return chr(units[0])
    return chr(0x10000 + ((units[0] - 0xD800) << 10) + (units[1] - 0xDC00))


def _bare(written: Written) -> Indices:
    return range(written.at, written.until)


def _quoted(written: Written) -> Indices:
    found: list[int] = []
    at, last, text = written.at + 1, written.until - 1, written.source.text
    while at < last:
        found.append(at)
        escape = _ESCAPE.match(text, at) if text[at] == "\\" else None
        at = escape.end() if escape else at + 1
    return found
