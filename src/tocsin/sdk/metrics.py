"""Every metric of one service: recorded without ever raising, bound with care, rendered for a scrape."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from tocsin.model import (
    LOG_RECORDS,
    LOG_SEVERITIES,
    SDK_DROPPED,
    Counter,
    DeclarationError,
    Gauge,
    Histogram,
    Service,
    Signal,
)
from tocsin.sdk.alone import Recording
from tocsin.sdk.cells import BadValue, CounterCell, GaugeCell, HistogramCell
from tocsin.sdk.exposition import Labels, counter_lines, gauge_lines, header, histogram_lines
from tocsin.sdk.requests import Requests
from tocsin.sdk.table import Notice, Table

SignalT = TypeVar("SignalT", bound=Signal)
CellT = TypeVar("CellT", CounterCell, HistogramCell, GaugeCell)
Maker = Callable[[SignalT, Labels, BadValue], CellT]
Distort = Callable[[Signal, Labels, Any], Any]
"""Returns the cell of a signal and labels that takes the place of the one it is given."""


class Metrics:
    """The tables of a service's signals, of its requests, and of what the SDK dropped."""

    def __init__(self, service: Service, notice: Notice, recording: Recording, distort: Distort | None = None) -> None:
        self._service = service
        self._notice = notice
        self._recording = recording
        self._distort = distort
        self._dropped: Table[CounterCell] = self._table(SDK_DROPPED, recording.counter)
        self._counters = self._tables(Counter, recording.counter)
        self._gauges = self._tables(Gauge, recording.gauge)
        self._histograms = self._tables(Histogram, recording.histogram)
        duration = service.http_duration
        self.requests = Requests(
            duration, lambda labels: recording.request(duration, labels), recording.flight(), notice, recording.together
        )
        tables: dict[str, Table[Any]] = {SDK_DROPPED.name: self._dropped, duration.name: self.requests.table}
        for of_one_kind in (self._counters, self._gauges, self._histograms):
            tables.update(of_one_kind)
        recording.attend(tables, self._full)

    def count(self, signal: Signal, by: float, labels: Mapping[str, object]) -> None:
        """Count *by* events of a counter."""
        cell = self._find(self._counters, signal, labels)
        if cell is not None:
            cell.count(by)

    def record(self, signal: Signal, value: float, labels: Mapping[str, object]) -> None:
        """Record one observation of a histogram."""
        cell = self._find(self._histograms, signal, labels)
        if cell is not None:
            cell.record(value)

    def set(self, signal: Signal, value: float, labels: Mapping[str, object]) -> None:
        """Set a gauge."""
        cell = self._find(self._gauges, signal, labels)
        if cell is not None:
            cell.set(value)

    def bind(self, signal: Signal, labels: Mapping[str, object]) -> CounterCell | HistogramCell | GaugeCell:
        """Return the cell of *labels*, to record into without looking it up again.

        Raises:
            DeclarationError: the service does not declare the signal, or the signal not these labels.

        """
        table = self._counters.get(signal.name) or self._histograms.get(signal.name) or self._gauges.get(signal.name)
        if table is None or table.signal != signal:
            raise DeclarationError(
                f"{self._service.name} does not declare {signal.name}: add it to the service's signals."
            )
        table.require(labels)
        return table.find(labels)

    def dropped(self, reason: str, sentence: str) -> None:
        """Count something that was dropped for *reason*, and say so once."""
        self._dropped.at((reason,)).count()
        self._notice(sentence, sentence)

    def lost(self) -> None:
        """Count a log line that could not be written, which nothing can be said about."""
        self._dropped.at(("log",)).count()

    def written(self) -> dict[str, Callable[[], None]]:
        """Return what counts a log record of each severity."""
        table = self._counters[LOG_RECORDS.name]
        return {severity: table.at((severity,)).count for severity in LOG_SEVERITIES}

    def render(self) -> bytes:
        """Return the whole exposition."""
        return "".join([line for lines in self._lines() for line in lines]).encode("utf-8", "replace")

    def _lines(self) -> Iterator[list[str]]:
        self._recording.refresh()
        for signal in self._service.recorded:
            yield [header(signal)]
            if isinstance(signal, Histogram):
                yield histogram_lines(_folded(self._histograms[signal.name]))
            elif isinstance(signal, Counter):
                yield counter_lines(_folded(self._counters[signal.name]))
            else:
                yield gauge_lines(_folded(self._gauges[signal.name]))
        yield self.requests.lines()
        yield self._recording.process()
        yield [header(SDK_DROPPED), *counter_lines(_folded(self._dropped))]

    def _find(self, tables: Mapping[str, Table[CellT]], signal: Any, labels: Mapping[str, object]) -> CellT | None:
        try:
            table = tables[signal.name]
        except (AttributeError, KeyError, TypeError):
            wanted = f"{signal.kind} {signal.name}" if isinstance(signal, Signal) else f"signal {signal!r:.100}"
            name = self._service.name
            self.dropped("signal", f"A recording was dropped: {name} has no {wanted}, add it to its signals.")
            return None
        try:
            return table.find(labels)
        except DeclarationError as error:
            self.dropped("label", f"A recording was dropped: {error}")
        except Exception as error:  # noqa: BLE001 - a stranger's object may raise anything when it is spelled
            name, kind = table.signal.name, type(error).__name__
            self.dropped("label", f"A recording was dropped: a label's value of {name} raised {kind}, give it text.")
        return None

    def _full(self, name: str) -> None:
        """Count what the workers' file has no room for, unless it is this very count."""
        if name != SDK_DROPPED.name:
            self.dropped("room", f"A recording was dropped: there is no room left for {name}, use fewer label values.")

    def _tables(self, kind: type[SignalT], make: Maker[SignalT, CellT]) -> dict[str, Table[CellT]]:
        signals = (signal for signal in self._service.recorded if isinstance(signal, kind))
        if self._distort is not None:
            make = _distorted(make, self._distort)
        return {signal.name: self._table(signal, make) for signal in signals}

    def _table(self, signal: SignalT, make: Maker[SignalT, CellT]) -> Table[CellT]:
        bad_value = self._bad_value(signal)
        return Table(signal, lambda labels: make(signal, labels, bad_value), self._notice, self._recording.together)

    def _bad_value(self, signal: Signal) -> Callable[[object], None]:
        def tell(value: object) -> None:
            kind = type(value).__name__
            self.dropped(
                "value", f"A recording was dropped: {signal.name} cannot hold a value like that of type {kind}."
            )

        return tell


def _distorted(make: Maker[SignalT, CellT], distort: Distort) -> Maker[SignalT, CellT]:
    return lambda signal, labels, bad_value: distort(signal, labels, make(signal, labels, bad_value))


def _folded(table: Table[CellT]) -> list[CellT]:
    cells = table.cells()
    for cell in cells:
        cell.fold(wait=True)
    return cells
