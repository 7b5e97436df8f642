"""A signal's table of cells, by the values of its labels.

Closed labels have all their series from the start, so that increase() sees the first event; a value outside of the
set counts as `other`, whose series a gauge has only then. Open labels grow up to their limit, and past it count as
`other` too.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from threading import RLock
from typing import Generic, TypeVar

from tocsin.model import JOB_LAST_SUCCESS, OTHER, DeclarationError, Gauge, Label, Signal
from tocsin.sdk.cells import CounterCell, GaugeCell, HistogramCell
from tocsin.sdk.exposition import Labels

MEMORY = 4096
"""Spellings of labels that a table remembers, so that it need not settle them again."""

CellT = TypeVar("CellT", bound=CounterCell | HistogramCell | GaugeCell)
Notice = Callable[[str, str], None]
"""Told of what was not recorded as it was asked: a key, told once however often it comes, and a sentence."""


class Table(Generic[CellT]):
    """The cells of one signal; *make* creates the cell of some labels.

    While the cell of new labels is settled, *together* is entered: whoever else has cells of the signal may tell of
    them by `adopt`, and makes none meanwhile.
    """

    def __init__(
        self,
        signal: Signal,
        make: Callable[[Labels], CellT],
        notice: Notice,
        together: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self.signal = signal
        self._make = make
        self._notice = notice
        self._together = together
        self._names = tuple(label.name for label in signal.labels)
        self._seen: dict[str, set[str]] = {label.name: set() for label in signal.labels}
        self._cells: dict[tuple[str, ...], CellT] = {}
        self._remembered: dict[tuple[object, ...], CellT] = {}
        self._lock = RLock()
        if signal.closed and signal.name != JOB_LAST_SUCCESS.name:
            for values in itertools.product(*(_started(signal, label) for label in signal.labels)):
                self.at(values)

    def cells(self) -> list[CellT]:
        """Return every cell, in the order in which they were made."""
        with self._lock:
            return list(self._cells.values())

    def adopt(self, labels: Labels) -> None:
        """Make the cell of *labels*, which somebody else has, in the order and with the names of the declaration."""
        values = tuple(value for _, value in labels)
        with self._lock:
            if values not in self._cells:
                for label, value in zip(self.signal.labels, values, strict=True):
                    self._seen[label.name].add(value)
                self._cells[values] = self._make(labels)

    def find(self, labels: Mapping[str, object]) -> CellT:
        """Return the cell of *labels* as a user gave them.

        Raises:
            DeclarationError: a label was never declared, or one is missing.

        """
        spelling = (*labels, *labels.values())
        try:
            return self._remembered[spelling]
        except (KeyError, TypeError):
            return self._settle(labels, spelling)

    def at(self, values: tuple[str, ...]) -> CellT:
        """Return the cell of *values*, one for each label in the order of their declaration."""
        cell = self._cells.get(values)
        return cell if cell is not None else self._settled(values)

    def require(self, labels: Mapping[str, object]) -> None:
        """Refuse labels that were never declared, are missing, or lie outside of a closed set.

        Raises:
            DeclarationError: says which, and what would be right.

        """
        if set(labels) != set(self._names):
            raise DeclarationError(
                f"{self.signal.name} was given the labels {', '.join(labels) or 'none'}: "
                f"it has {', '.join(self._names) or 'none'}."
            )
        for label in self.signal.labels:
            value = _text(labels[label.name])
            if label.closed and value not in label.domain:
                raise DeclarationError(
                    f"{self.signal.name} never has {label.name}={value!r}: its values are {', '.join(label.domain)}."
                )

    def _settle(self, labels: Mapping[str, object], spelling: tuple[object, ...]) -> CellT:
        if len(labels) != len(self._names) or any(name not in labels for name in self._names):
            self.require(labels)
        cell = self.at(tuple(_text(labels[name]) for name in self._names))
        if all(type(part) is str for part in spelling):
            if len(self._remembered) >= MEMORY:
                self._remembered.clear()
            self._remembered[spelling] = cell
        return cell

    def _settled(self, values: tuple[str, ...]) -> CellT:
        with self._together(), self._lock:
            allowed = tuple(map(self._allowed, self.signal.labels, values))
            cell = self._cells.get(allowed)
            if cell is None:
                cell = self._cells[allowed] = self._make(tuple(zip(self._names, allowed, strict=True)))
        for label, value, kept in zip(self.signal.labels, values, allowed, strict=True):
            if kept != value:
                self._tell(label, value)
        return cell

    def _allowed(self, label: Label, value: str) -> str:
        if label.closed:
            return value if value in label.domain else OTHER
        seen = self._seen[label.name]
        if value not in seen and value != OTHER:
            if len(seen) >= label.limit:
                return OTHER
            seen.add(value)
        return value

    def _tell(self, label: Label, value: str) -> None:
        name = self.signal.name
        self._notice(
            f"other {name} {label.name}",
            f"{name} has no {label.name}={value[:100]!r} among its values and counts it as {OTHER!r}: "
            "add it to the label's values."
            if label.closed
            else f"{name} has {label.limit} values of its label {label.name!r} and counts every further one as "
            f"{OTHER!r}: raise the label's limit, or give it fewer values.",
        )


def _started(signal: Signal, label: Label) -> tuple[str, ...]:
    """Return the values whose series are there from the start; a gauge of `other` at 0 would read as something down."""
    return label.values if isinstance(signal, Gauge) else label.domain


def _text(value: object) -> str:
    return str.__str__(value) if isinstance(value, str) else str(value)
