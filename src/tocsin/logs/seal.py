"""Seals closed segments into Parquet, by day and service.

The order makes a crash harmless: each Parquet file appears whole under its name, then `.sealed` says that all are
there, and only then does the segment no longer count. A crash before that leaves Parquet that does not count, and that
the next sealing writes again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import duckdb

from tocsin.logs import rows
from tocsin.logs.layout import Segment, sealed_path, segments_in, services
from tocsin.logs.places import sync_folder, write_whole

_MEMORY = "1GB"

_FAILED = "(severity IN ('ERROR', 'CRITICAL')) IS TRUE"
KINDS = (f"NOT {_FAILED} AND method IS NOT NULL", f"NOT {_FAILED} AND method IS NULL", _FAILED)
"""Requests, what is said besides, and errors stand apart in a file, each in the order of the lines.

Who asks for one of them need not read the others, as Parquet tells what a group of rows holds; and few values follow
each other where all are requests.
"""


def connect(threads: int = 1) -> duckdb.DuckDBPyConnection:
    """Return a database in memory that leaves the machine to the services."""
    database = duckdb.connect(config={"threads": threads, "memory_limit": _MEMORY})
    database.execute("SET TimeZone = 'UTC'")  # by which days are told apart
    return database


def closed(store: Path) -> Iterator[Segment]:
    """Yield the segments that nobody appends to any more and that are not sealed, by service and number."""
    for folder in services(store):
        last = max((int(path.stem) for path in folder.glob("[0-9]*.places")), default=0)
        for segment in segments_in(folder):
            if segment.number < last and not segment.seal.exists():
                yield segment


def seal(store: Path, segment: Segment, database: duckdb.DuckDBPyConnection) -> int:
    """Let Parquet hold *segment*, and return how many rows.

    Raises:
        OSError, duckdb.Error: the disk is full or fails; the segment counts on.

    """
    whole = store / "days" / f".{segment.service}-{segment.number}.new"
    whole.parent.mkdir(parents=True, exist_ok=True)
    try:
        total = _copy(database, _apart(rows.of_lines([segment.lines])), whole)
        query = rows.of_parquet([whole])
        days = database.execute(f"SELECT DISTINCT CAST(time AS DATE) FROM ({query})").fetchall()  # noqa: S608 - quoted
        for (day,) in days:
            path = sealed_path(store, str(day), segment.service, segment.number, segment.number)
            path.parent.mkdir(exist_ok=True)
            if len(days) == 1:
                _publish(whole, path)
            else:
                write(database, f"SELECT * FROM ({query}) WHERE CAST(time AS DATE) = '{day}'", path)  # noqa: S608 - quoted
    finally:
        whole.unlink(missing_ok=True)
    sync_folder(store / "days")
    write_whole(segment.seal, b"")
    return total


def write(database: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    """Let *path* appear at once with the rows of *query*, and return how many.

    Raises:
        OSError, duckdb.Error: the disk is full or fails; *path* is as it was.

    """
    beside = path.with_name(f".{path.name}.new")
    try:
        count = _copy(database, query, beside)
        _publish(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return count


def _apart(query: str) -> str:
    """Return the rows of *query*, which is run once, by their kinds."""
    kinds = " UNION ALL ".join(f"(SELECT * FROM said WHERE {kind})" for kind in KINDS)  # noqa: S608 - ours
    return f"WITH said AS MATERIALIZED ({query}) {kinds}"


def _copy(database: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    form = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1"  # as small as higher levels here, and faster
    (found,) = database.execute(f"COPY ({query}) TO {rows.literal(str(path))} ({form})").fetchall()
    return int(found[0])


def _publish(beside: Path, path: Path) -> None:
    with beside.open("rb") as file:
        os.fsync(file.fileno())
    beside.replace(path)
    sync_folder(path.parent)
