"""The store of logs and its peers: each takes the same lines in, and answers the same questions over 22 columns."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson

LINES = 1_000_000
SHIPPED = 200_000
THREADS = os.cpu_count() or 1

BIGQUERY = (
    (
        "SELECT service, TIMESTAMP_TRUNC(time, MINUTE) AS minute, COUNT(*) AS n FROM logs WHERE severity = 'ERROR' "
        "GROUP BY service, minute"
    ),
    (
        "SELECT JSON_VALUE(fields, '$.route') AS route, APPROX_QUANTILES(latency, 100)[OFFSET(95)] AS p95 FROM logs "
        "WHERE method IS NOT NULL GROUP BY route"
    ),
    "SELECT message, COUNT(*) AS n FROM logs WHERE severity = 'ERROR' GROUP BY message ORDER BY n DESC LIMIT 10",
)
DUCK = (
    "SELECT service, date_trunc('minute', time) AS minute, count(*) FROM logs WHERE severity = 'ERROR' GROUP BY ALL",
    "SELECT fields->>'route' AS route, quantile_cont(latency, 0.95) FROM logs WHERE method IS NOT NULL GROUP BY ALL",
    "SELECT message, count(*) FROM logs WHERE severity = 'ERROR' GROUP BY ALL ORDER BY 2 DESC LIMIT 10",
)
CLICK = (
    "SELECT service, toStartOfMinute(time) AS minute, count() FROM logs WHERE severity = 'ERROR' GROUP BY ALL",
    (
        "SELECT JSONExtractString(fields, 'route') AS route, quantileExactInclusive(0.95)(latency) FROM logs "
        "WHERE method IS NOT NULL GROUP BY route"
    ),
    "SELECT message, count() AS n FROM logs WHERE severity = 'ERROR' GROUP BY message ORDER BY n DESC LIMIT 10",
)
LITE = (
    "SELECT service, substr(time, 1, 16) AS minute, count(*) FROM logs WHERE severity = 'ERROR' GROUP BY 1, 2",
    (
        "SELECT route, max(latency) FROM (SELECT route, latency, count(*) OVER (PARTITION BY route) AS whole, "
        "row_number() OVER (PARTITION BY route ORDER BY latency) AS n FROM (SELECT json_extract(fields, '$.route') "
        "AS route, latency FROM logs WHERE method IS NOT NULL)) WHERE n <= 0.95 * (whole - 1) + 2 GROUP BY 1"
    ),
    "SELECT message, count(*) FROM logs WHERE severity = 'ERROR' GROUP BY 1 ORDER BY 2 DESC LIMIT 10",
)


CLICK_TABLE = """
time DateTime64(6, 'UTC'), severity LowCardinality(String), service LowCardinality(String),
version LowCardinality(Nullable(String)), environment LowCardinality(Nullable(String)),
logger LowCardinality(Nullable(String)), message String, request_id Nullable(String), trace Nullable(String),
span Nullable(String), sampled Nullable(Bool), file LowCardinality(Nullable(String)), line Nullable(Int64),
function LowCardinality(Nullable(String)), method LowCardinality(Nullable(String)), url Nullable(String),
status Nullable(Int64), latency Nullable(Float64), user_agent LowCardinality(Nullable(String)),
protocol LowCardinality(Nullable(String)), stack_trace Nullable(String), fields String
"""
CLICK_LINES = """
time DateTime64(6, 'UTC'), severity String, serviceContext Tuple(service String, version Nullable(String)),
`logging.googleapis.com/labels`
Tuple(environment Nullable(String), logger Nullable(String), request_id Nullable(String)),
message String, `logging.googleapis.com/trace` Nullable(String), `logging.googleapis.com/spanId` Nullable(String),
`logging.googleapis.com/trace_sampled` Nullable(Bool), `logging.googleapis.com/sourceLocation`
Tuple(file Nullable(String), line Nullable(Int64), function Nullable(String)), httpRequest Tuple(requestMethod
Nullable(String), requestUrl Nullable(String), status Nullable(Int64), latency Nullable(String), userAgent
Nullable(String), protocol Nullable(String)), stack_trace Nullable(String), fields String
"""
CLICK_COLUMNS = """
time, severity, serviceContext.service, serviceContext.version, `logging.googleapis.com/labels`.environment,
`logging.googleapis.com/labels`.logger, message, `logging.googleapis.com/labels`.request_id,
splitByChar('/', ifNull(`logging.googleapis.com/trace`, ''))[-1], `logging.googleapis.com/spanId`,
`logging.googleapis.com/trace_sampled`, `logging.googleapis.com/sourceLocation`.file,
`logging.googleapis.com/sourceLocation`.line, `logging.googleapis.com/sourceLocation`.function,
httpRequest.requestMethod, httpRequest.requestUrl, httpRequest.status,
toFloat64OrNull(trimRight(ifNull(httpRequest.latency, ''), 's')), httpRequest.userAgent, httpRequest.protocol,
stack_trace, fields
"""


def timed(work: Callable[[], Any], times: int = 1) -> tuple[float, Any]:
    """Return the best of *times* in seconds, and what came of it."""
    best, found = float("inf"), None
    for _ in range(times):
        began = time.perf_counter()
        found = work()
        best = min(best, time.perf_counter() - began)
    return best, found


def answered(ask: Callable[[str], list[Any]], questions: tuple[str, ...], times: int) -> dict[str, Any]:
    """Ask each question, and sum up the answers so that they can be compared."""
    taken = [timed(lambda question=question: ask(question), times) for question in questions]
    (errors, routes, top) = (found for _, found in taken)
    summary = [sum(int(row[2]) for row in errors), len(errors), len(routes), [[row[0], int(row[1])] for row in top[:3]]]
    return {"seconds": [seconds for seconds, _ in taken], "answers": summary}


def ours(source: Path, folder: Path) -> dict[str, Any]:
    from tocsin.logs.database import opened  # noqa: PLC0415 - each in its own process
    from tocsin.logs.layout import readable  # noqa: PLC0415 - each in its own process
    from tocsin.logs.limits import Limits  # noqa: PLC0415 - each in its own process
    from tocsin.logs.seal import closed, connect, seal  # noqa: PLC0415 - each in its own process
    from tocsin.logs.segments import LARGEST, Writer  # noqa: PLC0415 - each in its own process
    from tocsin.logs.upkeep import upkeep  # noqa: PLC0415 - each in its own process

    with Writer(folder, "shop") as writer, source.open("rb") as file:
        while batch := file.read(LARGEST - (1 << 20)):
            writer.append(batch + file.readline())
            writer.roll()

    def ingest() -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            sealed = sum(pool.map(lambda segment: seal(folder, segment, connect()), closed(folder)))
        if sealed != LINES:
            sys.exit(f"{sealed} of {LINES} lines were sealed.")

    def measured() -> dict[str, Any]:
        with opened(folder) as database:
            asked = answered(lambda question: database.ask(question).rows, BIGQUERY, 7)
        return {"size": sum(file.path.stat().st_size for file in readable(folder).sealed), **asked}

    seconds, _ = timed(ingest)
    before = measured()
    compacting, _ = timed(lambda: upkeep(folder, Limits(days=10_000), threads=THREADS))
    return {"ingest": seconds, "compacting": compacting, "before": before, **measured()}


def duck(source: Path, folder: Path) -> dict[str, Any]:
    import duckdb  # noqa: PLC0415 - each in its own process

    from tocsin.logs import rows  # noqa: PLC0415 - each in its own process

    path = folder / "logs.duckdb"
    with closing(duckdb.connect(str(path))) as database:
        database.execute("SET TimeZone = 'UTC'")
        query = rows.of_lines([source])

        def ingest() -> None:
            database.execute(f"CREATE TABLE logs AS {query}")
            database.execute("CHECKPOINT")

        seconds, _ = timed(ingest)
        asked = answered(lambda question: database.execute(question).fetchall(), DUCK, 7)
    return {"ingest": seconds, "size": path.stat().st_size, **asked}


def sqlite(source: Path, folder: Path) -> dict[str, Any]:
    import sqlite3  # noqa: PLC0415 - each in its own process

    from tocsin.model.record import COLUMNS  # noqa: PLC0415 - each in its own process

    names = [column.name for column in COLUMNS]
    paths = [column.path for column in COLUMNS]

    def row(line: bytes) -> list[Any]:
        record = orjson.loads(line)
        values = [record.get(path[0]) if len(path) == 1 else record.get(path[0], {}).get(path[1]) for path in paths]
        trace, latency, fields = names.index("trace"), names.index("latency"), names.index("fields")
        values[trace] = values[trace] and values[trace].rpartition("/")[2]
        values[latency] = values[latency] and float(values[latency][:-1])
        values[fields] = orjson.dumps(values[fields]).decode()
        return values

    path = folder / "logs.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
        database.execute(f"CREATE TABLE logs ({', '.join(names)})")
        insert = f"INSERT INTO logs VALUES ({', '.join('?' * len(names))})"  # noqa: S608 - question marks alone

        def ingest() -> None:
            with source.open("rb") as file:
                while lines := file.readlines(4 << 20):
                    database.executemany(insert, map(row, lines))
                    database.commit()
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

        seconds, _ = timed(ingest)
        asked = answered(lambda question: database.execute(question).fetchall(), LITE, 1)
    return {"ingest": seconds, "size": path.stat().st_size, **asked}


def chdb(source: Path, folder: Path) -> dict[str, Any]:
    from chdb import session as sessions  # noqa: PLC0415 - each in its own process

    with closing(sessions.Session(str(folder))) as session:
        session.query("CREATE DATABASE tocsin ENGINE = Atomic")
        session.query("USE tocsin")
        session.query(f"CREATE TABLE logs ({CLICK_TABLE}) ENGINE = MergeTree ORDER BY (service, time)")
        structure = CLICK_LINES.strip().replace("'", "''")
        lines = f"file('{source}', JSONEachRow, '{structure}')"
        insert = f"INSERT INTO logs SELECT {CLICK_COLUMNS} FROM {lines} SETTINGS date_time_input_format = 'best_effort'"  # noqa: S608
        seconds, _ = timed(lambda: session.query(insert))

        def ask(question: str) -> list[Any]:
            return [json.loads(line) for line in session.query(question, "JSONCompactEachRow").bytes().splitlines()]

        asked = answered(ask, CLICK, 7)
        ((size,),) = ask("SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table = 'logs'")
    return {"ingest": seconds, "size": int(size), **asked}


def shipped(source: Path, folder: Path) -> dict[str, Any]:
    """Ship SHIPPED lines of a file on one core; return the lines per second of that core."""
    from tocsin.logs.limits import Limits  # noqa: PLC0415 - each in its own process
    from tocsin.logs.ship import Shipper  # noqa: PLC0415 - each in its own process

    log = folder / "shop.log"
    with source.open("rb") as whole, log.open("wb") as part:
        for _ in range(SHIPPED):
            part.write(whole.readline())
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {0})
    before = resource.getrusage(resource.RUSAGE_SELF)
    with Shipper(folder / "store", limits=Limits(days=10_000), say=sys.exit) as shipper:
        shipper.follow(log, "shop")
        shipper.run(once=True)
        if shipper.lines != SHIPPED:
            sys.exit(f"{shipper.lines} of {SHIPPED} lines were shipped.")
    after = resource.getrusage(resource.RUSAGE_SELF)
    return {"rate": SHIPPED / (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)}
