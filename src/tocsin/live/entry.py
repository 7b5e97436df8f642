"""A value of a file that a user wrote, asked for what it must be; what is wrong is said with its place."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tocsin.live.written import Table, Tree, Written
from tocsin.model import DeclarationError, Place, TocsinError, milliseconds


@dataclass(frozen=True, slots=True)
class Entry:
    """A value of a file with its *name*, and where it stands, or else where it is named."""

    name: str
    tree: Tree
    place: Place
    named: Place | None = None

    def wrong(self, sentence: str) -> TocsinError:
        """Return the error that says *sentence* of this place."""
        return _wrong(self.place, sentence)

    @contextmanager
    def declaring(self) -> Iterator[None]:
        """Say of a declaration that is wrong where it stands."""
        try:
            yield
        except DeclarationError as cause:
            raise self.wrong(str(cause)) from None

    def fields(self, *known: str) -> dict[str, Entry]:
        """Return the fields of a table that has no others than the *known* ones."""
        found = self.each(f"the fields {', '.join(known)}")
        for name, entry in found.items():
            if name not in known:
                raise _wrong(
                    entry.named or entry.place, f"{self.name} has no field {name!r}: {suggested(name, known)}."
                )
        return found

    def each(self, what: str) -> dict[str, Entry]:
        """Return the entries of a table, which is to hold *what*."""
        if not isinstance(self.tree, Table):
            raise self.wrong(f"{self.name} must be a table with {what}.")
        for key in self.tree.twice:
            raise _wrong(key.place, f"{self.name} has {str(key)!r} twice: remove one.")
        return {str(key): Entry(str(key), tree, _place(tree, key.place), key.place) for key, tree in self.tree.items()}

    def one(self, what: str) -> Entry:
        """Return the only entry of a table, which is to hold *what*."""
        found = list(self.each(what).values())
        if len(found) != 1:
            raise self.wrong(f"{self.name} must be a table with {what}, and nothing else.")
        return found[0]

    def items(self) -> list[Entry]:
        """Return the entries of a list, or this one, if it is none."""
        if not isinstance(self.tree, list):
            return [self]
        return [Entry(self.name, tree, _place(tree, self.place), self.named) for tree in self.tree]

    def text(self) -> str:
        """Return a text."""
        if not isinstance(self.tree, Written) or not self.tree:
            raise self.wrong(f"{self.name} must be a text.")
        return str(self.tree)

    def number(self) -> float:
        """Return a finite number."""
        try:
            found = float(self.text())
        except ValueError:
            found = math.nan
        if not math.isfinite(found):
            raise self.wrong(f"{self.name}: {self.text()!r} is no number.")
        return found

    def duration(self) -> str:
        """Return a duration as Prometheus writes them."""
        with self.declaring():
            milliseconds(self.text())
        return self.text()

    def yes(self) -> bool:
        """Return whether it says true, and not false."""
        if self.text() not in ("true", "false"):
            raise self.wrong(f"{self.name} must be true or false.")
        return self.text() == "true"


def suggested(name: str, known: Collection[str]) -> str:
    """Return what may have been meant by a name that nobody knows, or else what there is."""
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"write {close[0]!r}, if that is meant"
    return f"choose from {', '.join(known)}" if known else "there are none"


def _wrong(place: Place, sentence: str) -> TocsinError:
    return TocsinError(f"{place.file}:{place.line}:{place.column}: {sentence}")


def _place(tree: Tree, otherwise: Place) -> Place:
    return tree.place if isinstance(tree, Written | Table) else otherwise
