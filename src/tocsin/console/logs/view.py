"""The page of logs: the newest records that fit filters, or the answer to a query in BigQuery's SQL."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import QueryParams

from tocsin.console import times
from tocsin.console.following import KEPT
from tocsin.console.sources import Sources
from tocsin.derive.questions import QUESTIONS
from tocsin.logs import layout
from tocsin.logs.database import Answer, Column, Limits, asked
from tocsin.logs.refusal import QueryError
from tocsin.logs.tailing import SEVERITIES, Row, Tail, Wanted, wanted
from tocsin.logs.values import plain
from tocsin.model import TocsinError

NEWEST = 200
"""Records that are shown of those that fit."""

MOST = 1000
"""Rows that are shown of an answer."""

MANY = 12
"""Lines of a chart at most; the rest is in the table."""

_LESS = "that is all a query of the console may take, so ask for less, or use `tocsin logs query`"
BOUNDS = Limits(seconds=20, memory="512MB", late=_LESS, large=_LESS)
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

    *start* and *end* are the span of time as the address has it, and *ends* the moments that they mean. *came* is how
    many records came while they were followed. *services* are those that may be chosen, *questions* names and titles of
    the library; *absent* says why there is no store.
    """

    filters: Filters
    sql: str
    start: str
    end: str
    ends: tuple[float, float] | None
    live: bool
    came: int
    services: tuple[str, ...]
    severities: tuple[str, ...]
    questions: tuple[tuple[str, str], ...]
    table: Table | None
    chart: Chart | None
    trouble: Trouble | None
    absent: str


async def look(sources: Sources, query: QueryParams) -> Logs:
    """Look into the store, as the address asks: by `sql`, `question`, or `service`, `severity`, `trace` and `text`.

    `from` and `to` are the span of time, as Grafana writes them; without them all that is kept is looked at.
    """
    filters = Filters(
        tuple(query.getlist("service")),
        query.get("severity", SEVERITIES[0]),
        query.get("trace", ""),
        query.get("text", ""),
    )
    sql = query.get("sql", "") or _question(query.get("question", ""))
    live = not sql and query.get("live") == "on"
    start, end = times.span_of(query)
    ends: tuple[float, float] | None = None
    table: Table | None = None
    came = 0
    trouble: Trouble | None = None
    try:
        ends = _ends(start, end)
        if live:
            table, came = await _followed(sources, filters, ends)
        else:
            async with _AT_ONCE:
                table = await asyncio.to_thread(_found, sources, sql, filters, ends)
    except QueryError as error:
        trouble = Trouble(str(error), error.excerpt)
    except TocsinError as error:
        trouble = Trouble(str(error), "")
    return Logs(
        filters=filters,
        sql=sql,
        start=start,
        end=end,
        # What lasts until now would differ in each look.
        ends=None if live else ends,
        live=live,
        came=came,
        services=await asyncio.to_thread(_services, sources),
        severities=SEVERITIES,
        questions=tuple((each.name, each.title) for each in QUESTIONS),
        table=table,
        chart=chart(table) if sql and table else None,
        trouble=trouble,
        absent="" if sources.store.is_dir() else f"There is no store in {sources.store} yet: `tocsin up` fills one.",
    )


def _ends(start: str, end: str) -> tuple[float, float] | None:
    """Return the moments that are meant, or nothing if none are.

    Raises:
        TocsinError: they are no moments, or the first is not before the last.

    """
    if not start:
        return None
    ends = times.between(start, end, time.time())
    if ends is None:
        raise TocsinError(times.refused(start, end))
    return ends


def _found(sources: Sources, sql: str, filters: Filters, ends: tuple[float, float] | None) -> Table:
    since, until = (datetime.fromtimestamp(at, UTC) for at in ends) if ends else (None, None)
    if sql:
        return _answered(sources, sql, replace(BOUNDS, since=since, until=until))
    return _newest(sources, replace(_fit(filters), since=since, until=until))


async def _followed(sources: Sources, filters: Filters, ends: tuple[float, float] | None) -> tuple[Table, int]:
    """Return the newest records and how many came; readers who want the same share what is read."""
    followed = await sources.following.newest(_fit(filters))
    since = datetime.fromtimestamp(ends[0] if ends else 0.0, UTC)
    return _table([row for row in followed.rows if row["time"] >= since], KEPT), followed.came


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


def _answered(sources: Sources, sql: str, limits: Limits) -> Table:
    questions = {each.name: each.sql for each in QUESTIONS}
    answer = asked(sources.store, lambda database: database.ask(sql, limit=MOST), questions, limits)
    return Table(answer.columns, tuple(_rows(answer)), answer.more)


def _rows(answer: Answer) -> Iterator[tuple[Any, ...]]:
    for row in answer.rows:
        yield tuple(plain(value, column.type) for value, column in zip(row, answer.columns, strict=True))


def _fit(filters: Filters) -> Wanted:
    return wanted(filters.services, filters.severity, filters.trace, filters.text)


def _newest(sources: Sources, fit: Wanted) -> Table:
    """Return the newest records, the newest first."""
    with Tail(sources.store, fit) as end:
        return _table(end.newest(NEWEST + 1)[::-1], NEWEST)


def _table(found: Sequence[Row], most: int) -> Table:
    columns = (*_SHOWN, *_BESIDE)
    return Table(columns, tuple(_record(row, columns) for row in found[:most]), len(found) > most)


def _record(row: Row, columns: tuple[Column, ...]) -> tuple[Any, ...]:
    return tuple(plain(row.get(column.name)) for column in columns)


def _services(sources: Sources) -> tuple[str, ...]:
    """Return the services of the catalog, and whoever else is in the store."""
    kept = {segment.service for segment in layout.segments(sources.store)}
    declared = [service.name for service in sources.plan.catalog.services]
    return (*declared, *sorted(kept - set(declared)))
