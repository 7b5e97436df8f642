from __future__ import annotations

import math
import threading
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sdk.threads import THREADS, in_threads
from tocsin.sdk.cells import FOLD_AT, Cell, CounterCell, GaugeCell, HistogramCell

EACH = 20_000


class Broken:
    def __float__(self) -> float:
        raise RuntimeError("no number")

    def __radd__(self, other: object) -> float:
        raise RuntimeError("no sum")


def refused(value: object) -> None:
    pytest.fail(f"{value!r} was dropped")


def folding(cell: Cell, until: threading.Event) -> None:
    while not until.is_set():
        cell.fold(wait=True)


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("scraped", [False, True])
def test_threads_lose_no_count(*, scraped: bool) -> None:
    cell = CounterCell("", refused)
    done = threading.Event()
    scraper = threading.Thread(target=folding, args=(cell, done))
    if scraped:
        scraper.start()

    def work() -> None:
        for _ in range(EACH):
            cell.count()

    in_threads(*[work] * THREADS)
    done.set()
    if scraped:
        scraper.join()
    cell.fold(wait=True)
    assert cell.value == THREADS * EACH


@pytest.mark.usefixtures("_impatient")
def test_threads_lose_no_observation() -> None:
    cell = HistogramCell((), (1.0, 2.0), refused)
    done = threading.Event()
    scraper = threading.Thread(target=folding, args=(cell, done))
    scraper.start()

    def work() -> None:
        for number in range(EACH):
            cell.record(number % 4)

    in_threads(*[work] * THREADS)
    done.set()
    scraper.join()
    cell.fold(wait=True)
    assert cell.state == ([THREADS * EACH // 2, THREADS * EACH * 3 // 4], THREADS * EACH, THREADS * EACH * 1.5)


def test_what_nobody_scrapes_does_not_pile_up() -> None:
    counter, histogram = CounterCell("", refused), HistogramCell((), (1.0,), refused)
    for _ in range(10 * FOLD_AT + 1):
        counter.count(2)
        histogram.record(0.5)
        assert len(counter._pending) < FOLD_AT  # noqa: SLF001 - its size is what is promised
        assert len(histogram._pending) < FOLD_AT  # noqa: SLF001
    counter.fold()
    histogram.fold()
    assert counter.value == 20 * FOLD_AT + 2
    assert histogram.state[1] == 10 * FOLD_AT + 1


def test_recording_while_folding_is_interrupted_neither_waits_nor_loses() -> None:
    cell = HistogramCell((), (1.0,), refused)

    class Nosy(float):
        """Records into the cell that is just adding it up, as a finalizer or a signal handler might."""

        __slots__ = ()

        def __lt__(self, other: float) -> bool:
            for _ in range(FOLD_AT):
                cell.record(0.5)
            return float(self) < float(other)

    cell.record(Nosy(3))
    cell.record(Nosy(2))
    cell.fold()
    cell.fold()
    assert cell.state[1] == 2 + FOLD_AT


BAD_COUNTS = (-1, math.nan, math.inf, 10**400, "3", b"3", None, [1], Broken(), 1j)


@pytest.mark.parametrize("bad", BAD_COUNTS)
def test_a_counter_drops_what_it_cannot_count_and_keeps_the_rest(bad: object) -> None:
    dropped: list[object] = []
    cell = CounterCell("", dropped.append)
    cell.count(2)
    cell.count(bad)  # type: ignore[arg-type]  # that it is wrong is the point
    cell.count(3)
    cell.fold()
    assert cell.value == 5
    assert dropped == [bad] or (len(dropped) == 1 and dropped[0] is bad)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 10**400, "3", None, [1], Broken(), 1j])
def test_a_histogram_drops_what_is_no_finite_number_and_keeps_the_rest(bad: object) -> None:
    dropped: list[object] = []
    cell = HistogramCell((), (1.0, 2.0), dropped.append)
    cell.record(0.5)
    cell.record(bad)  # type: ignore[arg-type]  # that it is wrong is the point
    cell.record(-7)
    cell.record(5)
    cell.fold()
    assert cell.state == ([2, 2], 3, -1.5)
    assert len(dropped) == 1
    assert dropped[0] is bad


@pytest.mark.parametrize("number", [3, 3.0, True, Decimal(3), Fraction(3)])
def test_every_kind_of_number_counts(number: object) -> None:
    counter, histogram = CounterCell("", refused), HistogramCell((), (5.0,), refused)
    counter.count(number)  # type: ignore[arg-type]  # it behaves like a float
    histogram.record(number)  # type: ignore[arg-type]
    counter.fold()
    histogram.fold()
    assert type(counter.value) in (int, float)
    assert counter.value == number
    assert histogram.state == ([1], 1, float(number))


def test_mixed_kinds_of_numbers_add_up() -> None:
    cell = HistogramCell((), (5.0,), refused)
    for number in (Decimal("0.5"), 0.25, 1):
        cell.record(number)  # type: ignore[arg-type]  # a Decimal behaves like a float
    cell.fold()
    assert cell.state == ([3], 3, 1.75)


def test_whole_counts_stay_whole_beyond_what_a_float_holds() -> None:
    cell = CounterCell("", refused)
    cell.count(2**53)
    cell.count(1)
    cell.fold()
    assert cell.value == 2**53 + 1


def test_a_gauge_holds_what_was_set_last_and_no_text() -> None:
    dropped: list[object] = []
    cell = GaugeCell("", dropped.append)
    for value in (1, 2.5, "3", None, Broken()):
        cell.set(value)  # type: ignore[arg-type]  # that some are wrong is the point
    assert cell.value == 2.5
    assert dropped[:2] == ["3", None]
    assert len(dropped) == 3
    cell.set(-math.inf)
    assert cell.value == -math.inf


@given(
    st.lists(st.floats(min_value=-1e6, max_value=1e6), max_size=200),
    st.lists(st.floats(min_value=-1e6, max_value=1e6), min_size=1, max_size=10, unique=True).map(sorted),
    st.integers(1, 50),
)
def test_a_histogram_counts_each_observation_up_to_its_bounds(
    values: list[float], bounds: list[float], every: int
) -> None:
    cell = HistogramCell((), tuple(bounds), refused)
    for number, value in enumerate(values):
        cell.record(value)
        if number % every == 0:
            cell.fold()
    cell.fold()
    cumulative, count, total = cell.state
    assert cumulative == [sum(value <= bound for value in values) for bound in bounds]
    assert count == len(values)
    assert total == pytest.approx(math.fsum(values), abs=1e-6)
