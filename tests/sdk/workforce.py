"""Worker processes for tests: each does as it is told, and dies when it is told."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any

from tests.sdk.threads import in_threads
from tocsin.model import Counter, Gauge, Histogram, Label
from tocsin.sdk.workers import Key, SharedCounterCell, SharedGaugeCell, SharedHistogramCell, Store
from tocsin.sdk.workers.place import Place

EVENTS = Counter("events_total", "Events.", (Label("kind"),))
SECONDS = Histogram("seconds", "Seconds.", (Label("kind"),), buckets=(1, 2, 4))
GAUGES = {
    across: Gauge(f"gauge_{across}", "A gauge.", (Label("kind"),), across=across)
    for across in ("sum", "max", "min", "latest")
}
NURSERY = multiprocessing.get_context("forkserver")
NURSERY.set_forkserver_preload(["tests.sdk.workforce"])

Cell = SharedCounterCell | SharedHistogramCell | SharedGaugeCell
Values = dict[tuple[str, str], Any]
"""By name and kind: a number, or a histogram's buckets and sum."""


def at(folder: Path, origin: int = 0) -> Place:
    """The place in *folder*, for processes whose parent is called *origin*."""
    return Place(folder, "shop.1", bytes([origin]) * 32, private=False)


class Desk:
    """What one process records, and what it sees."""

    def __init__(self, place: Place) -> None:
        self.notices: list[str] = []
        self.refused = 0
        self.store = Store(lambda: place, self.notices.append)
        self.cells: dict[Key, Cell] = {}
        self.store.tell(self)

    def adopt(self, key: Key) -> None:
        self._cell(key)

    def full(self, _: Key) -> None:
        self.refused += 1

    def count(self, kind: str, by: float = 1, times: int = 1) -> None:
        cell = self._cell(Key("counter", EVENTS.name, (("kind", kind),)))
        assert isinstance(cell, SharedCounterCell)
        for _ in range(times):
            cell.count(by)

    def record(self, kind: str, *values: float) -> None:
        cell = self._cell(Key("histogram", SECONDS.name, (("kind", kind),), bounds=SECONDS.buckets))
        assert isinstance(cell, SharedHistogramCell)
        for value in values:
            cell.record(value)

    def set(self, across: str, kind: str, value: float) -> None:
        cell = self._cell(Key("gauge", GAUGES[across].name, (("kind", kind),), across=across))
        assert isinstance(cell, SharedGaugeCell)
        cell.set(value)

    def read(self) -> Values:
        self.store.refresh()
        values: Values = {}
        for key, cell in self.cells.items():
            cell.fold(wait=True)
            values[key.name, key.labels[0][1]] = cell.state if isinstance(cell, SharedHistogramCell) else cell.value
        return values

    def workers(self) -> int:
        self.store.refresh()
        return self.store.workers

    def processes(self) -> dict[str, float]:
        self.store.refresh()
        return self.store.processes

    def hear(self) -> tuple[list[str], int]:
        return self.notices, self.refused

    def die(self, event: str, step: int) -> None:
        """Be killed before the *step*th `line` or `opcode` that is executed from now on in the code under test."""
        _doom(event, step)

    def spare(self) -> None:
        """Take that back."""
        sys.settrace(None)

    def fork(self, kind: str) -> bool:
        """Count in this process, in a forked one, and here again; tell whether the forked one ended well."""
        self.count(kind)
        child = os.fork()
        if not child:
            self.count(kind)
            os._exit(0 if self.read()[EVENTS.name, kind] >= 2 else 1)
        ended = os.waitpid(child, 0)[1]
        self.count(kind)
        return ended == 0

    def threads(self, kind: str, count: int, times: int) -> None:
        """Count and record *times* in each of *count* threads, which all begin with a new series."""

        def work() -> None:
            self.count(kind, times=times)
            self.record(kind, *[1.0] * times)

        in_threads(*[work] * count)

    def late(self, kind: str, count: int) -> None:
        """Count in *count* threads that are interrupted over it, and go on when this process has become a worker."""
        cell = self._cell(Key("counter", EVENTS.name, (("kind", kind),)))
        assert isinstance(cell, SharedCounterCell)
        begun = cell.append
        self.count("another")
        cell._pending.extend([1] * (count - 1))  # noqa: SLF001 - where the interrupted ones have got to
        begun(1)

    def twice(self, kind: str, times: int) -> None:
        """Count and record *times* in each of two threads, while cells of the same series come again and again."""
        done = threading.Event()

        def work() -> None:
            self.count(kind, times=times)
            self.record(kind, *[1.0] * times)

        def make() -> None:
            while not done.is_set():
                for key in list(self.cells):
                    self._made(key)

        maker = threading.Thread(target=make)
        maker.start()
        in_threads(work, work)
        done.set()
        maker.join()

    def trip(self, path: Path) -> None:
        """Open and close the file of the locks once more, which loses them."""
        os.close(os.open(path, os.O_RDWR))

    def limit(self, size: int) -> None:
        """Let every file end at *size* bytes."""
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def freeze(self) -> None:
        """Stop this process while it holds the mutex."""
        with self.store.together():
            os.kill(os.getpid(), signal.SIGSTOP)

    def cost(self) -> float:
        """Return the seconds of this process that a read takes at best."""
        return min(self._timed() for _ in range(20))

    def _timed(self) -> float:
        began = time.process_time()
        self.read()
        return time.process_time() - began

    def _cell(self, key: Key) -> Cell:
        if key not in self.cells and key.labels:
            with self.store.together():
                if key not in self.cells:
                    self.cells[key] = self._made(key)
        return self.cells.get(key)  # type: ignore[return-value]  # what has no label is not ours, and not looked at

    def _made(self, key: Key) -> Cell:
        if key.kind == "counter":
            return SharedCounterCell(self.store, EVENTS, key.labels, print)
        if key.kind == "histogram":
            return SharedHistogramCell(self.store, SECONDS, key.labels, print)
        return SharedGaugeCell(self.store, GAUGES[key.across], key.labels, print)


class Worker:
    """A process with a desk; every method of the desk can be called."""

    def __init__(self, place: Place) -> None:
        self._pipe, theirs = NURSERY.Pipe()
        self.process = NURSERY.Process(target=_work, args=(theirs, place), daemon=True)
        self.process.start()
        theirs.close()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            self.begin(name, *arguments)
            return self.answer()

        return call

    def begin(self, name: str, *arguments: Any) -> None:
        """Let the worker begin something, whose `answer` comes later."""
        self._pipe.send((name, arguments))

    def answer(self) -> Any:
        """Return what it answers; EOFError if it died over it."""
        return self._pipe.recv()

    def kill(self) -> None:
        """End it as kill -9 does, and wait until it is gone."""
        self.process.kill()
        self.process.join()
        self._pipe.close()

    def dies_over(self, event: str, step: int, name: str, *arguments: Any) -> bool:
        """Let it do something, killed before the *step*th line or opcode of the code under test; tell if it was."""
        self.die(event, step)
        self.begin(name, *arguments)
        try:
            self.answer()
        except (EOFError, ConnectionResetError):
            self.kill()
            return True
        self.spare()
        return False


class Writer:
    """A process that counts `x` until it is killed.

    Its *ledger* holds how many it was about to count, and how many it had counted, as two numbers of eight bytes.
    """

    def __init__(self, folder: Path, ledger: Path) -> None:
        ledger.write_bytes(bytes(16))
        self._ledger = ledger
        self._process = NURSERY.Process(target=_write, args=(folder, ledger), daemon=True)
        self._process.start()

    def kill(self, due: int) -> None:
        """End it as kill -9 does, once it has counted *due* or more, and wait until it is gone."""
        while self._process.is_alive() and struct.unpack("<QQ", self._ledger.read_bytes())[1] < due:
            self._process.join(0.001)
        self._process.kill()
        self._process.join()


def _write(folder: Path, ledger: Path) -> None:
    desk = Desk(at(folder))
    with ledger.open("r+b", buffering=0) as file:
        booked = memoryview(bytearray(16)).cast("Q")
        while True:
            booked[0] += 1
            os.pwrite(file.fileno(), booked, 0)
            desk.count("x")
            booked[1] += 1
            os.pwrite(file.fileno(), booked, 0)


def _work(pipe: Connection, place: Place) -> None:
    desk = Desk(place)
    while True:
        try:
            name, arguments = pipe.recv()
        except EOFError:
            return
        pipe.send(getattr(desk, name)(*arguments))


def _doom(fatal: str, step: int) -> None:
    left = step

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal left
        if "sdk/workers" not in frame.f_code.co_filename:
            return None
        frame.f_trace_opcodes = True
        if event == fatal:
            if left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
        return trace

    sys.settrace(trace)
