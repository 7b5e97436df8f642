"""HTTP requests: one append each, from which count, duration and in-flight requests are all derived."""

from __future__ import annotations

import itertools
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from threading import RLock
from typing import Protocol

from tocsin.model import HTTP_IN_FLIGHT, HTTP_REQUESTS, UNMATCHED, Histogram
from tocsin.sdk.cells import FOLD_AT, HistogramCell
from tocsin.sdk.exposition import Labels, header, histogram_lines, histogram_prefixes, prefix
from tocsin.sdk.openmetrics import exemplar
from tocsin.sdk.table import Notice, Table

FAILED = 500
"""The status from which on a request has failed; its series is there before the first failure."""


class RequestCell(HistogramCell):
    """The requests of one method, route and status: their durations, and so their number."""

    __slots__ = ("_exemplars", "count_prefix", "route", "started")

    def __init__(self, histogram: Histogram, labels: Labels) -> None:
        super().__init__(histogram_prefixes(histogram, labels), histogram.buckets, _ignored)
        self.count_prefix = prefix(HTTP_REQUESTS.name, labels)
        self.route = dict(labels)["route"]
        self.started = False
        """Whether the histogram is exposed although nothing was observed."""
        self._exemplars: dict[str, str] = {}

    def exemplify(self, trace_id: str, span_id: str, seconds: float) -> None:
        """Keep a request of a sampled trace as the example of its bucket, and of its count."""
        at = time.time()
        bucket = self.prefixes[bisect_left(self._bounds, seconds)]
        self._exemplars[bucket] = exemplar(trace_id, span_id, seconds, at)
        self._exemplars[self.count_prefix] = exemplar(trace_id, span_id, 1.0, at)

    def exemplars(self) -> dict[str, str]:
        """Return the exemplars, each by the start of the line that it belongs to."""
        return self._exemplars.copy()


class Flying(Protocol):
    """Counts the requests that are being answered."""

    @property
    def begin(self) -> Callable[[], int]:
        """Count one more, and return its number: one that is larger than the one before."""

    def flying(self, ended: int) -> int:
        """Return how many are being answered when *ended* have been."""


class Flight:
    """The requests that this process is answering: what was begun and has not ended."""

    def __init__(self) -> None:
        self.begin: Callable[[], int] = itertools.count(1).__next__
        self._looks = 0

    def flying(self, ended: int) -> int:
        """Return how many are being answered; to look counts as a request that ends at once."""
        in_flight = self.begin() - 1 - self._looks - ended
        self._looks += 1
        return in_flight


class Requests:
    """The table of a service's requests; *make*, *together* as of a Table.

    Every request is begun by *begin* and ends with one append to its cell; what was begun and has not ended is in
    *flight*.
    """

    def __init__(
        self,
        histogram: Histogram,
        make: Callable[[Labels], RequestCell],
        flight: Flying,
        notice: Notice,
        together: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self.table = Table(histogram, make, notice, together)
        self._headers = tuple(header(signal) for signal in (HTTP_REQUESTS, histogram, HTTP_IN_FLIGHT))
        self._lock = RLock()
        self._flight = flight
        self.begin = flight.begin
        for method in histogram.labels[0].domain:
            self.table.at((method, UNMATCHED, str(FAILED)))

    def at(self, method: str, route: str, status: int) -> RequestCell:
        """Return the cell of a request; when its method and route are new, their failures start at 0 too."""
        cell = self.table.at((method, route, str(status)))
        self.table.at((method, route, str(FAILED)))
        return cell

    def start(self, known: Iterable[tuple[str, str, int]]) -> None:
        """Start the series of routes that are *known* ahead: method, template, and status of success."""
        for method, route, status in known:
            self.at(method, route, status).started = True

    def fold(self, *, wait: bool = False) -> list[RequestCell]:
        """Fold every cell and return them all."""
        cells = self.table.cells()
        for cell in cells:
            cell.fold(wait=wait)
        return cells

    def exemplars(self) -> dict[str, str]:
        """Return the exemplars of every cell; see openmetrics.translated."""
        return {start: text for cell in self.table.cells() for start, text in cell.exemplars().items()}

    def lines(self) -> list[str]:
        """Return the lines of the three metrics."""
        with self._lock:
            cells = self.fold(wait=True)
            in_flight = self._flight.flying(sum(cell.state[1] for cell in cells))
        counts, durations, flying = self._headers
        return [
            counts,
            *[f"{cell.count_prefix}{cell.state[1]}\n" for cell in cells],
            durations,
            *histogram_lines([cell for cell in cells if cell.state[1] or cell.started]),
            f"{flying}{HTTP_IN_FLIGHT.name} {in_flight}\n",
        ]


def _ignored(_: object) -> None:
    """A clock gives nothing but numbers."""


class Pace:
    """Tells by its number whether a request is one of the few that fold, or whose transaction is told.

    A request whose number is below *due* need not ask. *gap* says how many requests there are from one transaction to
    the next; folding keeps the size of a service that nobody scrapes.
    """

    __slots__ = ("_folds", "_gap", "_requests", "_samples", "due")

    def __init__(self, requests: Requests, gap: Callable[[], int]) -> None:
        self._requests = requests
        self._gap = gap
        self._folds = FOLD_AT
        self._samples = gap()
        self.due = min(self._folds, self._samples)

    def turn(self, number: int) -> bool:
        """Do what is due at *number*, and tell whether that request is a sampled one."""
        if number >= self._folds:
            self._folds = number + FOLD_AT
            self._requests.fold()
        sampled = number >= self._samples
        if sampled:
            self._samples = number + self._gap()
        self.due = min(self._folds, self._samples)
        return sampled
