"""Finds the comments that allow what a check finds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tocsin.live.written import Source, Written
from tocsin.model import Allowance, Place

_COMMENT = re.compile(r"#[ \t]*tocsin:[ \t]*(?P<said>[^\r\n]*)")
_DESCRIPTION = re.compile(r"tocsin:[ \t]*(?P<said>[^\r\n]*)")

Extent = tuple[Place, Place]
"""Where something begins, and where it ends."""


def in_comments(source: Source, extents: Iterable[Extent]) -> Iterator[Allowance]:
    """Yield the allowances above or within what stands at *extents*, such as rules."""
    if "tocsin:" not in source.text:
        return
    lines = re.split("\r\n|\r|\n", source.text)
    known = sorted(extents, key=lambda extent: (extent[0].line, extent[0].column))
    for found in _COMMENT.finditer(source.text):
        place = source.place(found.start())
        first, last = _meant(place, lines, known) or (place, place)
        yield Allowance.of(found["said"], place, first, last)


def in_description(description: Written | None, extent: Extent) -> Iterator[Allowance]:
    """Yield the allowances that the *description* of a panel gives it."""
    for found in _DESCRIPTION.finditer(description) if description else ():
        yield Allowance.of(found["said"], description.place if description else extent[0], *extent)


def _meant(place: Place, lines: list[str], extents: list[Extent]) -> Extent | None:
    for first, last in extents:
        if first.line <= place.line <= last.line:
            return Place(first.file, first.line, 1), Place(last.file, last.line, len(lines[last.line - 1]) + 1)
        if first.line > place.line:
            between = lines[place.line : first.line - 1]
            if all(not line.strip() or line.strip().startswith("#") for line in between):
                return Place(first.file, first.line, 1), Place(last.file, last.line, len(lines[last.line - 1]) + 1)
            return None
    return None
