"""The pages of the workers, and the archive into which the pages of those that have ended are folded.

A page belongs to the process that holds the lock on the byte of the page's number. It counts while its epoch is not
the one that the archive has folded. The archive has two copies, and the lowest bit of the commit word says which one
is valid: a fold writes the other copy, and then the commit word. So a kill at any moment leaves every page either
counted as a page or in the archive, never both and never neither. All this happens under the mutex.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import fsum, inf, nextafter

from tocsin.sdk.workers.keys import Keys
from tocsin.sdk.workers.locks import ByteLocks
from tocsin.sdk.workers.memory import (
    ARCHIVE,
    ARCHIVE_WORDS,
    BIRTHS,
    CHUNK,
    COMMIT,
    EPOCHS,
    FILLED,
    FIRST_PAGE,
    PAGES,
    PIDS,
    SLOTS,
    Memory,
)

MUTEX = PAGES
"""The byte that the holder of the mutex has locked."""

_ACROSS: Mapping[str, Callable[[Iterable[float]], float]] = {"sum": sum, "max": max, "min": min}


class Pages:
    """The pages and the archive of *memory*, whose series are *keys*."""

    def __init__(self, memory: Memory, keys: Keys) -> None:
        self._memory = memory
        self._keys = keys

    @property
    def commit(self) -> int:
        """How often was folded."""
        return self._memory.words[COMMIT]

    def counting(self) -> list[int]:
        """Return the pages that are not in the archive: those of living workers, and of some that have ended."""
        words = self._memory.words
        epochs = words[EPOCHS : EPOCHS + PAGES].tolist()
        return [page for page, folded in enumerate(self._folded()) if epochs[page] != folded]

    def owner(self, page: int) -> tuple[int, int]:
        """Return pid and time of birth of the process whose page it is."""
        words = self._memory.words
        return words[PIDS + page], words[BIRTHS + page]

    def claim(self, locks: ByteLocks, birth: int) -> int:
        """Make a free page this process's, which was born at *birth*, and return it.

        Raises:
            OSError: there is no room for it on the disk, or every page is taken.

        """
        counting = set(self.counting())
        for page in range(PAGES):
            if page not in counting and locks.take(page):
                try:
                    self._begin(page, birth)
                except OSError:
                    locks.free(page)
                    raise
                return page
        raise OSError(f"there are {PAGES} workers already")

    def reach(self, page: int, end: int) -> None:
        """See that *page*, which is this process's, is filled up to the slot *end*.

        Raises:
            OSError: there is no room for it.

        """
        words = self._memory.words
        while words[FILLED + page] < end:
            filled = words[FILLED + page]
            count = min(CHUNK, SLOTS - filled)
            self._memory.fill(_first_slot(page) + filled, count)
            words[FILLED + page] = filled + count

    def slots(self, page: int) -> memoryview[float]:
        """Return the slots of *page*, to be written by its owner alone."""
        return self._memory.slots[_first_slot(page) : _first_slot(page) + SLOTS]

    def values(self, page: int) -> list[float]:
        """Return what is in *page*, one number for each slot in use."""
        used = self._keys.used
        filled = min(self._memory.words[FILLED + page], used)
        values: list[float] = self._memory.slots[_first_slot(page) : _first_slot(page) + filled].tolist()  # type: ignore[assignment]  # of doubles
        values.extend([0.0] * (used - filled))
        return values

    def archived(self) -> list[float]:
        """Return what is in the archive, one number for each slot in use."""
        begin = self._copy(self.commit) + PAGES
        return self._memory.slots[begin : begin + self._keys.used].tolist()  # type: ignore[return-value]  # of doubles

    def read(self, live: list[int]) -> list[float]:
        """Return the total of each slot in use, in the archive and *live* pages; a gauge's first slot has its value."""
        alive = [self.values(page) for page in live]
        pages = [self.archived(), *alive]
        gauges = self._keys.gauges
        values = [_latest(pages, at)[0] if how == "latest" else _across(alive, at, how) for at, how in gauges]
        totals = _summed(self._without_gauges(pages), fsum)
        for (start, _), value in zip(gauges, values, strict=True):
            totals[start] = value
        return totals

    def fold(self, ended: list[int]) -> None:
        """Move the pages *ended*, which nobody writes any more, into the archive."""
        memory, words = self._memory, self._memory.words
        folded = self._folded()
        for page in ended:
            folded[page] = words[EPOCHS + page]
        pages = [self.archived(), *map(self.values, ended)]
        kept = [(start, _latest(pages, start)) for start, across in self._keys.gauges if across == "latest"]
        totals = _summed(self._without_gauges(pages), _not_less)
        for start, state in kept:
            totals[start : start + 2] = state
        commit = self.commit
        other = self._copy(commit + 1)
        memory.copy_words(other, folded)
        memory.copy_slots(other + PAGES, totals)
        words[COMMIT] = commit + 1

    def _begin(self, page: int, birth: int) -> None:
        words = self._memory.words
        words[FILLED + page] = 0
        self.reach(page, max(self._keys.used, 1))
        words[PIDS + page], words[BIRTHS + page] = os.getpid(), birth
        words[EPOCHS + page] = self._folded()[page] + 1

    def _folded(self) -> list[int]:
        begin = self._copy(self.commit)
        return self._memory.words[begin : begin + PAGES].tolist()

    def _without_gauges(self, pages: list[list[float]]) -> list[list[float]]:
        for page in pages:
            for start, _ in self._keys.gauges:
                page[start] = page[start + 1] = 0.0
        return pages

    @staticmethod
    def _copy(commit: int) -> int:
        return ARCHIVE + (commit & 1) * ARCHIVE_WORDS


def _summed(pages: list[list[float]], add: Callable[[Sequence[float]], float]) -> list[float]:
    try:
        return list(map(add, zip(*pages, strict=True)))
    except (OverflowError, ValueError):  # somebody recorded numbers whose sum is beyond every float
        return list(map(sum, zip(*pages, strict=True)))


def _not_less(values: Sequence[float]) -> float:
    """Return the sum of *values*, rounded up.

    A total that is rounded in another order after a fold must not look smaller: it would pass for a counter's restart.
    """
    total = fsum(values)
    return nextafter(total, inf) if fsum((*values, -total)) > 0 else total


def _latest(pages: list[list[float]], start: int) -> tuple[float, float]:
    """Return what the gauge at *start* was set to last in any of *pages*, and when; 0 and 0 if never."""
    when, value = max((page[start + 1], page[start]) for page in pages)
    return value, when


def _across(pages: list[list[float]], start: int, across: str) -> float:
    """Return the sum, max or min of what the gauge at *start* was set to in *pages*, 0 if in none."""
    values = [page[start] for page in pages if page[start + 1]]
    return _ACROSS[across](values) if values else 0.0


def _first_slot(page: int) -> int:
    return FIRST_PAGE + page * SLOTS
