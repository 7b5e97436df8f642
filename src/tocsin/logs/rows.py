"""The rows of a store as DuckDB reads them: the columns of the model, out of lines and out of Parquet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from tocsin.logs.layout import Readable
from tocsin.model.record import COLUMNS, Column, ColumnType

TYPES: dict[ColumnType, str] = {
    "TIMESTAMP": "TIMESTAMPTZ",
    "STRING": "VARCHAR",
    "INT64": "BIGINT",
    "FLOAT64": "DOUBLE",
    "BOOL": "BOOLEAN",
    "JSON": "JSON",
}
"""DuckDB's name of each type; BigQuery's TIMESTAMP is an instant, as TIMESTAMPTZ is."""

LARGEST_LINE = 4 << 20
"""Bytes of a line that DuckDB must take, more than a segment's longest."""


def of(files: Readable) -> str:
    """Return the SELECT of every row of *files*."""
    lines = of_lines(segment.lines for segment in files.segments) if files.segments else ""
    sealed = of_parquet(file.path for file in files.sealed) if files.sealed else ""
    return " UNION ALL ".join(filter(None, (sealed, lines))) or of_nothing()


def between(select: str, since: datetime | None, until: datetime | None) -> str:
    """Return the SELECT of those rows of *select* that are from *since* on and before *until*."""
    ends = ((">=", since), ("<", until))
    bounds = [f'"time" {sign} TIMESTAMPTZ {literal(at.isoformat())}' for sign, at in ends if at is not None]
    return f"SELECT * FROM ({select}) WHERE {' AND '.join(bounds)}" if bounds else select  # noqa: S608 - times of ours


def of_parquet(paths: Iterable[Path]) -> str:
    """Return the SELECT of the rows of Parquet files."""
    names = ", ".join(quoted(column.name) for column in COLUMNS)
    return f"SELECT {names} FROM read_parquet({_files(paths)}, hive_partitioning = false)"  # noqa: S608 - all names are quoted


def of_lines(paths: Iterable[Path]) -> str:
    """Return the SELECT of the rows of segments; a line that is being written at this moment is not among them.

    DuckDB makes a row of NULLs of a line that is no JSON yet; the time is NULL in no other.
    """
    what = ", ".join(f"{_expression(column)} AS {quoted(column.name)}" for column in COLUMNS)
    columns = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in _members().items())
    return (
        f"SELECT {what} FROM read_json({_files(paths)}, format = 'newline_delimited', columns = {{{columns}}}, "  # noqa: S608 - all names are quoted
        f"ignore_errors = true, maximum_object_size = {LARGEST_LINE}, hive_partitioning = false) "
        'WHERE "time" IS NOT NULL'
    )


def of_nothing() -> str:
    """Return a SELECT of no rows."""
    what = ", ".join(f"NULL::{TYPES[column.type]} AS {quoted(column.name)}" for column in COLUMNS)
    return f"SELECT {what} WHERE false"


def quoted(name: str) -> str:
    """Return an identifier of SQL."""
    return '"{}"'.format(name.replace('"', '""'))


def literal(text: str) -> str:
    """Return a string of SQL."""
    return "'{}'".format(text.replace("'", "''"))


def pattern(path: Path) -> str:
    """Return the pattern that matches *path* alone, for DuckDB takes every path for a pattern."""
    return re.sub(r"[*?[]", r"[\g<0>]", str(path))


def _files(paths: Iterable[Path]) -> str:
    return f"[{', '.join(literal(pattern(path)) for path in paths)}]"


def _members() -> Mapping[str, str]:
    """Return DuckDB's type of each member of a line; those that stand below another are fields of a STRUCT."""
    members: dict[str, str] = {}
    below: dict[str, list[str]] = {}
    for column in COLUMNS:
        first, *rest = column.path
        if rest:
            below.setdefault(first, []).append(f"{quoted(rest[0])} {_type_in_line(column)}")
        else:
            members[first] = _type_in_line(column)
    return members | {first: f"STRUCT({', '.join(fields)})" for first, fields in below.items()}


def _type_in_line(column: Column) -> str:
    return "VARCHAR" if column.name == "latency" else TYPES[column.type]


def _expression(column: Column) -> str:
    member = ".".join(quoted(name) for name in column.path)
    match column.name:
        case "latency":  # "0.001234s"
            return f"TRY_CAST(rtrim({member}, 's') AS DOUBLE)"
        case "trace":  # projects/PROJECT/traces/ID
            return f"parse_filename({member}, false, 'forward_slash')"
    return member
