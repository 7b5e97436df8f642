"""Where the characters of a YAML scalar stand, in each of the styles in which one can be spelled.

The rules are those of the YAML 1.1 specification, chapters 5.7 and 9, as PyYAML and Prometheus read it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator

from tocsin.live.written import Indices, Written

_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_FOLD = re.compile("[ \t]*(?:\r\n|[\r\n\x85\u2028\u2029])[ \t\r\n\x85\u2028\u2029]*")
_BLANKS = re.compile("[ \t]+")
_KEPT = "\u2028\u2029"
"""Breaks that stay what they are; all others are read as a line feed."""

_HEX = {"x": 2, "u": 4, "U": 8}
_ESCAPES = {
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "t": "\t",
    "\t": "\t",
    "n": "\n",
    "v": "\v",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    " ": " ",
    '"': '"',
    "/": "/",
    "\\": "\\",
    "N": "\x85",
    "_": "\xa0",
    "L": "\u2028",
    "P": "\u2029",
}

Spelled = Iterator[tuple[str, int]]
"""Characters, each with the index at which it is spelled."""


def indices(written: Written, spell: Callable[[str, int, int, str], Spelled]) -> Indices:
    """Return the index of each character; all at the beginning if *spell* does not spell the text."""
    found: list[int] = []
    spelled: list[str] = []
    for character, index in spell(written.source.text, written.at, written.until, written):
        if len(found) == len(written):
            break
        spelled.append(character)
        found.append(index)
    return found if "".join(spelled) == written else [written.at] * len(written)


def plain(written: Written) -> Indices:
    """Return where the characters of a plain scalar stand."""
    return indices(written, lambda raw, at, until, _: _flow(raw, at, until, ""))


def single(written: Written) -> Indices:
    """Return where the characters between single quotes stand."""
    return indices(written, lambda raw, at, until, _: _flow(raw, at + 1, until - 1, "'"))


def double(written: Written) -> Indices:
    """Return where the characters between double quotes stand."""
    return indices(written, lambda raw, at, until, _: _flow(raw, at + 1, until - 1, '"'))


def literal(written: Written) -> Indices:
    """Return where the characters of a literal block stand."""
    return indices(written, lambda raw, at, _, text: _block(raw, at, text, folded=False))


def folded(written: Written) -> Indices:
    """Return where the characters of a folded block stand."""
    return indices(written, lambda raw, at, _, text: _block(raw, at, text, folded=True))


def _flow(raw: str, at: int, until: int, quote: str) -> Spelled:
    while at < until:
        if fold := _FOLD.match(raw, at, until):
            yield from _folded(fold[0], at, escaped=False)
            at = fold.end()
        elif blanks := _BLANKS.match(raw, at, until):
            yield from zip(blanks[0], range(at, until), strict=False)
            at = blanks.end()
        elif quote == "'" and raw[at] == "'":
            yield "'", at
            at += 2
        elif quote == '"' and raw[at] == "\\":
            at = yield from _escaped(raw, at, until)
        else:
            yield raw[at], at
            at += 1


def _escaped(raw: str, at: int, until: int) -> Generator[tuple[str, int], None, int]:
    letter = raw[at + 1 : at + 2]
    if (fold := _FOLD.match(raw, at + 1, until)) and letter not in " \t":
        yield from _folded(fold[0], at + 1, escaped=True)
        return fold.end()
    if letter in _HEX:
        digits = raw[at + 2 : at + 2 + _HEX[letter]]
        yield chr(int(digits, 16)), at
        return at + 2 + len(digits)
    yield _ESCAPES[letter], at
    return at + 2


def _folded(gap: str, at: int, *, escaped: bool) -> Spelled:
    """Yield what line breaks are read as: one is a space, or nothing where it is *escaped*; more are one less."""
    breaks = [(_read(found[0]), at + found.start()) for found in _BREAK.finditer(gap)]
    first, rest = breaks[0], breaks[1:]
    if not escaped:
        if first[0] in _KEPT:
            yield first
        elif not rest:
            yield " ", first[1]
    yield from rest


def _read(found: str) -> str:
    return found if found in _KEPT else "\n"


def _block(raw: str, at: int, text: str, *, folded: bool) -> Spelled:
    """Yield the lines below the header of a block; what chomping takes away is not asked for."""
    header = _BREAK.search(raw, at)
    if header is None:
        return
    lines = list(_lines(raw, header.end(), text.count("\n") + text.count(" ") + 2))
    indent = _indentation(raw, lines, text)
    pending: tuple[str, int] | None = None
    breaks: list[tuple[str, int]] = []
    leading = False
    for start, end, ending in lines:
        content = start + min(indent, len(raw[start:end]) - len(raw[start:end].lstrip(" ")))
        if content == end:
            breaks.append((ending, end))
            continue
        blank = raw[content] in " \t"
        if pending is not None:
            if folded and pending[0] == "\n" and not leading and not blank:
                if not breaks:
                    yield " ", pending[1]
            else:
                yield pending
        yield from breaks
        yield from ((raw[index], index) for index in range(content, end))
        pending, breaks, leading = (ending, end), [], blank
    if pending is not None:
        yield pending
    yield from breaks


def _lines(raw: str, at: int, most: int) -> Iterator[tuple[int, int, str]]:
    """Yield where lines begin and end, and how their break is read; at most as many as can be needed."""
    for _ in range(most):
        found = _BREAK.search(raw, at)
        if found is None:
            yield at, len(raw), "\n"
            return
        yield at, found.start(), _read(found[0])
        at = found.end()


def _indentation(raw: str, lines: list[tuple[int, int, str]], text: str) -> int:
    """Return how far a block is indented, by its first line that is more than spaces."""
    mine = next((line for line in re.split("[\n\u2028\u2029]", text) if line.strip(" ")), "")
    theirs = next((raw[start:end] for start, end, _ in lines if raw[start:end].strip(" ")), "")
    return (len(theirs) - len(theirs.lstrip(" "))) - (len(mine) - len(mine.lstrip(" ")))
