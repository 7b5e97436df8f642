"""What one process knows of the workers of its service, and what it records among them.

A process becomes a worker when it first records or is scraped, so not before it was forked. From then on each
recording is in the shared file when the call returns, and outlives the process. While a process cannot become a worker
it records for itself, like one that has no siblings, and brings that with it when it can.
"""

from __future__ import annotations

import itertools
import os
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Protocol

from tocsin.sdk.workers.keys import Key
from tocsin.sdk.workers.memory import SLOTS
from tocsin.sdk.workers.opening import SPENT, Membership, join
from tocsin.sdk.workers.pages import MUTEX
from tocsin.sdk.workers.place import Place
from tocsin.sdk.workers.processes import Processes

_PATIENCE = 0.1
"""Seconds that a recording waits for another worker; only the first one of a series ever does."""
_SCRAPE_PATIENCE = 1.0
_PAUSE = 1.0
"""Seconds until a process that could not become a worker tries again."""


class Series(Protocol):
    """A series that is recorded in the shared file once it has a seat there, and for itself until then."""

    @property
    def key(self) -> Key:
        """What tells it from others."""

    @property
    def seated(self) -> bool:
        """Whether it has a seat."""

    def seat(self, slots: memoryview[float], at: int, pen: RLock) -> None:
        """Record into *slots* from *at* on, holding *pen*, what was recorded for itself before all."""

    def gather(self) -> None:
        """Add up what was recorded for itself."""

    def drain(self) -> None:
        """Record what another thread had still recorded for itself."""

    def refuse(self) -> None:
        """Record nothing: there is no seat left."""

    def unseat(self, *, forked: bool) -> None:
        """Record for itself again; a process that was *forked* has recorded nothing yet."""


class Audience(Protocol):
    """Who owns the series of this process."""

    def adopt(self, key: Key) -> None:
        """Own a series of *key* as well, which some worker has."""

    def full(self, key: Key) -> None:
        """Know that something was not recorded, since there is no room for *key*."""


class Store:
    """The shared file of one service, as this process sees it; *notice* is told what keeps it from being shared.

    After a `refresh`, *totals* holds what all workers have recorded together, by slot, *processes* what is known of
    them, and *workers* their number.
    """

    def __init__(self, locate: Callable[[], Place], notice: Callable[[str], None]) -> None:
        self._locate = locate
        self._notice = notice
        self._series: list[Series] = []
        self._audience: list[Audience] = []
        self._heard = 0
        self._membership: Membership | None = None
        self.totals: list[float] = []
        self.processes: dict[str, float] = {}
        self.workers = 1
        self._start()
        _STORES.add(self)

    @property
    def joined(self) -> bool:
        """Whether this process is a worker."""
        return self._membership is not None

    def enrol(self, series: Series) -> None:
        """Give *series* a seat, now if this process is a worker, or else when it becomes one."""
        with self._guard:
            self._series.append(series)
            self._standing.append(series)
        if self.joined:
            self.settle(series)

    def tell(self, audience: Audience) -> None:
        """Tell *audience* of the series of all workers, and of what there is no room for."""
        with self._guard:
            self._audience.append(audience)
            self._heard = 0

    def settle(self, series: Series) -> None:
        """Become a worker if need be, give a seat to whatever has none, and bring *series* up to date."""
        with self._inside(_PATIENCE) as membership:
            if membership is not None:
                self._seat(membership)
        with self._guard:
            if series.seated:
                series.drain()

    def gather(self, series: Series) -> None:
        """Let *series* add up what it recorded for itself, if it still does: nobody gives it a seat meanwhile."""
        with self._guard:
            if not series.seated and not self._busy:
                with self._undisturbed():
                    series.gather()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Do what may make new series while no other worker does, and after hearing of all that they have made."""
        with self._guard:
            if self._membership is None:
                yield
                return
            with self._inside(_PATIENCE):
                yield

    def refresh(self) -> None:
        """Read what all workers have recorded, and fold those that have ended."""
        with self._inside(_SCRAPE_PATIENCE) as membership:
            if membership is not None:
                self._seat(membership)
                with self._undisturbed():
                    self._read(membership)
            elif self._membership is not None and not self._busy:
                self.totals = _glanced(self._membership)

    def total(self, at: int) -> float:
        """Return what all workers had recorded in the slot *at* when they were last read."""
        return self.totals[at] if at < len(self.totals) else 0.0

    def totals_at(self, at: int, count: int) -> list[float]:
        """Return what all workers had recorded in *count* slots from *at* on when they were last read."""
        found = self.totals[at : at + count]
        return found if len(found) == count else [0.0] * count

    def full(self, key: Key) -> None:
        """Tell that something was not recorded since there is no slot left for *key*."""
        for audience in self._audience:
            audience.full(key)

    def forked(self) -> None:
        """Forget what the parent has: this process is another one."""
        self._start()
        self._leave(forked=True)

    def _start(self) -> None:
        self._guard, self._pen = RLock(), RLock()
        self._held: Membership | None = None
        self._busy = False
        self._not_before = 0.0
        self._standing = list(self._series)

    @contextmanager
    def _inside(self, patience: float) -> Iterator[Membership | None]:
        """Hold the mutex, knowing every key; None if that cannot be, or if it interrupts this process doing so."""
        with self._guard:
            if self._busy or self._held is not None:
                yield None if self._busy else self._held
                return
            if patience < _SCRAPE_PATIENCE and time.monotonic() < self._not_before:
                yield None
                return
            for _ in range(2):
                with self._undisturbed():
                    membership = self._member(patience)
                if membership is None:
                    break
                with membership.locks.holding(MUTEX, patience) as held:
                    if not held:
                        self._not_before = time.monotonic() + _PAUSE
                        break
                    if self._recognised(membership):
                        self._held = membership
                        try:
                            self._learn(membership)
                            yield membership
                        finally:
                            self._held = None
                        return
                self._notice("The lock of this worker was lost: another part of the program closed its file.")
                self._leave(forked=False)
            yield None

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """Let a signal handler, or whatever else interrupts, record for itself meanwhile."""
        self._busy = True
        try:
            yield
        finally:
            self._busy = False

    def _member(self, patience: float) -> Membership | None:
        if self._membership is not None and not self._membership.locks.in_place():
            self._notice("The file that the workers share was removed: they start a new one, and count from 0.")
            self._leave(forked=False)
        if self._membership is None:
            try:
                self._membership = join(self._locate(), patience)
            except OSError as error:
                self._notice(f"Every worker exposes only its own metrics, since they can share no file ({error}).")
            if self._membership is None:
                self._not_before = time.monotonic() + _PAUSE
            else:
                self._heard = 0
                self._processes = Processes(self._membership)
        return self._membership

    def _leave(self, *, forked: bool) -> None:
        membership, self._membership = self._membership, None
        for series in self._series:
            series.unseat(forked=forked)
        self._standing = list(self._series)
        if membership is not None:
            membership.leave()

    def _recognised(self, membership: Membership) -> bool:
        """Tell whether this process still has its page, to whose lock it lays claim again."""
        page, pages = membership.page, membership.pages
        return membership.locks.take(page) and page in pages.counting() and pages.owner(page)[0] == os.getpid()

    def _learn(self, membership: Membership) -> None:
        """Hear of the series that others have."""
        keys = membership.keys
        with self._undisturbed():
            keys.sync()
        for key in list(itertools.islice(keys.starts, self._heard, None)):
            for audience in self._audience:
                audience.adopt(key)
        self._heard = len(keys.starts)

    def _seat(self, membership: Membership) -> None:
        """Give a seat to whatever stands."""
        standing, self._standing = self._standing, []
        with self._undisturbed():
            for series in standing:
                at = self._reached(membership, series.key)
                if at is None:
                    series.refuse()
                else:
                    series.seat(membership.pages.slots(membership.page), at, self._pen)

    @staticmethod
    def _reached(membership: Membership, key: Key) -> int | None:
        at = membership.keys.add(key)
        if at is not None:
            try:
                membership.pages.reach(membership.page, at + key.size)
            except OSError:
                return None
        return at

    def _read(self, membership: Membership) -> None:
        pages, locks = membership.pages, membership.locks
        others = [page for page in pages.counting() if page != membership.page]
        live = [page for page in others if locks.held_elsewhere(page)]
        if len(live) < len(others):
            pages.fold([page for page in others if page not in live])
        processes = self._processes.read([membership.page, *live])
        self.totals = pages.read([membership.page, *live])
        self.processes = {**processes, SPENT.name: self.total(membership.keys.starts.get(SPENT, SLOTS))}
        self.workers = 1 + len(live)


def _glanced(membership: Membership) -> list[float]:
    """Read without the mutex, whose holder was stopped, or interrupted by us: nobody else folds meanwhile."""
    while True:
        commit = membership.pages.commit
        totals = membership.pages.read(membership.pages.counting())
        if commit == membership.pages.commit:
            return totals


_STORES: weakref.WeakSet[Store] = weakref.WeakSet()


def _forked() -> None:
    for store in list(_STORES):
        store.forked()


os.register_at_fork(after_in_child=_forked)
