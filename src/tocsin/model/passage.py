"""A text of a user's, and where each of its characters stands in a file."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A character of a file; lines and columns are counted from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """From character *offset* of a text on, up to the next anchor, it runs along *line* from *column*."""

    offset: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that stands in *file*, as read: folded, unescaped; without anchors it is one that nobody wrote down."""

    text: str
    file: str = ""
    anchors: tuple[Anchor, ...] = ()

    @classmethod
    def at(cls, text: str, place: Place) -> Passage:
        """Return *text* as it stands at *place*, on one line."""
        return cls(text, place.file, (Anchor(0, place.line, place.column),))

    def place(self, offset: int = 0) -> Place | None:
        """Return where the character at *offset* stands."""
        if not self.anchors:
            return None
        index = max(bisect_right(self.anchors, offset, key=lambda anchor: anchor.offset) - 1, 0)
        anchor = self.anchors[index]
        return Place(self.file, anchor.line, anchor.column + max(offset - anchor.offset, 0))
