"""Cells whose recordings the fault door distorts; only a service that has such a door has such cells."""

from __future__ import annotations

import math
from collections.abc import Callable
from threading import RLock
from typing import Any, TypeVar

from tocsin.model import Scale, Shift, Signal, Silence
from tocsin.sdk.cells import CounterCell, GaugeCell, HistogramCell, as_number
from tocsin.sdk.faults import Faults

CellT = TypeVar("CellT", CounterCell, HistogramCell, GaugeCell)

_ROUNDED = 1e-9
"""What a product of floats may lack of a whole number."""


def distorting(faults: Faults) -> Callable[[Signal, Any], Any]:
    """Return what makes a signal's cell one that *faults* distorts."""

    def distorted(signal: Signal, cell: CellT) -> CellT:
        if isinstance(cell, CounterCell):
            return DistortedCounter(cell, faults, signal.name)
        if isinstance(cell, HistogramCell):
            return DistortedHistogram(cell, faults, signal.name)
        return DistortedGauge(cell, faults, signal.name)

    return distorted


class DistortedCounter(CounterCell):
    """A counter that may be silenced: nothing is counted; or scaled: events are left out, or counted several times.

    Of any events in a row, the scaled number is counted, give or take one; whole numbers stay whole.
    """

    __slots__ = ("_cell", "_faults", "_guard", "_name", "_passed", "_scale", "_seen", "_whole")

    def __init__(self, cell: CounterCell, faults: Faults, name: str) -> None:
        super().__init__(cell.prefix, _ignored)
        self._cell = cell
        self._faults = faults
        self._name = name
        self._guard = RLock()  # a signal handler may count while its thread does
        self._scale: Scale | None = None
        self._seen = self._passed = 0.0
        self._whole = True

    def count(self, by: float = 1) -> None:
        """Count *by* events, or what is to be counted in their stead."""
        match self._faults.on(self._name):
            case Silence():
                return
            case Scale() as scale:
                self._cell.count(self._scaled(by, scale))
            case _:
                self._cell.count(by)

    def fold(self, *, wait: bool = False) -> None:
        """Show what was counted."""
        self._cell.fold(wait=wait)
        self.value = self._cell.value

    def _scaled(self, by: float, scale: Scale) -> float:
        number = as_number(by)
        if number is None or not 0 <= number < math.inf:
            return by  # the cell tells what is wrong with it
        with self._guard:
            if scale is not self._scale:
                self._scale, self._seen, self._passed, self._whole = scale, 0.0, 0.0, True
            self._seen += number
            self._whole = self._whole and float(number).is_integer()
            due = self._seen * scale.factor
            if self._whole:
                due = float(math.floor(due + _ROUNDED))
            before, self._passed = self._passed, max(due, self._passed)
            scaled = self._passed - before
        return int(scaled) if scaled.is_integer() else scaled


class DistortedHistogram(HistogramCell):
    """A histogram that may be silenced: nothing is recorded; or shifted: each observation is the mean asked for."""

    __slots__ = ("_cell", "_faults", "_name")

    def __init__(self, cell: HistogramCell, faults: Faults, name: str) -> None:
        super().__init__(cell.prefixes, (), _ignored)
        self._cell = cell
        self._faults = faults
        self._name = name

    def record(self, value: float) -> None:
        """Record one observation, or what is to be observed in its stead."""
        match self._faults.on(self._name):
            case Silence():
                return
            case Shift(_, mean):
                self._cell.record(mean)
            case _:
                self._cell.record(value)

    def fold(self, *, wait: bool = False) -> None:
        """Show what was recorded."""
        self._cell.fold(wait=wait)
        self.state = self._cell.state


class DistortedGauge(GaugeCell):
    """A gauge that may be silenced: it keeps its value; or shifted: it shows the mean asked for.

    Once healed it shows what it was last set to, also if that was meanwhile.
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
        self.value = fault.mean if isinstance(fault, Shift) else self._cell.value


def _ignored(_: object) -> None:
    """The cell that is distorted tells of its bad values itself."""
