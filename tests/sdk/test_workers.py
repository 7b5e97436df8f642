from __future__ import annotations

import os
import random
import signal
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.workforce import Worker, Writer, at
from tests.waiting import until
from tocsin.sdk.cells import FOLD_AT
from tocsin.sdk.workers.memory import CHUNK, KEY_BYTES, SLOTS, WORD, WORDS

Hire = Callable[..., Worker]

EVENTS = "events_total"
PAGE_BLOCKS = CHUNK * WORD // 512
"""What a page takes up on the disk, in blocks as stat(2) counts them."""


@pytest.fixture
def hire(tmp_path: Path) -> Iterator[Hire]:
    """Start a worker; all of one test share a file."""
    hired: list[Worker] = []

    def hire(origin: int = 0, folder: Path = tmp_path) -> Worker:
        hired.append(Worker(at(folder, origin)))
        return hired[-1]

    yield hire
    for worker in hired:
        if worker.process.is_alive():
            worker.kill()


def events(worker: Worker, kind: str = "x") -> Any:
    return worker.read().get((EVENTS, kind), 0)


def test_any_worker_answers_for_all(hire: Hire) -> None:
    first, second, third = hire(), hire(), hire()
    first.count("x")
    second.count("x", 2)
    second.count("y", 0.5)
    first.record("x", 0.5, 3)
    third.record("x", 1, 9)

    expected = {(EVENTS, "x"): 3, (EVENTS, "y"): 0.5, ("seconds", "x"): ([2, 2, 3], 4, 13.5)}
    assert first.read() == second.read() == third.read() == expected
    assert first.workers() == 3


def test_a_count_outlives_its_worker_whoever_comes_and_goes(hire: Hire) -> None:
    for _ in range(3):
        worker = hire()
        worker.count("x", 2)
        worker.record("x", 3)
        worker.kill()
    assert hire().read() == {(EVENTS, "x"): 6, ("seconds", "x"): ([0, 0, 3], 3, 9.0)}


def test_a_gauge_is_of_the_living_but_for_what_was_latest(hire: Hire) -> None:
    values = {"sum": (1, 5), "max": (5, 7), "min": (5, 2), "latest": (8, 4)}
    first, second = hire(), hire()
    for across, (early, late) in values.items():
        first.set(across, "x", early)
        second.set(across, "x", late)
    assert second.read() == {
        ("gauge_sum", "x"): 6,
        ("gauge_max", "x"): 7,
        ("gauge_min", "x"): 2,
        ("gauge_latest", "x"): 4,
    }

    second.kill()
    assert first.read() == {
        ("gauge_sum", "x"): 1,
        ("gauge_max", "x"): 5,
        ("gauge_min", "x"): 5,
        ("gauge_latest", "x"): 4,
    }
    first.set("latest", "x", 8)
    assert first.read()["gauge_latest", "x"] == 8


def test_a_gauge_that_a_worker_never_set_is_no_zero_of_it(hire: Hire) -> None:
    first, second = hire(), hire()
    for across in ("max", "min"):
        first.set(across, "x", -3)
        second.set(across, "y", 3)
    assert first.read()["gauge_max", "x"] == -3
    assert second.read()["gauge_min", "y"] == 3


@pytest.mark.parametrize("step", ["join", "new", "old", "read"])
def test_a_kill_at_any_line_loses_nothing_acknowledged_and_counts_nothing_twice(hire: Hire, step: str) -> None:
    witness = hire()
    witness.count("x")
    sure = possible = 1
    for line in range(10_000):
        worker = hire()
        if step != "join":
            worker.count("x")
            worker.record("x", 3)
            sure, possible = sure + 1, possible + 1
        if step == "read":
            worker.kill()
            worker = hire()
            worker.count("y")
        what = ("read",) if step == "read" else ("count", f"{line}" if step == "new" else "x")
        died = worker.dies_over("line", line, *what)
        if step in ("join", "old"):
            possible += 1
            sure += not died
        seen = events(witness)
        assert sure <= seen <= possible
        sure = seen
        if step != "join":
            _, count, total = witness.read()["seconds", "x"]
            assert (count, total) == (line + 1, 3.0 * (line + 1))
        if not died:
            break
    else:
        pytest.fail("it never came to its end")
    assert line > 5


def test_hundreds_of_writers_that_are_killed_lose_nothing_acknowledged(hire: Hire, tmp_path: Path) -> None:
    chance = random.Random(20)  # noqa: S311 - nothing secret about it
    ledgers, alive = tmp_path / "ledgers", []
    ledgers.mkdir()
    reader = hire()
    reader.read()
    size = (tmp_path / "shop.1.map").stat()
    before = 0
    for number in range(200):
        alive.append(Writer(tmp_path, ledgers / f"{number}"))
        if len(alive) == 4:
            alive.pop(chance.randrange(4)).kill(chance.randrange(500))
        now = events(reader)
        assert before <= now
        before = now
    for writer in alive:
        writer.kill(0)

    booked = [struct.unpack("<QQ", path.read_bytes()) for path in ledgers.iterdir()]
    intended, acknowledged = (sum(column) for column in zip(*booked, strict=True))
    assert 0 < acknowledged <= events(reader) <= intended
    after = (tmp_path / "shop.1.map").stat()
    assert after.st_size == size.st_size
    assert after.st_blocks - size.st_blocks < 8 * PAGE_BLOCKS


def test_a_thousand_restarts_cost_neither_disk_nor_time(hire: Hire, tmp_path: Path) -> None:
    reader = hire()
    for kind in range(100):
        reader.count(f"{kind}")
    file = tmp_path / "shop.1.map"
    hire().count("0")
    fresh, size = reader.cost(), file.stat()
    for number in range(1000):
        worker = hire()
        worker.count(f"{number % 100}")
        worker.record("x", 1)
        worker.kill()
    assert sum(reader.read()[EVENTS, f"{kind}"] for kind in range(100)) == 1101
    assert file.stat().st_size == size.st_size
    assert file.stat().st_blocks - size.st_blocks < 2 * PAGE_BLOCKS
    assert reader.cost() < 3 * fresh
    assert {path.name for path in tmp_path.iterdir()} == {"shop.1.map", "shop.1.lock"}


def test_a_forked_process_is_a_worker_of_its_own(hire: Hire) -> None:
    worker, other = hire(), hire()
    worker.set("sum", "x", 3)
    assert worker.fork("x")
    assert worker.fork("x")
    assert events(other) == 6
    assert other.workers() == 2
    assert other.read()["gauge_sum", "x"] == 3
    assert worker.hear() == ([], 0)


def test_threads_lose_no_count(hire: Hire) -> None:
    first, second = hire(), hire()
    for worker in (first, second):
        worker.begin("threads", "x", 8, 2000)
    for worker in (first, second):
        worker.answer()
    assert first.read() == {(EVENTS, "x"): 32_000, ("seconds", "x"): ([32_000] * 3, 32_000, 32_000.0)}


def test_threads_that_are_interrupted_while_the_process_becomes_a_worker_lose_no_count(hire: Hire) -> None:
    worker = hire()
    worker.late("x", FOLD_AT)
    assert events(worker) == events(hire()) == FOLD_AT


def test_a_series_that_is_made_again_takes_no_count_away(hire: Hire) -> None:
    worker = hire()
    worker.count("x")
    worker.record("x", 1)
    worker.twice("x", 20_000)
    assert worker.read() == {(EVENTS, "x"): 40_001, ("seconds", "x"): ([40_001] * 3, 40_001, 40_001.0)}


def test_a_stopped_worker_that_holds_the_mutex_keeps_nobody_from_recording(hire: Hire) -> None:
    stopped, worker = hire(), hire()
    stopped.count("x", 5)
    worker.count("x")
    stopped.begin("freeze")
    until(lambda: Path(f"/proc/{stopped.process.pid}/stat").read_text().split(") ")[1][0] == "T", "it is stopped")

    worker.count("x")
    worker.count("new")
    worker.record("new", 1)
    assert events(worker) == 7
    assert worker.read()[EVENTS, "new"] == 1
    newcomer = hire()
    newcomer.count("x", 100)
    assert events(newcomer) == 100

    os.kill(stopped.process.pid or 0, signal.SIGCONT)
    stopped.answer()
    expected = {(EVENTS, "x"): 107, (EVENTS, "new"): 1, ("seconds", "new"): ([1, 1, 1], 1, 1.0)}
    assert newcomer.read()[EVENTS, "x"] == 107
    assert worker.read() == expected
    assert stopped.read() == expected


def test_a_lock_that_the_program_lost_is_found_out_and_nothing_is_counted_twice(hire: Hire, tmp_path: Path) -> None:
    worker, other = hire(), hire()
    worker.count("x")
    other.count("x")
    worker.trip(tmp_path / "shop.1.lock")
    assert (events(other), other.workers()) == (2, 1)
    assert (events(worker), worker.workers()) == (2, 2)
    worker.count("x")
    assert events(other) == 3
    assert len(worker.hear()[0]) == 1
    assert "lock" in worker.hear()[0][0]


def test_a_lost_lock_that_nobody_noticed_is_taken_again(hire: Hire, tmp_path: Path) -> None:
    worker, other = hire(), hire()
    other.count("x")
    worker.count("x")
    worker.trip(tmp_path / "shop.1.lock")
    assert events(worker) == 2
    assert other.workers() == 2
    assert worker.hear()[0] == []


def test_workers_whose_file_was_removed_start_a_new_one(hire: Hire, tmp_path: Path) -> None:
    first, second = hire(), hire()
    first.count("x")
    second.count("x")
    for path in tmp_path.iterdir():
        path.unlink()
    assert [events(first), events(second)] == [0, 0]
    first.count("x")
    second.count("x")
    assert [events(first), events(second)] == [2, 2]
    assert "was removed" in first.hear()[0][0]


def test_a_file_belongs_to_the_children_of_one_parent_or_to_who_lives(hire: Hire) -> None:
    worker = hire(origin=1)
    worker.count("x")
    worker.kill()
    again = hire(origin=1)
    again.count("x")
    assert events(again) == 2
    stranger = hire(origin=2)
    stranger.count("x")
    assert events(stranger) == 3
    stranger.kill()
    again.kill()
    assert events(hire(origin=2)) == 0


@pytest.mark.parametrize("content", [b"", b"short", bytes(WORDS * WORD)])
def test_a_file_that_is_no_whole_one_is_replaced(hire: Hire, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "shop.1.map").write_bytes(content)
    worker = hire()
    worker.count("x")
    assert events(worker) == 1


def test_without_a_file_every_worker_tells_of_itself(hire: Hire, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    first, second = hire(folder=file / "below"), hire(folder=file / "below")
    first.count("x")
    first.record("x", 3)
    first.set("sum", "x", 3)
    second.count("x", 2)
    assert first.read() == {(EVENTS, "x"): 1, ("seconds", "x"): ([0, 0, 1], 1, 3.0), ("gauge_sum", "x"): 3}
    assert events(second) == 2
    assert "only its own metrics" in first.hear()[0][0]


def test_what_was_recorded_while_there_was_no_file_is_brought_along(hire: Hire, tmp_path: Path) -> None:
    folder = tmp_path / "later"
    folder.touch()
    worker = hire(folder=folder)
    worker.count("x", 2)
    worker.record("x", 0.5, 3, 9)
    worker.set("latest", "x", 7)
    assert events(worker) == 2
    folder.unlink()
    assert events(worker) == 2
    assert folder.is_dir()
    worker.count("x")
    other = hire(folder=folder)
    assert other.read() == {
        (EVENTS, "x"): 3,
        ("seconds", "x"): ([1, 1, 2], 3, 12.5),
        ("gauge_latest", "x"): 7,
    }


def test_a_full_disk_drops_and_tells_but_kills_nobody(hire: Hire, tmp_path: Path) -> None:
    worker, other = hire(), hire()
    worker.count("x")
    other.count("x")
    worker.limit((tmp_path / "shop.1.map").stat().st_size // 100)
    for number in range(SLOTS // 8):
        worker.count(f"{number}")
        if worker.hear()[1]:
            break
    worker.count("x")
    assert worker.hear()[1] == 1
    assert events(other) == 3

    none = hire()
    none.limit(4096)
    none.count("x", 5)
    assert events(none) == 5
    assert "only its own metrics" in none.hear()[0][0]


def test_a_series_beyond_the_room_is_dropped_and_told_of(hire: Hire) -> None:
    worker, other = hire(), hire()
    kept = 0
    while not worker.hear()[1]:
        worker.count(f"{kept}" + "x" * 200_000)
        kept += 1
    worker.count("x")
    assert KEY_BYTES / 200_100 - 2 < kept < KEY_BYTES / 200_000 + 2
    assert events(worker) == 1
    assert len(other.read()) == kept


def test_processes_are_known_together(hire: Hire) -> None:
    first, second = hire(), hire()
    first.count("x", 1, 200_000)
    second.count("x")
    both = second.processes()
    assert both["process_cpu_seconds_total"] > 0
    first.kill()
    one = second.processes()
    assert one["process_cpu_seconds_total"] >= both["process_cpu_seconds_total"]
    for name in ("resident_memory_bytes", "virtual_memory_bytes", "open_fds", "max_fds"):
        assert 0 < one[f"process_{name}"] < both[f"process_{name}"]
    assert both["process_start_time_seconds"] <= one["process_start_time_seconds"]


def test_the_file_is_this_users_alone(hire: Hire, tmp_path: Path) -> None:
    hire().count("x")
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
