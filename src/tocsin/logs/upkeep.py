"""Keeps a store in shape: seals what is closed, compacts what is small, removes what is old or too much."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path

import duckdb

from tocsin.logs import rows
from tocsin.logs.layout import GRACE, Sealed, Segment, readable, sealed_files, sealed_path, segments
from tocsin.logs.limits import Limits
from tocsin.logs.places import sync_folder
from tocsin.logs.seal import KINDS, closed, connect, seal, write

SMALL = 32 << 20
"""Bytes below which a Parquet file is worth being joined to its neighbours."""

MANY = 8
"""Small neighbours that are joined on the day itself; once it is over, two are enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What an upkeep did: *rows* were sealed, so many files compacted into fewer, and so many removed by the limits."""

    rows: int = 0
    compacted: int = 0
    removed: int = 0


def upkeep(store: Path, limits: Limits, *, today: date | None = None, threads: int = 1) -> Done:
    """Seal, compact and remove; nothing where another process does so at this moment.

    Raises:
        OSError, duckdb.Error: the disk is full or fails; each line is still there once.

    """
    today = today or datetime.now(UTC).date()
    with _sole(store) as mine:
        if not mine:
            return Done()
        _remove_torn(store)
        sealed = _seal(store, threads)
        with connect(threads) as database:
            compacted = sum(_compact(store, run, database) for run in list(_runs(store, today)))
        removed = _retain(store, limits, today)
        _remove_superseded(store, time.time() - GRACE)
    return Done(rows=sealed, compacted=compacted, removed=removed)


@contextmanager
def _sole(store: Path) -> Iterator[bool]:
    store.mkdir(parents=True, exist_ok=True)
    lock = os.open(store / "lock", os.O_RDWR | os.O_CREAT, 0o640)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(lock)


def _remove_torn(store: Path) -> None:
    """Remove what an upkeep that was killed left half written."""
    for path in [*store.glob("days/.*.new"), *store.glob("days/*/.*.new")]:
        path.unlink(missing_ok=True)


def _seal(store: Path, threads: int) -> int:
    """Seal what is closed, a segment in each thread; all of it, before anything is compacted over it."""

    def one(segment: Segment) -> int:
        with connect() as database:
            return seal(store, segment, database)

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(one, closed(store)))


def _runs(store: Path, today: date) -> Iterator[list[Sealed]]:
    """Yield neighbours of a day and service that are to be joined."""
    for (day, _), files in groupby(readable(store).sealed, key=lambda file: (file.day, file.service)):
        for small, run in groupby(files, key=lambda file: file.path.stat().st_size < SMALL):
            neighbours = list(run)
            if small and len(neighbours) >= (MANY if day >= today.isoformat() else 2):
                yield neighbours


def _compact(store: Path, run: list[Sealed], database: duckdb.DuckDBPyConnection) -> int:
    first, last = run[0], run[-1]
    path = sealed_path(store, first.day, first.service, first.first, last.last)
    query = rows.of_parquet(file.path for file in run)
    write(database, " UNION ALL ".join(f"({query} WHERE {kind})" for kind in KINDS), path)
    return len(run)


def _retain(store: Path, limits: Limits, today: date) -> int:
    """Remove the days that are older than the limit, and the oldest while all that counts is larger than the other.

    The last day is too new to go as a whole: of it the files go, the oldest first.
    """
    oldest = (today - timedelta(days=limits.days)).isoformat()
    sizes = {file: file.path.stat().st_size for file in readable(store).sealed}
    last = max((file.day for file in sizes), default="")
    total, removed = sum(sizes.values()), 0
    for day, of_day in groupby(list(sizes), key=lambda file: file.day):
        files = list(of_day)
        if day >= oldest and total <= limits.size:
            break
        if day >= oldest and day == last:
            return removed + _remove_oldest(store, {file: sizes[file] for file in files}, total - limits.size)
        total -= sum(sizes[file] for file in files)
        removed += _remove_day(files[0].path.parent)
    return removed


def _remove_day(folder: Path) -> int:
    """Remove the files of a day, the widest last, so that nothing that they cover counts again meanwhile."""
    paths = sorted(folder.iterdir(), key=lambda path: len(path.name))
    for path in paths:
        path.unlink()
    folder.rmdir()
    return len(paths)


def _remove_oldest(store: Path, sizes: Mapping[Sealed, int], excess: int) -> int:
    """Remove the oldest files of a day until *excess* bytes are gone, each after what it covers."""
    removed = 0
    for file in sorted(sizes, key=lambda file: file.path.stat().st_mtime):
        if excess <= 0:
            break
        excess -= sizes[file]
        covered = [other for other in sealed_files(store) if other.day == file.day and other.service == file.service]
        for other in sorted(filter(file.covers, covered), key=lambda other: other.last - other.first):
            other.path.unlink()
            removed += 1
    return removed


def _remove_superseded(store: Path, before: float) -> None:
    """Remove what has not counted since *before*."""
    for segment in list(segments(store)):
        if segment.seal.exists() and segment.seal.stat().st_mtime < before:
            segment.lines.unlink(missing_ok=True)
            sync_folder(segment.folder)
            segment.places.unlink(missing_ok=True)
            segment.seal.unlink()
    counting = {file.path: file for file in readable(store).sealed}
    for file in list(sealed_files(store)):
        covering = [other for other in counting.values() if other.day == file.day and other.service == file.service]
        by = next((other for other in covering if file.path not in counting and other.covers(file)), None)
        if by and by.path.stat().st_mtime < before:
            file.path.unlink()
