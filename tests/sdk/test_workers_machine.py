"""Workers that come, record, read, and are killed between any two bytecodes, held to a model of what they may say."""

from __future__ import annotations

import shutil
import tempfile
from bisect import bisect_left
from collections import defaultdict
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, precondition, rule

from tests.sdk.workforce import EVENTS, GAUGES, SECONDS, Worker, at

KINDS = st.sampled_from("ab")
TIMES = st.integers(1, 3)
VALUES = st.sampled_from((0.5, 1.0, 3.0, 7.0))
ACROSS = st.sampled_from(tuple(GAUGES))
STEPS = st.integers(0, 400) | st.integers(0, 6000)
"""Most of what is done to a series that has a seat takes few bytecodes, becoming a worker some thousands."""


class Number:
    """A number that is between what was acknowledged and what was asked for."""

    def __init__(self) -> None:
        self.sure = self.possible = 0.0

    def add(self, by: float, *, sure: bool) -> None:
        self.possible += by
        self.sure += by * sure

    def seen(self, value: float) -> None:
        assert self.sure <= value <= self.possible
        self.sure = self.possible = value


class Workforce(RuleBasedStateMachine):
    workers = Bundle("workers")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.alive: list[Worker] = []
        self.numbers: dict[tuple[str, str, int], Number] = defaultdict(Number)
        self.set_by: dict[tuple[str, str], dict[Worker, float]] = defaultdict(dict)
        self.latest: dict[str, set[float]] = defaultdict(lambda: {0.0})

    @rule(target=workers)
    @precondition(lambda self: len(self.alive) < 5)
    def hire(self) -> Worker:
        self.alive.append(Worker(at(self.folder)))
        return self.alive[-1]

    @rule(worker=workers, kind=KINDS, times=TIMES)
    def count(self, worker: Worker, kind: str, times: int) -> None:
        worker.count(kind, 1, times)
        self._counted(kind, times, sure=True)

    @rule(target=workers, worker=consumes(workers), kind=KINDS, times=TIMES, step=STEPS)
    def count_and_die(self, worker: Worker, kind: str, times: int, step: int) -> Any:
        died = self._dies(worker, step, "count", kind, 1, times)
        self._counted(kind, times, sure=not died)
        return multiple() if died else worker

    @rule(worker=workers, kind=KINDS, value=VALUES)
    def record(self, worker: Worker, kind: str, value: float) -> None:
        worker.record(kind, value)
        self._recorded(kind, value, sure=True)

    @rule(target=workers, worker=consumes(workers), kind=KINDS, value=VALUES, step=STEPS)
    def record_and_die(self, worker: Worker, kind: str, value: float, step: int) -> Any:
        died = self._dies(worker, step, "record", kind, value)
        self._recorded(kind, value, sure=not died)
        return multiple() if died else worker

    @rule(worker=workers, across=ACROSS, kind=KINDS, value=VALUES)
    def set(self, worker: Worker, across: str, kind: str, value: float) -> None:
        worker.set(across, kind, value)
        self.set_by[across, kind][worker] = value
        if across == "latest":
            self.latest[kind] = {value}

    @rule(target=workers, worker=consumes(workers), kind=KINDS, value=VALUES, step=STEPS)
    def set_latest_and_die(self, worker: Worker, kind: str, value: float, step: int) -> Any:
        died = self._dies(worker, step, "set", "latest", kind, value)
        self.latest[kind] = {value} | (self.latest[kind] if died else set())
        return multiple() if died else worker

    @rule(target=workers, worker=consumes(workers), step=STEPS)
    def read_and_die(self, worker: Worker, step: int) -> Any:
        return multiple() if self._dies(worker, step, "read") else worker

    @rule(worker=consumes(workers))
    def kill(self, worker: Worker) -> None:
        self._buried(worker)

    @rule(worker=workers)
    def read(self, worker: Worker) -> None:
        values = worker.read()
        for (name, kind), value in values.items():
            if name == EVENTS.name:
                self.numbers[name, kind, 0].seen(value)
            elif name == SECONDS.name:
                cumulative, count, total = value
                for slot, (so_far, before) in enumerate(zip((*cumulative, count), (0, *cumulative), strict=True)):
                    self.numbers[name, kind, slot].seen(so_far - before)
                self.numbers[name, kind, -1].seen(total)
            else:
                self._checked(name.removeprefix("gauge_"), kind, value)
        for (name, kind, _), number in self.numbers.items():
            assert (name, kind) in values or not number.sure

    @invariant()
    def the_file_never_grows(self) -> None:
        assert {path.name for path in self.folder.iterdir()} <= {"shop.1.lock", "shop.1.map", "shop.1.new"}

    def teardown(self) -> None:
        for worker in self.alive:
            worker.kill()
        shutil.rmtree(self.folder)

    def _counted(self, kind: str, times: int, *, sure: bool) -> None:
        self.numbers[EVENTS.name, kind, 0].add(times, sure=sure)

    def _recorded(self, kind: str, value: float, *, sure: bool) -> None:
        self.numbers[SECONDS.name, kind, bisect_left(SECONDS.buckets, value)].add(1, sure=sure)
        self.numbers[SECONDS.name, kind, -1].add(value, sure=sure)

    def _checked(self, across: str, kind: str, value: float) -> None:
        own = self.set_by[across, kind].values()
        if across == "latest":
            assert value in self.latest[kind]
            self.latest[kind] = {value}
        else:
            combine: Any = {"sum": sum, "max": max, "min": min}[across]
            assert value == (combine(own) if own else 0)

    def _dies(self, worker: Worker, step: int, name: str, *arguments: Any) -> bool:
        died = worker.dies_over("opcode", step, name, *arguments)
        if died:
            self._buried(worker)
        return died

    def _buried(self, worker: Worker) -> None:
        worker.kill()
        self.alive.remove(worker)
        for own in self.set_by.values():
            own.pop(worker, None)


TestWorkforce = Workforce.TestCase
TestWorkforce.settings = settings(max_examples=40, stateful_step_count=40)
