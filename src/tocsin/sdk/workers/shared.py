"""How a process records that is one of several workers, and answers for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from tocsin.model import LOG_RECORDS, Counter, Gauge, Histogram
from tocsin.sdk.cells import BadValue
from tocsin.sdk.exposition import Labels, header, prefix
from tocsin.sdk.process import Process, spelled
from tocsin.sdk.table import Table
from tocsin.sdk.workers.cells import (
    SharedCounterCell,
    SharedFlight,
    SharedGaugeCell,
    SharedHistogramCell,
    SharedLinesCell,
    SharedRequestCell,
)
from tocsin.sdk.workers.keys import Key
from tocsin.sdk.workers.place import place
from tocsin.sdk.workers.store import Store

WORKERS = Gauge("tocsin_sdk_workers", "Worker processes of the service that are alive.")

_STORES: dict[tuple[str, str], Store] = {}


class Shared:
    """Cells of *service* that are shared with the other workers that *setting* tells of; see tocsin.sdk.workers.place.

    A process has one store for each service: a second one would take the first one's locks away.
    """

    def __init__(self, service: str, setting: str, notice: Callable[[str, str], None]) -> None:
        known = _STORES.get((service, setting))
        self._store = known or Store(lambda: place(service, setting), lambda sentence: notice(sentence, sentence))
        _STORES[service, setting] = self._store
        self._flight = SharedFlight(self._store)
        self._process = Process()
        self._tables: Mapping[str, Table[Any]] = {}
        self._full: Callable[[str], object] = str

    def counter(self, counter: Counter, labels: Labels, bad_value: BadValue) -> SharedCounterCell:
        """Return a new cell."""
        kind = SharedLinesCell if counter.name == LOG_RECORDS.name else SharedCounterCell
        return kind(self._store, counter, labels, bad_value)

    def gauge(self, gauge: Gauge, labels: Labels, bad_value: BadValue) -> SharedGaugeCell:
        """Return a new cell."""
        return SharedGaugeCell(self._store, gauge, labels, bad_value)

    def histogram(self, histogram: Histogram, labels: Labels, bad_value: BadValue) -> SharedHistogramCell:
        """Return a new cell."""
        return SharedHistogramCell(self._store, histogram, labels, bad_value)

    def request(self, histogram: Histogram, labels: Labels) -> SharedRequestCell:
        """Return a new cell of requests."""
        return SharedRequestCell(self._store, self._flight, histogram, labels)

    def flight(self) -> SharedFlight:
        """Return what counts the requests that are being answered."""
        return self._flight

    def together(self) -> AbstractContextManager[None]:
        """Make cells while no other worker does."""
        return self._store.together()

    def attend(self, tables: Mapping[str, Table[Any]], full: Callable[[str], None]) -> None:
        """Let *tables*, each under its metric's name, adopt what others make; *full* hears what had no room."""
        self._tables, self._full = tables, full
        self._store.tell(self)

    def adopt(self, key: Key) -> None:
        """Make the cell of *key*, if its metric is declared here just as it is there."""
        table = self._tables.get(key.name)
        if table is None or Key.of(table.signal, key.labels) != key:
            return
        if [label.name for label in table.signal.labels] == [name for name, _ in key.labels]:
            table.adopt(key.labels)

    def full(self, key: Key) -> None:
        """Pass on that something was not recorded."""
        self._full(key.name)

    def refresh(self) -> None:
        """Read what all workers have recorded."""
        self._store.refresh()

    def process(self) -> list[str]:
        """Return the lines of what is known of all workers together."""
        known = self._store.processes or self._process.values()
        return [*spelled(known), f"{header(WORKERS)}{prefix(WORKERS.name, ())}{self._store.workers}\n"]
