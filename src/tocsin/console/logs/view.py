"""The page of logs: the newest records that fit filters, or the answer to a query in BigQuery's SQL."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from tocsin.console.sources import Sources
from tocsin.derive.questions import QUESTIONS
from tocsin.logs import layout
from tocsin.logs.database import Answer, Column, Limits, asked
from tocsin.logs.refusal import QueryError
from tocsin.logs.tailing import SEVERITIES, Row, Tail, wanted
from tocsin.logs.values import plain
from tocsin.model import TocsinError

NEWEST = 200
"""Records that are shown of those that fit."""

MOST = 1000
"""Rows that are shown of an answer."""

MANY = 12
"""Lines of a chart at most; the rest is in the table."""

BOUNDS = Limits(seconds=20, memory="512MB")
"""What a query may take."""

NUMBERS = ("BIGINT", "INTEGER", "DOUBLE", "HUGEINT", "FLOAT", "DECIMAL", "TINYINT", "SMALLINT")
_TIMES = ("TIMESTAMP", "DATE")
_SHOWN = (Column("time", "TIMESTAMPTZ"), Column("severity", "VARCHAR"), Column("service", "VARCHAR"))
_BESIDE = (Column("message", "VARCHAR"), Column("trace", "VARCHAR"), Column("fields", "JSON"))
_AT_ONCE = asyncio.Semaphore(2)
"""Queries at a time, each of which may take what the bounds allow."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which records: of *services*, at least of a *severity*, of a *trace*, with a *text* in the message."""

    services: tuple[str, ...]
    severity: str
    trace: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of values as JSON has them; *more* if there are others."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Series:
    """The values of one name, None where it has none."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """An answer as a chart: over time, or as bars, with a label for each value."""

    over_time: bool
    labels: tuple[str, ...]
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a query; *excerpt* is the line of it that is meant, and a caret below the place."""

    sentence: str
    excerpt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Logs:
    """What the page shows: what fits *filters*, or else the answer to *sql*; *live* if it is to follow what comes.

    *services* are those that may be chosen, *questions* names and titles of the library; *absent* says why there is no
    store.
    """

    filters: Filters
    sql: str
    live: bool
    services: tuple[str, ...]
    severities: tuple[str, ...]
    questions: tuple[tuple[str, str], ...]
    table: Table | None
    chart: Chart | None
    trouble: Trouble | None
    absent: str


async def look(sources: Sources, query: QueryParams) -> Logs:
    """Look into the store, as the address asks: by `sql`, `question`, or `service`, `severity`, `trace` and `text`."""
    filters = Filters(
        tuple(query.getlist("service")),
        query.get("severity", SEVERITIES[0]),
        query.get("trace", ""),
        query.get("text", ""),
    )
    sql = query.get("sql", "") or _question(query.get("question", ""))
    table: Table | None = None
    trouble: Trouble | None = None
    try:
        async with _AT_ONCE:
            table = (
                await asyncio.to_thread(_answered, sources, sql)
                if sql
                else await asyncio.to_thread(_newest, sources, filters)
            )
    except QueryError as error:
        trouble = Trouble(str(error), error.excerpt)
    except TocsinError as error:
        trouble = Trouble(str(error), "")
    return Logs(
        filters=filters,
        sql=sql,
        live=not sql and query.get("live") == "on",
        services=await asyncio.to_thread(_services, sources),
        severities=SEVERITIES,
        questions=tuple((each.name, each.title) for each in QUESTIONS),
        table=table,
        chart=chart(table) if sql and table else None,
        trouble=trouble,
        absent="" if sources.store.is_dir() else f"There is no store in {sources.store} yet: `tocsin up` fills one.",
    )


def chart(table: Table) -> Chart | None:
    """Return a chart of an answer, None if it has nothing to draw.

    Over time if a column is a time, with a line for each of the other words where there is one number; else bars.
    """
    numbers = [at for at, column in enumerate(table.columns) if column.type.startswith(NUMBERS)]
    times = [at for at, column in enumerate(table.columns) if column.type.startswith(_TIMES)]
    words = [at for at, column in enumerate(table.columns) if column.type == "VARCHAR"]
    if not table.rows or not numbers or not (times or words):
        return None
    rows = sorted(table.rows, key=lambda row: str(row[times[0]])) if times else list(table.rows)
    if times and words and len(numbers) == 1:
        return _parted(rows, times[0], words, numbers[0])
    at = (times or words)[0]
    series = (Series(table.columns[each].name, tuple(row[each] for row in rows)) for each in numbers[:MANY])
    return Chart(bool(times), tuple(str(row[at]) for row in rows), tuple(series))


def _parted(rows: list[tuple[Any, ...]], time: int, words: list[int], number: int) -> Chart:
    """Return a line for each of the words."""
    labels = tuple(dict.fromkeys(str(row[time]) for row in rows))
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        found.setdefault(" ".join(str(row[each]) for each in words), {})[str(row[time])] = row[number]
    series = (Series(name, tuple(values.get(label) for label in labels)) for name, values in found.items())
    return Chart(True, labels, tuple(series)[:MANY])  # noqa: FBT003 - a chart over time


def _question(name: str) -> str:
    return next((each.sql for each in QUESTIONS if each.name == name), "")


def _answered(sources: Sources, sql: str) -> Table:
    questions = {each.name: each.sql for each in QUESTIONS}
    answer = asked(sources.store, lambda database: database.ask(sql, limit=MOST), questions, BOUNDS)
    return Table(answer.columns, tuple(_rows(answer)), answer.more)


def _rows(answer: Answer) -> Iterator[tuple[Any, ...]]:
    for row in answer.rows:
        yield tuple(plain(value, column.type) for value, column in zip(row, answer.columns, strict=True))


def _newest(sources: Sources, filters: Filters) -> Table:
    """Return the newest records, the newest first."""
    fit = wanted(filters.services, filters.severity, filters.trace, filters.text)
    with Tail(sources.store, fit) as end:
        found = end.newest(NEWEST + 1)
    columns = (*_SHOWN, *_BESIDE)
    rows = tuple(_record(row, columns) for row in reversed(found))
    return Table(columns, rows[:NEWEST], len(rows) > NEWEST)


def _record(row: Row, columns: tuple[Column, ...]) -> tuple[Any, ...]:
    return tuple(plain(row.get(column.name)) for column in columns)


def _services(sources: Sources) -> tuple[str, ...]:
    """Return the services of the catalog, and whoever else is in the store."""
    kept = {segment.service for segment in layout.segments(sources.store)}
    declared = [service.name for service in sources.plan.catalog.services]
    return (*declared, *sorted(kept - set(declared)))
