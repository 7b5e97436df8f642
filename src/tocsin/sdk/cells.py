"""Cells: where one series is recorded.

Recording appends to a list, which is atomic, so threads lose nothing and wait for nobody; the numbers are added up
when somebody scrapes, or when many wait (*folding*). What was recorded is judged there too: a value that is no finite
number is dropped and noticed, and costs the recording path nothing.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from threading import Lock
from typing import Any

FOLD_AT = 4096
"""Recordings that may wait in a cell that nobody scrapes; a power of two."""

BadValue = Callable[[object], None]
"""Told of each recording that was dropped because it is no number that the cell can hold."""


class Cell:
    """One series that is recorded by appending; *append* is its hot path."""

    __slots__ = ("_bad_value", "_lock", "_pending", "append")

    def __init__(self, bad_value: BadValue) -> None:
        self._pending: list[Any] = []
        self.append = self._pending.append
        self._lock = Lock()
        self._bad_value = bad_value

    def fold(self, *, wait: bool = False) -> None:
        """Add up what waits; appends that happen meanwhile wait for the next time.

        Recording never waits for somebody else who folds, which could be itself, interrupted; a scrape does (*wait*).
        """
        if self._pending and self._lock.acquire(blocking=wait):
            try:
                waiting = self._pending[:]
                del self._pending[: len(waiting)]
                self._add(waiting)
            finally:
                self._lock.release()

    def _add(self, waiting: list[Any]) -> None:
        raise NotImplementedError

    def _numbers(self, waiting: list[Any], least: float) -> list[float]:
        kept = []
        for value in waiting:
            number = as_number(value)
            if number is not None and least <= number < math.inf:
                kept.append(number)
            else:
                self._bad_value(value)
        return kept


def as_number(value: object) -> float | None:
    """Return *value* as a number that fits into 64 bits of floating point, None if it is none."""
    try:
        number = None if isinstance(value, str | bytes) else float(value)  # type: ignore[arg-type]  # what is no number raises
    except Exception:  # noqa: BLE001 - a stranger's object may raise anything when it is asked for its value
        return None
    return value if isinstance(value, int) else number


class CounterCell(Cell):
    """A series of a counter, and what `Observer.bind` returns for one."""

    __slots__ = ("prefix", "value")

    def __init__(self, prefix: str, bad_value: BadValue) -> None:
        super().__init__(bad_value)
        self.prefix = prefix
        self.value: float = 0

    def count(self, by: float = 1) -> None:
        """Count *by* events, 0 or more."""
        self.append(by)
        if len(self._pending) >= FOLD_AT:
            self.fold()

    def _add(self, waiting: list[Any]) -> None:
        try:
            total = sum(waiting)
            good = min(waiting) >= 0 and float(total) < math.inf
        except Exception:  # noqa: BLE001 - a stranger's object may raise anything when it is added
            good = False
        if not good:
            total = sum(self._numbers(waiting, least=0))
        self.value += total if isinstance(total, int) else float(total)


class HistogramCell(Cell):
    """A series of a histogram, and what `Observer.bind` returns for one.

    *state* is the cumulative count up to each bound, the count and the sum, replaced as one so that no reader sees
    half of a fold.
    """

    __slots__ = ("_bounds", "prefixes", "state")

    def __init__(self, prefixes: tuple[str, ...], bounds: tuple[float, ...], bad_value: BadValue) -> None:
        super().__init__(bad_value)
        self.prefixes = prefixes
        self._bounds = bounds
        self.state: tuple[list[int], int, float] = ([0] * len(bounds), 0, 0.0)

    def record(self, value: float) -> None:
        """Record one observation."""
        self.append(value)
        if len(self._pending) >= FOLD_AT:
            self.fold()

    def _add(self, waiting: list[Any]) -> None:
        try:
            ordered = sorted(waiting)
            total = float(sum(ordered))
            good = math.isfinite(total)
        except Exception:  # noqa: BLE001 - a stranger's object may raise anything when it is compared
            good = False
        if not good:
            ordered = sorted(self._numbers(waiting, least=math.nextafter(-math.inf, 0)))
            total = float(sum(ordered))
        seen, count, before = self.state
        cumulative = [so_far + bisect_right(ordered, bound) for so_far, bound in zip(seen, self._bounds, strict=True)]
        self.state = (cumulative, count + len(ordered), before + total)


class GaugeCell:
    """A series of a gauge, and what `Observer.bind` returns for one."""

    __slots__ = ("_bad_value", "prefix", "value")

    def __init__(self, prefix: str, bad_value: BadValue) -> None:
        self.prefix = prefix
        self.value: float = 0
        self._bad_value = bad_value

    def fold(self, *, wait: bool = False) -> None:
        """Do nothing: what is set waits for nobody, nor does *wait*."""

    def set(self, value: float) -> None:
        """Set the gauge to any number, infinity and NaN among them."""
        number = as_number(value)
        if number is None:
            self._bad_value(value)
        else:
            self.value = number
