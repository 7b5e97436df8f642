"""Cells that record into the file that the workers share.

Until its process has become a worker, a cell is like any other. Then *append* writes into the process's page, under a
lock that only the threads of the process share, so that what was recorded is in the file when it returns.
"""

from __future__ import annotations

import itertools
import math
import time
from bisect import bisect_left
from collections.abc import Callable
from threading import Lock, RLock
from typing import Any, TypeAlias

from tocsin.model import HTTP_IN_FLIGHT, Counter, Gauge, Histogram
from tocsin.sdk.cells import FOLD_AT, BadValue, Cell, CounterCell, GaugeCell, HistogramCell, as_number
from tocsin.sdk.exposition import Labels, histogram_prefixes, prefix
from tocsin.sdk.requests import RequestCell
from tocsin.sdk.workers.keys import Key
from tocsin.sdk.workers.store import Store

Slots: TypeAlias = "memoryview[float]"

_INF = math.inf
_LEAST = math.nextafter(-math.inf, 0)


class _Shared(Cell):
    """What is recorded by appending; *at* is where its slots begin, None without a seat."""

    at: int | None
    key: Key

    @property
    def seated(self) -> bool:
        """Whether it has a seat."""
        return self.at is not None

    def seat(self, slots: Slots, at: int, pen: RLock) -> None:
        """Record into *slots*, from *at* on, while holding *pen*."""
        raise NotImplementedError

    def unseat(self, *, forked: bool) -> None:
        """Record for itself again; a process that was *forked* has recorded nothing yet."""
        raise NotImplementedError

    def gather(self) -> None:
        """Add up what was recorded for itself."""
        Cell.fold(self, wait=True)

    def drain(self) -> None:
        """Record what another thread had still recorded for itself."""
        waiting = self._pending[:]
        del self._pending[: len(waiting)]
        for value in waiting:
            self.append(value)

    def refuse(self) -> None:
        """Record nothing, and count that."""
        self.append = self._refused
        self.drain()

    def _enrol(self, store: Store, key: Key) -> None:
        self.at, self.key, self._store = None, key, store
        self.append = self._first
        store.enrol(self)

    def _take(self, at: int, append: Callable[[Any], None]) -> None:
        self.at, self.append = at, append
        self.drain()

    def _stand(self, *, forked: bool) -> None:
        self.at, self.append = None, self._first
        if forked:
            self._pending.clear()
            self._lock = Lock()

    def _first(self, value: Any) -> None:
        self._pending.append(value)
        if len(self._pending) >= FOLD_AT:
            self._store.gather(self)
        self._store.settle(self)

    def _refused(self, _: object) -> None:
        self._store.full(self.key)


class SharedCounterCell(_Shared, CounterCell):
    """A series of a counter."""

    def __init__(self, store: Store, counter: Counter, labels: Labels, bad_value: BadValue) -> None:
        super().__init__(prefix(counter.name, labels), bad_value)
        self._enrol(store, Key.of(counter, labels))

    def count(self, by: float = 1) -> None:
        """Count *by* events, 0 or more."""
        self.append(by)

    def fold(self, *, wait: bool = False) -> None:  # noqa: ARG002 - the store lets nobody else fold
        """Show what all workers have counted."""
        if self.at is None:
            self._store.gather(self)
        at, totals = self.at, self._store.totals
        if at is not None:
            value = totals[at] if at < len(totals) else 0.0
            self.value = int(value) if value.is_integer() else value

    def seat(self, slots: Slots, at: int, pen: RLock) -> None:
        """Count into *slots*, at *at*."""

        def add(by: Any) -> None:
            try:
                number = by + 0.0
                good = 0 <= number < _INF
            except Exception:  # noqa: BLE001 - a stranger's object may raise anything when it is added
                good = False
            for kept in (number,) if good else self._numbers([by], least=0):
                with pen:
                    slots[at] += kept

        self.gather()
        with pen:
            slots[at] += self.value
        self._take(at, add)

    def unseat(self, *, forked: bool) -> None:
        """Count for itself again."""
        self._stand(forked=forked)
        self.value = 0


class SharedLinesCell(SharedCounterCell):
    """Log records of one severity: a process is no worker because it says something, as a server's master does."""

    def _first(self, value: Any) -> None:
        self._pending.append(value)
        if len(self._pending) >= FOLD_AT:
            self._store.gather(self)
        if self._store.joined:
            self._store.settle(self)


class _SharedHistogram(_Shared, HistogramCell):
    """A histogram, of whatever kind: a slot for each bucket, and one for the sum."""

    def record(self, value: float) -> None:
        """Record one observation."""
        self.append(value)

    def fold(self, *, wait: bool = False) -> None:  # noqa: ARG002 - the store lets nobody else fold
        """Show what all workers have recorded."""
        if self.at is None:
            self._store.gather(self)
        if self.at is not None:
            numbers = self._store.totals_at(self.at, len(self._bounds) + 2)
            cumulative = list(itertools.accumulate(map(int, numbers[:-1])))
            count = cumulative.pop()
            self.state = (cumulative, count, numbers[-1])

    def seat(self, slots: Slots, at: int, pen: RLock) -> None:
        """Record into *slots*, from *at* on."""
        self.gather()
        cumulative, count, total = self.state
        before = 0
        with pen:
            for slot, so_far in enumerate((*cumulative, count), at):
                slots[slot] += so_far - before
                before = so_far
            slots[at + len(self._bounds) + 1] += total
        self._take(at, self._recording(slots, at, pen))

    def unseat(self, *, forked: bool) -> None:
        """Record for itself again."""
        self._stand(forked=forked)
        self.state = ([0] * len(self._bounds), 0, 0.0)

    def _recording(self, slots: Slots, at: int, pen: RLock) -> Callable[[Any], None]:
        bounds, total = self._bounds, at + len(self._bounds) + 1

        def record(value: Any) -> None:
            try:
                number = value + 0.0
                good = -_INF < number < _INF
            except Exception:  # noqa: BLE001 - a stranger's object may raise anything when it is added
                good = False
            for kept in (number,) if good else self._numbers([value], _LEAST):
                slot = at + bisect_left(bounds, kept)
                with pen:
                    slots[slot] += 1
                    slots[total] += kept

        return record


class SharedHistogramCell(_SharedHistogram):
    """A series of a histogram."""

    def __init__(self, store: Store, histogram: Histogram, labels: Labels, bad_value: BadValue) -> None:
        super().__init__(histogram_prefixes(histogram, labels), histogram.buckets, bad_value)
        self._enrol(store, Key.of(histogram, labels))


class SharedFlight(_Shared):
    """The requests that are being answered now: every request begins one, and is taken off when it is recorded."""

    def __init__(self, store: Store) -> None:
        super().__init__(_ignored)
        self.value = 0
        self._number = itertools.count(1).__next__
        self._enrol(store, Key.of(HTTP_IN_FLIGHT, ()))

    def begin(self) -> int:
        """Count one more, and return its number."""
        self.append(1)
        return self._number()

    def flying(self, ended: int) -> int:  # noqa: ARG002 - the file tells it without
        """Return how many all workers are answering."""
        self.fold(wait=True)
        return int(self.value)

    def fold(self, *, wait: bool = False) -> None:  # noqa: ARG002 - the store lets nobody else fold
        """Show how many all workers are answering."""
        if self.at is None:
            self._store.gather(self)
        if self.at is not None:
            self.value = int(self._store.total(self.at))

    def seat(self, slots: Slots, at: int, pen: RLock) -> None:
        """Count into *slots*, at *at*."""

        def add(change: int) -> None:
            with pen:
                slots[at] += change

        self.gather()
        with pen:
            slots[at] += self.value
        slots[at + 1] = time.monotonic()
        self._slots = slots
        self._take(at, add)

    def unseat(self, *, forked: bool) -> None:
        """Count for itself again, and go on with what is being answered."""
        self.value = 0 if forked or self.at is None else int(self._slots[self.at])
        self._stand(forked=forked)

    def _add(self, waiting: list[Any]) -> None:
        self.value += sum(waiting)


class SharedRequestCell(_SharedHistogram, RequestCell):
    """The requests of one method, route and status; each that is recorded is taken off *flight*."""

    def __init__(self, store: Store, flight: SharedFlight, histogram: Histogram, labels: Labels) -> None:
        RequestCell.__init__(self, histogram, labels)
        self._flight = flight
        self._enrol(store, Key.of(histogram, labels))

    def _add(self, waiting: list[Any]) -> None:
        super()._add(waiting)
        self._flight.append(-len(waiting))

    def _refused(self, value: Any) -> None:
        super()._refused(value)
        self._flight.append(-1)

    def _recording(self, slots: Slots, at: int, pen: RLock) -> Callable[[float], None]:
        bounds, total, flying = self._bounds, at + len(self._bounds) + 1, self._flight.at

        def record(seconds: float) -> None:
            slot = at + bisect_left(bounds, seconds)
            with pen:
                slots[slot] += 1
                slots[total] += seconds
                if flying is not None:
                    slots[flying] -= 1

        return record


class SharedGaugeCell(GaugeCell):
    """A series of a gauge; *_own* is what this process has set it to, if it has."""

    def __init__(self, store: Store, gauge: Gauge, labels: Labels, bad_value: BadValue) -> None:
        super().__init__(prefix(gauge.name, labels), bad_value)
        self.key = Key.of(gauge, labels)
        self.at: int | None = None
        self._own: float | None = None
        self._store = store
        self._write: Callable[[float], None] = self._first
        store.enrol(self)

    @property
    def seated(self) -> bool:
        """Whether it has a seat."""
        return self.at is not None

    def set(self, value: float) -> None:
        """Set the gauge to any number, infinity and NaN among them."""
        number = as_number(value)
        if number is None:
            self._bad_value(value)
        else:
            self._own = number
            self._write(number)

    def fold(self, *, wait: bool = False) -> None:  # noqa: ARG002 - nobody is waited for
        """Show what all workers have set."""
        if self.at is not None:
            self.value = self._store.total(self.at)
        elif self._own is not None:
            self.value = self._own

    def seat(self, slots: Slots, at: int, pen: RLock) -> None:
        """Set *slots*, at *at*."""

        def write(number: float) -> None:
            with pen:
                slots[at] = number
                slots[at + 1] = time.monotonic()

        self.at, self._write = at, write
        self.drain()

    def gather(self) -> None:
        """Do nothing: what is set does not add up."""

    def drain(self) -> None:
        """Set what was set before there was a seat."""
        if self._own is not None:
            self._write(self._own)

    def refuse(self) -> None:
        """Set nothing, and count that."""
        self._write = lambda _: self._store.full(self.key)

    def unseat(self, *, forked: bool) -> None:  # noqa: ARG002 - what is set holds for the forked process too
        """Set for itself again."""
        self.at, self._write = None, self._first

    def _first(self, _: float) -> None:
        self._store.settle(self)


def _ignored(_: object) -> None:
    """Nothing bad is ever counted."""
