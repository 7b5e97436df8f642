"""How a process records that shares its metrics with no other one, and what else there could be in its stead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from tocsin.model import Counter, Gauge, Histogram
from tocsin.sdk.cells import BadValue, CounterCell, GaugeCell, HistogramCell
from tocsin.sdk.exposition import Labels, histogram_prefixes, prefix
from tocsin.sdk.process import Process
from tocsin.sdk.requests import Flight, Flying, RequestCell
from tocsin.sdk.table import Table


class Recording(Protocol):
    """Makes the cells of a service's metrics."""

    def counter(self, counter: Counter, labels: Labels, bad_value: BadValue) -> CounterCell:
        """Return a new cell."""

    def gauge(self, gauge: Gauge, labels: Labels, bad_value: BadValue) -> GaugeCell:
        """Return a new cell."""

    def histogram(self, histogram: Histogram, labels: Labels, bad_value: BadValue) -> HistogramCell:
        """Return a new cell."""

    def request(self, histogram: Histogram, labels: Labels) -> RequestCell:
        """Return a new cell of requests."""

    def flight(self) -> Flying:
        """Return what counts the requests that are being answered."""

    def together(self) -> AbstractContextManager[None]:
        """Make cells while nobody else does."""

    def attend(self, tables: Mapping[str, Table[Any]], full: Callable[[str], None]) -> None:
        """Let *tables*, each under its metric's name, adopt what others make; *full* hears what had no room."""

    def refresh(self) -> None:
        """See that folding the cells shows what is recorded now."""

    def process(self) -> list[str]:
        """Return the lines of what is known of the process, or of all that record together."""


class Alone:
    """Cells that this process alone knows."""

    def __init__(self) -> None:
        self._process = Process()

    def counter(self, counter: Counter, labels: Labels, bad_value: BadValue) -> CounterCell:
        """Return a new cell."""
        return CounterCell(prefix(counter.name, labels), bad_value)

    def gauge(self, gauge: Gauge, labels: Labels, bad_value: BadValue) -> GaugeCell:
        """Return a new cell."""
        return GaugeCell(prefix(gauge.name, labels), bad_value)

    def histogram(self, histogram: Histogram, labels: Labels, bad_value: BadValue) -> HistogramCell:
        """Return a new cell."""
        return HistogramCell(histogram_prefixes(histogram, labels), histogram.buckets, bad_value)

    def request(self, histogram: Histogram, labels: Labels) -> RequestCell:
        """Return a new cell of requests."""
        return RequestCell(histogram, labels)

    def flight(self) -> Flight:
        """Return what counts the requests that are being answered."""
        return Flight()

    def together(self) -> AbstractContextManager[None]:
        """Do nothing: nobody else makes cells."""
        return nullcontext()

    def attend(self, tables: Mapping[str, Table[Any]], full: Callable[[str], None]) -> None:
        """Do nothing with *tables* and *full*: nobody else makes cells, and there is always room."""

    def refresh(self) -> None:
        """Do nothing: a cell knows it all."""

    def process(self) -> list[str]:
        """Return the lines of what is known of the process."""
        return self._process.lines()
