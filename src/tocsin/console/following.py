"""Follows what comes into the store of logs: once for all readers who want the same."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tocsin.logs.tailing import Row, Tail, Wanted
from tocsin.model import TocsinError

KEPT = 500
"""Records that are kept for each who wants others; older ones are in the store."""

FRESH = 1.0
"""Seconds between two looks at what came."""

IDLE = 30.0
"""Seconds after which what nobody asks for is no longer followed."""


@dataclass(frozen=True, slots=True)
class Followed:
    """The newest records, the newest first, and how many *came* since they are followed."""

    rows: tuple[Row, ...]
    came: int


class Following:
    """The end of *store*, followed for as long as somebody asks."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._feeds: dict[Wanted, _Feed] = {}
        self.reads = 0

    async def newest(self, wanted: Wanted) -> Followed:
        """Return the newest records that are *wanted*.

        Raises:
            TocsinError: the store is not there, or cannot be read.

        """
        now = time.monotonic()
        self._leave(lambda feed: now - feed.asked > IDLE)
        if not self._store.is_dir():
            self.close()
            raise TocsinError(f"The store {self._store} is away: what comes is shown once it is back.")
        feed = self._feeds.setdefault(wanted, _Feed(self._store, wanted))
        feed.asked = now
        async with feed.turn:
            if time.monotonic() >= feed.due:
                self.reads += 1
                await self._read(feed)
                feed.due = time.monotonic() + FRESH
            return feed.seen

    def close(self) -> None:
        """Leave everything."""
        self._leave(lambda _: True)

    async def _read(self, feed: _Feed) -> None:
        try:
            await asyncio.to_thread(feed.read)
        except (OSError, TocsinError) as error:
            self._feeds.pop(feed.wanted, None)
            feed.close()
            if isinstance(error, TocsinError):
                raise
            raise TocsinError(f"The store {self._store} cannot be read ({error.strerror}).") from None

    def _leave(self, whether: Callable[[_Feed], bool]) -> None:
        for wanted, feed in list(self._feeds.items()):
            if whether(feed) and not feed.turn.locked():
                del self._feeds[wanted]
                feed.close()


class _Feed:
    """What is *wanted* of the end of a store; read in one thread at a time."""

    def __init__(self, store: Path, wanted: Wanted) -> None:
        self.wanted = wanted
        self.turn = asyncio.Lock()
        self.asked = self.due = 0.0
        self.seen = Followed((), 0)
        self._store = store
        self._tail: Tail | None = None
        self._rows: deque[Row] = deque(maxlen=KEPT)
        self._reading = threading.Lock()

    def read(self) -> None:
        """Read what came."""
        with self._reading:
            fresh: list[Row] = []
            if self._tail is None:
                self._tail = Tail(self._store, self.wanted)
                self._rows.extend(self._tail.newest(KEPT))
            else:
                fresh = self._tail.fresh()
                self._rows.extend(fresh)
            if fresh or not self.seen.rows:
                self.seen = Followed(tuple(reversed(self._rows)), self.seen.came + len(fresh))

    def close(self) -> None:
        """Leave the store."""
        with self._reading:
            if self._tail is not None:
                self._tail.__exit__()
