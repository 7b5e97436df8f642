from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from tests.logs.shipping import held, line, numbered, start
from tests.waiting import until
from tocsin.logs import upkeep as upkeeping
from tocsin.logs.layout import GRACE, readable, segments
from tocsin.logs.limits import Limits
from tocsin.logs.segments import Writer
from tocsin.logs.upkeep import Done, upkeep

TODAY = date(2026, 11, 25)
EVER = Limits(days=10_000)


def write(store: Path, numbers: Iterable[int], *, closed: bool = True) -> None:
    with Writer(store, "shop") as writer:
        writer.append(numbered(numbers).encode())
        if closed:
            writer.roll()


def files(store: Path) -> list[str]:
    """Return what there is, but for locks and places."""
    found = (path for path in store.rglob("*") if path.suffix in {".jsonl", ".sealed", ".parquet", ".new"})
    return sorted(str(path.relative_to(store)) for path in found if path.suffix != ".jsonl" or path.stat().st_size)


def long_ago(store: Path) -> None:
    """Let GRACE pass."""
    then = time.time() - GRACE - 1
    for path in store.rglob("*"):
        os.utime(path, (then, then))


def test_closed_segments_are_sealed_by_day_and_the_open_one_is_not(tmp_path: Path) -> None:
    write(tmp_path, range(10))
    write(tmp_path, range(10, 13), closed=False)
    assert upkeep(tmp_path, EVER, today=TODAY) == Done(rows=10)
    assert files(tmp_path) == [
        "days/2026-11-24/shop-00000001.parquet",
        "days/2026-11-25/shop-00000001.parquet",
        "segments/shop/00000001.jsonl",
        "segments/shop/00000001.sealed",
        "segments/shop/00000002.jsonl",
    ]
    assert held(tmp_path) == list(range(13))
    long_ago(tmp_path)
    assert upkeep(tmp_path, EVER, today=TODAY) == Done()
    assert files(tmp_path) == [
        "days/2026-11-24/shop-00000001.parquet",
        "days/2026-11-25/shop-00000001.parquet",
        "segments/shop/00000002.jsonl",
    ]
    assert held(tmp_path) == list(range(13))
    with Writer(tmp_path, "shop") as writer:
        writer.append(line(13).encode())
    assert held(tmp_path) == list(range(14))


def test_small_files_are_compacted_once_there_are_many_or_their_day_is_over(tmp_path: Path) -> None:
    for number in range(upkeeping.MANY - 1):
        write(tmp_path, range(2 * number, 2 * number + 2))
    assert upkeep(tmp_path, EVER, today=TODAY) == Done(rows=14, compacted=7)
    assert [file.path.name for file in readable(tmp_path).sealed if file.day == "2026-11-24"] == [
        "shop-00000001_00000007.parquet"
    ]
    write(tmp_path, range(14, 16))
    assert upkeep(tmp_path, EVER, today=TODAY) == Done(rows=2, compacted=10)
    assert [file.path.name for file in readable(tmp_path).sealed] == 2 * ["shop-00000001_00000008.parquet"]
    assert held(tmp_path) == list(range(16))
    long_ago(tmp_path)
    upkeep(tmp_path, EVER, today=TODAY)
    assert [name for name in files(tmp_path) if name.startswith("days")] == [
        "days/2026-11-24/shop-00000001_00000008.parquet",
        "days/2026-11-25/shop-00000001_00000008.parquet",
    ]
    assert held(tmp_path) == list(range(16))


def test_days_that_are_too_old_are_removed(tmp_path: Path) -> None:
    write(tmp_path, range(10))
    upkeep(tmp_path, EVER, today=TODAY)
    long_ago(tmp_path)
    assert upkeep(tmp_path, Limits(days=1), today=TODAY).removed == 0
    assert upkeep(tmp_path, Limits(days=1), today=TODAY + timedelta(1)).removed == 1
    assert held(tmp_path) == [1, 3, 5, 7, 9]
    assert upkeep(tmp_path, Limits(days=1), today=TODAY + timedelta(2)).removed == 1
    assert held(tmp_path) == []
    assert list((tmp_path / "days").iterdir()) == []


def test_the_oldest_days_are_removed_while_the_store_is_too_large(tmp_path: Path) -> None:
    write(tmp_path, range(10))
    upkeep(tmp_path, EVER, today=TODAY)
    sizes = [file.path.stat().st_size for file in readable(tmp_path).sealed]
    assert upkeep(tmp_path, Limits(days=10_000, size=sum(sizes)), today=TODAY).removed == 0
    assert upkeep(tmp_path, Limits(days=10_000, size=sum(sizes) - 1), today=TODAY).removed == 1
    assert held(tmp_path) == [1, 3, 5, 7, 9]


def test_of_the_last_day_the_oldest_files_alone_are_removed_with_what_they_cover(tmp_path: Path) -> None:
    for first in range(1, 17, 2):  # odd numbers are said on the later day
        write(tmp_path, [first])
    upkeep(tmp_path, EVER, today=TODAY)
    write(tmp_path, [17])
    upkeep(tmp_path, EVER, today=TODAY)
    names = [file.path.name for file in readable(tmp_path).sealed]
    assert names == ["shop-00000001_00000008.parquet", "shop-00000009.parquet"]
    for age, name in enumerate(reversed(names)):
        path = next(tmp_path.rglob(name))
        os.utime(path, (time.time() - age,) * 2)
    newest = readable(tmp_path).sealed[1].path.stat().st_size
    assert upkeep(tmp_path, Limits(days=10_000, size=newest), today=TODAY).removed == 9
    assert held(tmp_path) == [17]
    assert [name for name in files(tmp_path) if name.startswith("days")] == ["days/2026-11-25/shop-00000009.parquet"]


def test_the_newest_lines_of_a_day_that_is_too_large_are_kept(tmp_path: Path) -> None:
    for number in (1, 3, 5):
        write(tmp_path, [number])
        upkeep(tmp_path, EVER, today=TODAY - timedelta(1))
    sealed = readable(tmp_path).sealed
    for age, file in enumerate(reversed(sealed)):
        os.utime(file.path, (time.time() - age,) * 2)
    sizes = [file.path.stat().st_size for file in sealed]
    assert upkeep(tmp_path, Limits(days=10_000, size=sum(sizes) - 1), today=TODAY - timedelta(1)).removed == 1
    assert held(tmp_path) == [3, 5]


def test_one_upkeep_runs_at_a_time(tmp_path: Path) -> None:
    write(tmp_path, range(10))
    with upkeeping._sole(tmp_path) as mine:  # noqa: SLF001 - as another process would
        assert mine
        assert upkeep(tmp_path, EVER, today=TODAY) == Done()
    assert upkeep(tmp_path, EVER, today=TODAY).rows == 10


def test_a_disk_that_is_full_leaves_every_line_where_it_was(tmp_path: Path) -> None:
    write(tmp_path, range(20_000))
    script = (
        "import sys; from pathlib import Path; from tocsin.logs.limits import Limits;"
        "from tocsin.logs.upkeep import upkeep; upkeep(Path(sys.argv[1]), Limits())"
    )
    limited = "trap '' XFSZ; ulimit -f 20; exec \"$@\""
    command = ["bash", "-c", limited, "bash", sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Error" in done.stderr
    assert held(tmp_path) == list(range(20_000))
    assert upkeep(tmp_path, EVER, today=TODAY).rows == 20_000
    assert held(tmp_path) == list(range(20_000))
    assert not [name for name in files(tmp_path) if name.endswith(".new")]


KEEP_UP = """
import sys
from pathlib import Path
from tocsin.logs import upkeep
from tocsin.logs.limits import Limits
upkeep.MANY = 2
print("begins", flush=True)
upkeep.upkeep(Path(sys.argv[1]), Limits(days=10_000))
"""


def test_a_kill_of_an_upkeep_at_any_moment_loses_and_doubles_nothing(tmp_path: Path) -> None:
    rng = random.Random(1)  # noqa: S311 - moments, no secrets
    for kill in range(6):
        write(tmp_path, range(500 * kill, 500 * kill + 500))
        with subprocess.Popen([sys.executable, "-c", KEEP_UP, str(tmp_path)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            try:
                process.wait(rng.random() * 0.15)
            except subprocess.TimeoutExpired:
                process.kill()
        assert held(tmp_path) == list(range(500 * kill + 500))
    upkeep(tmp_path, EVER, today=TODAY)
    assert held(tmp_path) == list(range(3000))
    assert len(readable(tmp_path).segments) == 1, "only the open one"


def test_who_asks_while_lines_are_sealed_and_compacted_sees_each_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeeping, "MANY", 3)
    write(tmp_path, range(100))

    def work() -> None:
        for turn in range(1, 12):
            write(tmp_path, range(100 * turn, 100 * turn + 100))
            upkeep(tmp_path, EVER, today=TODAY)

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work)
        seen = 0
        while not working.done():
            there = held(tmp_path)
            assert there == list(range(len(there)))
            assert len(there) >= seen
            seen = len(there)
        working.result()
    assert held(tmp_path) == list(range(1200))


def test_parquet_is_compressed_and_keeps_the_order_of_the_lines(tmp_path: Path) -> None:
    write(tmp_path, range(0, 10_000, 2))
    upkeep(tmp_path, EVER, today=TODAY)
    (file,) = readable(tmp_path).sealed
    database = duckdb.connect()
    kinds = database.execute(f"SELECT DISTINCT compression FROM parquet_metadata('{file.path}')").fetchall()  # noqa: S608 - a path of the test
    assert kinds == [("ZSTD",)]
    found = database.execute(f"SELECT message FROM '{file.path}'").fetchall()  # noqa: S608 - a path of the test
    assert [int(message) for (message,) in found] == list(range(0, 10_000, 2))
    size = sum(segment.lines.stat().st_size for segment in segments(tmp_path))
    assert file.path.stat().st_size < size / 8


def test_the_shipper_seals(tmp_path: Path) -> None:
    write(tmp_path / "store", range(10))
    process = start("--store", tmp_path / "store", tmp_path / "till.log")
    try:
        until(lambda: bool(readable(tmp_path / "store").sealed), "a sealed file")
    finally:
        process.kill()
        process.communicate()
    assert held(tmp_path / "store") == list(range(10))


@pytest.mark.parametrize("segments_of", [12, 24], ids=["compacted", "sealed"])
def test_in_a_file_requests_the_rest_and_errors_stand_apart_each_in_its_order(tmp_path: Path, segments_of: int) -> None:
    for start_at in range(0, 24, segments_of):
        with Writer(tmp_path, "shop") as writer:
            for number in range(start_at, start_at + segments_of, 2):
                request = {"httpRequest": {"requestMethod": "GET"}} if number % 3 else {}
                severity = "CRITICAL" if number % 10 == 0 else "INFO"
                writer.append(line(number, severity=severity, **request).encode())
            writer.roll()
    upkeep(tmp_path, EVER, today=TODAY)
    (file,) = readable(tmp_path).sealed
    found = duckdb.connect().execute(f"SELECT message FROM '{file.path}'").fetchall()  # noqa: S608 - a path of the test
    requests, others, errors = [2, 4, 8, 14, 16, 22], [6, 12, 18], [0, 10, 20]
    assert [int(message) for (message,) in found] == [*requests, *others, *errors]
