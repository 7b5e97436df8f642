"""What stands in a file: texts, tables and lists that know where they stand."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tocsin.model import Anchor, Passage, Place

_LINE_END = re.compile("\r\n|\r|\n")
"""Where a line ends as editors count them."""

Indices = Sequence[int]
"""For each character of a text the index of the one of its source that it came from."""


@dataclass(frozen=True, eq=False)
class Source:
    """The text of a file; or one that stands within another, *inside*, at the indices *within*."""

    file: str
    text: str
    inside: Source | None = None
    within: Indices = ()

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in _LINE_END.finditer(self.text))]

    def where(self, index: int) -> tuple[int, int]:
        """Return line and column of the character at *index*."""
        if self.inside is not None:
            return self.inside.where(self.within[min(index, len(self.within) - 1)] if self.within else 0)
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1

    def place(self, index: int) -> Place:
        """Return where the character at *index* stands."""
        return Place(self.file, *self.where(index))


class Written(str):
    """A text of a file, from index *at* up to *until* of its source, where it is *spelled* in some way."""

    __slots__ = ("at", "source", "spelled", "until")

    source: Source
    at: int
    until: int
    spelled: Callable[[Written], Indices]

    @classmethod
    def of(cls, text: str, source: Source, at: int, until: int, spelled: Callable[[Written], Indices]) -> Written:
        """Return *text* as it is written in *source*."""
        written = cls(text)
        written.source, written.at, written.until, written.spelled = source, at, until, spelled
        return written

    @property
    def place(self) -> Place:
        """Where its first character stands."""
        indices = self.spelled(self)
        return self.source.place(indices[0] if indices else self.at)

    def passage(self) -> Passage:
        """Return it with where its characters stand."""
        return passage(self.source, self, self.spelled(self))

    def as_source(self) -> Source:
        """Return it as a source of its own, such as JSON within YAML."""
        return Source(self.source.file, str(self), self.source, self.spelled(self))


class Table(dict["Written", "Tree"]):
    """A table of a file, from *at* up to *until*; *own* keys were not merged into it, those in *twice* are repeated."""

    __slots__ = ("at", "own", "source", "twice", "until")

    def __init__(self, source: Source, at: int) -> None:
        super().__init__()
        self.source, self.at, self.until = source, at, at
        self.own: set[Written] = set()
        self.twice: list[Written] = []

    def text(self, *names: str) -> Written | None:
        """Return the first text that one of *names* names, None if there is none."""
        for name in names:
            found = self.get(name)  # type: ignore[call-overload]  # a Written is found by an equal str
            if isinstance(found, Written):
                return found
        return None

    def table(self, name: str) -> Table:
        """Return the table *name*, an empty one if there is none."""
        found = self.get(name)  # type: ignore[call-overload]  # as above
        return found if isinstance(found, Table) else Table(self.source, self.at)

    def list(self, name: str) -> list[Tree]:
        """Return the list *name*, an empty one if there is none."""
        found = self.get(name)  # type: ignore[call-overload]  # as above
        return found if isinstance(found, list) else []

    def tables(self, name: str) -> Iterator[Table]:
        """Yield the tables of the list *name*."""
        return (each for each in self.list(name) if isinstance(each, Table))

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.source.place(self.at)

    @property
    def ends(self) -> Place:
        """Where its last character stands."""
        return self.source.place(max(self.until - 1, self.at))


Tree = Written | Table | list["Tree"] | None


@dataclass
class Editing:
    """A text that is changed while its characters still lead to where they stand."""

    source: Source
    parts: list[str] = field(default_factory=list)
    indices: list[int] = field(default_factory=list)

    def keep(self, text: str, indices: Indices) -> None:
        """Add *text* as it stands."""
        self.parts.append(text)
        self.indices.extend(indices)

    def put(self, text: str, indices: Indices) -> None:
        """Add *text* in place of what stands at *indices*."""
        last = len(indices) - 1
        self.parts.append(text)
        self.indices.extend(indices[min(offset, last)] for offset in range(len(text)))

    def passage(self) -> Passage:
        """Return what was made."""
        return passage(self.source, "".join(self.parts), self.indices)


def passage(source: Source, text: str, indices: Indices) -> Passage:
    """Return *text* with an anchor wherever it does not simply run on."""
    anchors: list[Anchor] = []
    expected: tuple[int, int] | None = None
    before: int | None = None
    for offset, index in enumerate(indices):
        if source.inside is None and before is not None and index == before + 1 and source.text[before] not in "\r\n":
            before = index
            continue
        here = source.where(index)
        if source.inside is None or here != expected:
            anchors.append(Anchor(offset, *here))
        before, expected = index, (here[0], here[1] + 1)
    return Passage(str(text), source.file, tuple(anchors) or (Anchor(0, *source.where(0)),))
