"""Ships streams of lines into a store: one thread, which never makes a service wait and never loses its place."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb

from tocsin.logs import lines
from tocsin.logs.follow import Follower
from tocsin.logs.inflow import Inflow
from tocsin.logs.limits import Limits
from tocsin.logs.segments import Writer
from tocsin.logs.upkeep import Done, upkeep

POLL = 0.2
"""Seconds between two looks at files that do not grow."""

SYNC = 1.0
"""Seconds after which what is acknowledged is synced at the latest."""

RETRY = 1.0
"""Seconds between two tries while the disk is full or fails."""

UPKEEP = 30.0
"""Seconds between two upkeeps of the store."""

_BATCHES = 8
"""Batches of one stream before the others have their turn."""


@dataclass(frozen=True, slots=True)
class _Stream:
    source: Follower | Inflow
    writer: Writer


class Shipper:
    """Ships into *store*, keeps it within *limits*, and tells *say* in a sentence what somebody should mend."""

    def __init__(self, store: Path, *, limits: Limits, say: Callable[[str], None]) -> None:
        self.lines = self.bytes = 0
        self._store, self._limits, self._say = store, limits, say
        self._writers: dict[str, Writer] = {}
        self._streams: list[_Stream] = []
        self._came = threading.Event()
        self._stopping = False
        self._trouble = ""
        self._synced = time.monotonic()
        self._pool = ThreadPoolExecutor(1, "upkeep")
        self._upkeep: Future[Done] | None = None
        self._kept_up = float("-inf")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._pool.shutdown()
        for stream in self._streams:
            stream.source.close()
        for writer in self._writers.values():
            writer.close()

    @property
    def dropped(self) -> int:
        """Bytes that came too fast to be kept."""
        return sum(stream.source.dropped for stream in self._streams if isinstance(stream.source, Inflow))

    def follow(self, path: Path, service: str) -> None:
        """Ship the file *path*, from where it was left, as lines of *service*.

        Raises:
            TocsinError: the service is written by another process, or its folder cannot be.

        """
        writer = self._writer(service)
        self._streams.append(_Stream(Follower(path, writer.places), writer))

    def read(self, descriptor: int, service: str) -> None:
        """Ship what comes from *descriptor* as lines of *service*; raises as `follow` does."""
        writer = self._writer(service)
        self._streams.append(_Stream(Inflow(descriptor, self._came), writer))

    def stop(self) -> None:
        """Let `run` end once it has kept what is there; call it from anywhere."""
        self._stopping = True
        self._came.set()

    def run(self, *, once: bool = False, notice: Callable[[], None] = lambda: None) -> None:
        """Ship until told to stop, or until all inputs are over; *once* takes what files hold now, to their end.

        *notice* is called now and then.
        """
        while True:
            stopping = self._stopping
            self._came.clear()
            moved = self._turn(ended=once)
            self._sync()
            self._keep_up()
            notice()
            if not moved and (once or stopping or self._over()) and self._idle():
                break
            if not moved:
                self._came.wait(RETRY if self._trouble else POLL)
            if stopping and self._trouble:
                break
        self._sync(now=True)

    def _writer(self, service: str) -> Writer:
        if service not in self._writers:
            self._writers[service] = Writer(self._store, service)
        return self._writers[service]

    def _turn(self, *, ended: bool) -> bool:
        """Give each stream its turn; tell whether any line was kept."""
        try:
            moved = [self._ship(stream, ended=ended) for stream in self._streams]
        except OSError as error:
            self._complain(f"{error.filename or self._store}: {error.strerror}")
            return False
        self._recover()
        return any(moved)

    def _ship(self, stream: _Stream, *, ended: bool) -> bool:
        for number in range(_BATCHES):
            batch = stream.source.batch(ended=ended)
            if batch is None:
                return number > 0
            kept = lines.fitted(batch.lines, stream.writer.service, time.time())
            stream.writer.append(b"".join(kept), batch.change)
            stream.source.took()
            self.lines += len(kept)
            self.bytes += batch.size
        return True

    def _over(self) -> bool:
        return all(isinstance(stream.source, Inflow) and stream.source.over for stream in self._streams)

    def _idle(self) -> bool:
        return all(stream.source.idle for stream in self._streams if isinstance(stream.source, Inflow))

    def _sync(self, *, now: bool = False) -> None:
        if now or time.monotonic() - self._synced >= SYNC:
            self._synced = time.monotonic()
            try:
                for writer in self._writers.values():
                    writer.sync()
            except OSError as error:
                self._complain(f"{self._store}: {error.strerror}")

    def _keep_up(self) -> None:
        """Let the other thread seal, compact and remove, which may take seconds."""
        if self._upkeep and self._upkeep.done():
            error = self._upkeep.exception()
            if isinstance(error, OSError | duckdb.Error):
                self._complain(f"{self._store} cannot be sealed: {error}")
            elif error:
                raise error
            self._upkeep = None
        if not self._upkeep and time.monotonic() - self._kept_up >= UPKEEP:
            self._kept_up = time.monotonic()
            self._upkeep = self._pool.submit(upkeep, self._store, self._limits)

    def _complain(self, trouble: str) -> None:
        """Say once what is wrong."""
        if trouble != self._trouble:
            self._trouble = trouble
            self._say(f"{trouble}. What comes waits, and what was kept is safe: make room, or mend the disk.")

    def _recover(self) -> None:
        if self._trouble:
            self._trouble = ""
            self._say("Lines are kept again.")
