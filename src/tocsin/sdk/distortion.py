"""Cells whose recordings the fault door distorts; only a service that has such a door has such cells."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from tocsin.model import Errors, Scale, Selector, Shift, Signal, Silence, Slow
from tocsin.sdk.cells import CounterCell, GaugeCell, HistogramCell, as_number
from tocsin.sdk.exposition import Labels
from tocsin.sdk.faults import Faults
from tocsin.sdk.selectors import nearest, selects
from tocsin.sdk.share import Share

CellT = TypeVar("CellT", CounterCell, HistogramCell, GaugeCell)
Bind = Callable[[Any, Mapping[str, str]], Any]
"""Returns a signal's cell of some labels, as a service's code is given it."""

TIME = "_timestamp_seconds"
"""How the name of a gauge ends that holds a Unix time."""


def distorting(faults: Faults, bind: Bind) -> Callable[[Signal, Labels, Any], Any]:
    """Return what makes a signal's cell one that *faults* distorts."""

    def distorted(signal: Signal, labels: Labels, cell: CellT) -> CellT:
        if isinstance(cell, CounterCell):
            return DistortedCounter(cell, faults, signal.name, dict(labels), bind)
        if isinstance(cell, HistogramCell):
            return DistortedHistogram(cell, faults, signal.name, dict(labels))
        return DistortedGauge(cell, faults, signal.name)

    return distorted


class DistortedCounter(CounterCell):
    """A counter that may be silenced: nothing is counted; scaled: events are left out, or counted several times.

    Or spoilt: a share of the events, taken of all series together, is counted as bad: by other labels of this counter
    instead, or by another counter as well. Of any events in a row, the scaled number is counted, give or take one;
    whole numbers stay whole.
    """

    __slots__ = ("_bind", "_faults", "_labels", "_name", "_scale", "_share", "whole")

    def __init__(self, whole: CounterCell, faults: Faults, name: str, labels: Mapping[str, str], bind: Bind) -> None:
        super().__init__(whole.prefix, _ignored)
        self.whole = whole
        self._faults = faults
        self._name = name
        self._labels = labels
        self._bind = bind
        self._scale: Scale | None = None
        self._share = Share(1)

    def count(self, by: float = 1) -> None:
        """Count *by* events, or what is to be counted in their stead."""
        fault = self._faults.on(self._name)
        number = as_number(by)
        if isinstance(fault, Silence):
            return
        if number is None or not 0 <= number < math.inf:  # the cell tells what is wrong with it
            self.whole.count(by)
            return
        match fault:
            case Scale():
                self.whole.count(self._scaled(number, fault))
            case Errors(_, Selector() as bad, Selector() as of) if selects(of, self._labels):
                self._spoil(number, bad)
            case _:
                self.whole.count(by)

    def fold(self, *, wait: bool = False) -> None:
        """Show what was counted."""
        self.whole.fold(wait=wait)
        self.value = self.whole.value

    def _scaled(self, number: float, scale: Scale) -> float:
        if scale is not self._scale:
            self._scale, self._share = scale, Share(scale.factor)
        return self._share.of(number)

    def _spoil(self, number: float, bad: Selector) -> None:
        spoilt = self._faults.share(self._name, number)
        self.whole.count(number - spoilt if bad.signal.name == self._name else number)
        if spoilt:
            self._bind(bad.signal, nearest(bad, self._labels)).whole.count(spoilt)


class DistortedHistogram(HistogramCell):
    """A histogram that may be silenced: nothing is recorded; or shifted: each observation is the mean asked for.

    Or slow: a share of the observations, taken of all series together, is so many seconds longer.
    """

    __slots__ = ("_cell", "_faults", "_labels", "_name")

    def __init__(self, cell: HistogramCell, faults: Faults, name: str, labels: Mapping[str, str]) -> None:
        super().__init__(cell.prefixes, (), _ignored)
        self._cell = cell
        self._faults = faults
        self._name = name
        self._labels = labels

    def record(self, value: float) -> None:
        """Record one observation, or what is to be observed in its stead."""
        match self._faults.on(self._name):
            case Silence():
                return
            case Shift(_, mean):
                self._cell.record(mean)
            case Slow(seconds, _, Selector() as of) if selects(of, self._labels):
                self._cell.record(self._later(value, seconds))
            case _:
                self._cell.record(value)

    def fold(self, *, wait: bool = False) -> None:
        """Show what was recorded."""
        self._cell.fold(wait=wait)
        self.state = self._cell.state

    def _later(self, value: float, seconds: float) -> float:
        number = as_number(value)
        if number is None:
            return value  # the cell tells what is wrong with it
        return number + seconds if self._faults.share(self._name, 1) else number


class DistortedGauge(GaugeCell):
    """A gauge that may be silenced: it keeps its value; or shifted: it shows the mean asked for.

    A silent time grows older faster than the clock goes, where an order asks for that. Once healed it shows what it was
    last set to, also if that was meanwhile.
    """

    __slots__ = ("_cell", "_faults", "_held", "_name")

    def __init__(self, cell: GaugeCell, faults: Faults, name: str) -> None:
        super().__init__(cell.prefix, _ignored)
        self._cell = cell
        self._faults = faults
        self._name = name
        self._held: tuple[float, ...] = ()

    def set(self, value: float) -> None:
        """Set the gauge, at once or when it is no longer silent."""
        if isinstance(self._faults.on(self._name), Silence):
            self._held = (value,)
        else:
            self._held = ()
            self._cell.set(value)

    def fold(self, *, wait: bool = False) -> None:
        """Show the value."""
        fault = self._faults.on(self._name)
        if self._held and not isinstance(fault, Silence):
            held, self._held = self._held, ()
            self._cell.set(*held)
        self._cell.fold(wait=wait)
        match fault:
            case Shift():
                self.value = fault.mean
            case Silence() if self._name.endswith(TIME):
                self.value = self._cell.value - self._faults.aging()
            case _:
                self.value = self._cell.value


def _ignored(_: object) -> None:
    """The cell that is distorted tells of its bad values itself."""
