"""A store as a database that answers BigQuery SQL, and can do nothing else.

Sources: DuckDB's documentation, "Securing DuckDB"; BigQuery's, "Query syntax".
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import duckdb
from sqlglot.errors import SqlglotError

from tocsin.logs import gate, layout, rows
from tocsin.logs.macros import needed
from tocsin.logs.refusal import QueryError, Spot
from tocsin.logs.sql import Logs, Parameter, translate
from tocsin.model import TocsinError

T = TypeVar("T")

TABLE = "logs"

_TRIES = 3
"""How often a store is opened anew whose files went away meanwhile."""

_SETTINGS = (
    "SET TimeZone = 'UTC'",
    # As in BigQuery, a division by zero is an error.
    "SET ieee_floating_point_ops = false",
    "SET temp_directory = ''",
    # Files of a store never change: what they hold is looked up once, and not for each view and query.
    "SET parquet_metadata_cache = true",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET allow_persistent_secrets = false",
    "SET python_enable_replacements = false",
)
_LOCKS = ("SET enable_external_access = false", "SET lock_configuration = true")

_COLUMN = re.compile(
    r'Referenced column "([^"]+)" not found|Column with name "?([^" ]+)"?|column "([^"]+)" must appear'
)
_WRONG = re.compile(r"'([A-Z0-9]+ takes [^']*: use [A-Z0-9_]+)'")
"""What a macro says that must fail."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a query may take: *seconds* of time and *memory*, as DuckDB writes it, such as `1GB`; and what it may see.

    *late* and *large* are what to do about a query that takes more, as its asker can. Records of before *since*, and
    from *until* on, are hidden.
    """

    seconds: float = 60.0
    memory: str = "1GB"
    late: str = "ask for less"
    large: str = "ask for less"
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an answer, and DuckDB's name of its type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gives; *more* if there are rows beyond those that were asked for."""

    columns: tuple[Column, ...]
    rows: list[tuple[Any, ...]]
    more: bool = False


class Database:
    """The store's view `logs`, and *questions* as views, in a database that reads nothing else."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        paths: Collection[Path],
        limits: Limits,
        questions: Mapping[str, str],
    ) -> None:
        """Take a connection that is locked and reads *paths*."""
        self._connection = connection
        self._paths = paths
        self._limits = limits
        self._questions = questions
        self._made: set[str] = set()
        self.tables = (TABLE, *questions)

    def translated(self, sql: str, parameters: Mapping[str, Parameter] | None = None) -> str:
        """Return DuckDB's SQL of a query in BigQuery's.

        Raises:
            QueryError: it cannot be translated, or is no query of these tables.

        """
        made = translate(sql, self.tables, parameters)
        gate.admit(made, self.tables, self._connection)
        return made

    def ask(self, sql: str, parameters: Mapping[str, Parameter] | None = None, limit: int | None = None) -> Answer:
        """Answer a query in BigQuery's SQL, with at most *limit* rows.

        Raises:
            QueryError: it is refused, fails, or takes more than the limits allow.

        """
        made = self.translated(sql, parameters)
        with self._watched(sql) as connection:
            self._furnish(made)
            found = connection.execute(made)
            columns = _columns(found)
            taken = found.fetchall() if limit is None else found.fetchmany(limit + 1)
        more = limit is not None and len(taken) > limit
        return Answer(_within_int64(columns, taken), taken[:limit], more)

    def save(self, sql: str, parameters: Mapping[str, Parameter] | None = None) -> int:
        """Write the answer as Parquet to the file that the database was opened with; return how many rows it has.

        Raises:
            QueryError: as `ask` does.

        """
        made = self.translated(sql, parameters)
        with self._watched(sql) as connection:
            self._furnish(made)
            narrowed = _narrowed(made, _columns(connection.execute(f"FROM ({made}) LIMIT 0")))
            [[output]] = connection.execute("SELECT getvariable('output')").fetchall()
            whole = f"COPY ({narrowed}) TO {rows.literal(output)} (FORMAT parquet, COMPRESSION zstd)"
            [[count]] = connection.execute(whole).fetchall()
        return int(count)

    def _furnish(self, made: str) -> None:
        """Make the views and macros that a query relies on; all of them would take longer than most queries."""
        for name, question in self._questions.items():
            if rows.quoted(name) in made:
                of_question = translate(question, (TABLE,))
                self._furnish(of_question)
                self._make(f"CREATE VIEW {rows.quoted(name)} AS {of_question}")
        for macro in needed(made):
            self._make(macro)

    def _make(self, statement: str) -> None:
        if statement not in self._made:
            self._connection.execute(statement)
            self._made.add(statement)

    @contextmanager
    def _watched(self, sql: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """Interrupt the query once its time is over, and tell DuckDB's errors as ours."""
        timer = threading.Timer(self._limits.seconds, self._connection.interrupt)
        timer.daemon = True
        timer.start()
        try:
            yield self._connection
        except duckdb.InterruptException:
            raise QueryError(f"The query was stopped after {self._limits.seconds:g} s: {self._limits.late}.") from None
        except duckdb.OutOfMemoryException:
            raise QueryError(f"The query needs more memory than {self._limits.memory}: {self._limits.large}.") from None
        except duckdb.Error as error:
            if not all(path.exists() for path in self._paths):
                raise FileGoneError from None
            raise _told(error, sql) from None
        finally:
            timer.cancel()
            timer.join()  # else it may hold the connection when the process ends, of which DuckDB complains


class FileGoneError(QueryError):
    """A file of the store went away since it was listed: open the store again."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("A file of the store was removed while it was read: ask again.")


@contextmanager
def opened(
    store: Path,
    questions: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    output: Path | None = None,
    files: layout.Readable | None = None,
) -> Iterator[Database]:
    """Open *store* as it is at this moment; *questions* are queries in BigQuery's SQL by the names of their views.

    *output* is the one file that `Database.save` may write; *files* are those that are read, else all that count.

    Raises:
        TocsinError: the store cannot be read.

    """
    bounds = limits or Limits()
    files = files or layout.readable(store.absolute())
    with duckdb.connect(":memory:") as connection:
        try:
            _prepare(connection, files, bounds, output)
            for setting in _LOCKS:
                connection.execute(setting)
        except duckdb.Error as error:
            if not all(path.exists() for path in _paths(files)):
                raise FileGoneError from None
            raise TocsinError(f"The store {store} cannot be read: {_first(error)}.") from None
        yield Database(connection, _paths(files), bounds, questions or {})


def asked(
    store: Path,
    do: Callable[[Database], T],
    questions: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    output: Path | None = None,
) -> T:
    """Return what *do* makes of the opened *store*; one whose files went away meanwhile is opened anew.

    Raises:
        QueryError: the query is refused, or fails.
        TocsinError: the store cannot be read.

    """
    for _ in range(_TRIES - 1):
        with suppress(FileGoneError), opened(store, questions, limits, output) as database:
            return do(database)
    with opened(store, questions, limits, output) as database:
        return do(database)


def _prepare(
    connection: duckdb.DuckDBPyConnection, files: layout.Readable, limits: Limits, output: Path | None
) -> None:
    """Make the view, of files that are the only ones ever to be opened."""
    for setting in (*_SETTINGS, f"SET memory_limit = {rows.literal(limits.memory)}"):
        connection.execute(setting)
    # DuckDB asks for the pattern of a file, and then for the file.
    allowed = {name for path in _paths(files) for name in (str(path), rows.pattern(path))}
    if output is not None:
        connection.execute(f"SET VARIABLE output = {rows.literal(str(output))}")
        allowed.add(str(output))
    if allowed:
        connection.execute(f"SET allowed_paths = [{', '.join(map(rows.literal, sorted(allowed)))}]")
    connection.execute(f"CREATE VIEW {TABLE} AS {rows.between(rows.of(files), limits.since, limits.until)}")


def _paths(files: layout.Readable) -> list[Path]:
    return [*(segment.lines for segment in files.segments), *(sealed.path for sealed in files.sealed)]


def _columns(found: duckdb.DuckDBPyConnection) -> tuple[Column, ...]:
    columns = tuple(Column(name, str(kind)) for name, kind, *_ in found.description or ())
    names = [column.name for column in columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise QueryError(f"Two columns of the answer are called {twice[0]}: give one another name with AS.")
    return columns


def _within_int64(columns: tuple[Column, ...], taken: list[tuple[Any, ...]]) -> tuple[Column, ...]:
    """Return the columns with INT64 where DuckDB's sums are wider, and refuse values that it does not hold."""
    for place, column in enumerate(columns):
        if column.type == "HUGEINT" and any(not -(2**63) <= row[place] < 2**63 for row in taken if row[place]):
            raise QueryError(f"The column {column.name} has numbers that INT64 does not hold: take FLOAT64.")
    return tuple(Column(column.name, column.type.replace("HUGEINT", "BIGINT")) for column in columns)


def _narrowed(made: str, columns: tuple[Column, ...]) -> str:
    """Return the query with INT64 where DuckDB's sums are wider."""
    if not any(column.type == "HUGEINT" for column in columns):
        return made
    what = ", ".join(
        f"CAST({name} AS BIGINT) AS {name}" if column.type == "HUGEINT" else name
        for column in columns
        for name in [rows.quoted(column.name)]
    )
    return f"SELECT {what} FROM ({made})"  # noqa: S608 - it was admitted, and the names are quoted


def _told(error: duckdb.Error, sql: str) -> QueryError:
    """Return DuckDB's error as a sentence, with the place where the name that it means stands in *sql*."""
    said = _first(error)
    if "Division by zero" in said:
        return QueryError("The query divides by zero: use SAFE_DIVIDE(a, b), which gives NULL.", sql)
    if wrong := _WRONG.search(said):
        return QueryError(f"{wrong[1]}.", sql)
    found = _COLUMN.search(str(error))
    name = next(filter(None, found.groups()), "") if found else ""
    if "must appear in the GROUP BY" in said:
        return QueryError(
            f"The column {name} is neither grouped nor aggregated: add it to GROUP BY.", sql, _find(sql, name)
        )
    if found:
        return QueryError(f"There is no column {name} here.", sql, _find(sql, name))
    return QueryError(f"The query fails: {said}.", sql)


def _first(error: Exception) -> str:
    line = next(iter(str(error).strip().splitlines()), type(error).__name__)
    return re.sub(r"^[A-Z][A-Za-z ]* Error: ", "", line).rstrip(".!")


def _find(sql: str, name: str) -> Spot | None:
    try:
        tokens = Logs().tokenize(sql)
    except SqlglotError:
        return None
    for token in tokens:
        if name and token.text.lower() == name.lower():
            return Spot(token.start, token.end + 1)
    return None
