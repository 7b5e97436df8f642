"""What may be executed: one SELECT over views that are named, by what DuckDB's own parser makes of the text."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

import duckdb

from tocsin.logs.refusal import QueryError

_QUERIES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_SOURCES = frozenset({"BASE_TABLE", "SUBQUERY", "JOIN", "EMPTY", "TABLE_FUNCTION"})
_OTHER_SOURCES = frozenset(
    {"SHOW_REF", "PIVOT", "COLUMN_DATA", "DELIM_GET", "BOUND_TABLE_REF", "EXPRESSION_LIST", "TABLE"}
)
_REFUSAL = (
    "Only one SELECT over the log's views is run: nothing is written, and no other file, table or setting is read."
)


def admit(sql: str, tables: Collection[str], database: duckdb.DuckDBPyConnection) -> None:
    """Let *sql*, in DuckDB's words, through; *database* parses it, and runs nothing of it.

    DuckDB calls DESCRIBE, SHOW and a WITH that inserts a SELECT too, so its syntax tree is looked at.

    Raises:
        QueryError: it is anything but one SELECT that reads *tables* alone.

    """
    try:
        statements = database.extract_statements(sql)
    except (duckdb.Error, RuntimeError):
        raise QueryError("The query cannot be read as a SELECT: look at its commas, brackets and names.") from None
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise QueryError(_REFUSAL)
    [[text]] = database.execute("SELECT json_serialize_sql(?)", [sql]).fetchall()
    tree = json.loads(text)
    if tree.get("error") or len(tree["statements"]) != 1:
        raise QueryError(_REFUSAL)
    allowed = {table.lower() for table in tables}
    parts = list(_parts(tree))
    own = {entry["key"].lower() for part in parts for entry in _entries(part)}
    for part in parts:
        if not _harmless(part, allowed | own):
            raise QueryError(_REFUSAL)


def _entries(part: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the queries that a WITH names."""
    named = part.get("cte_map")
    return list(named["map"]) if isinstance(named, dict) else []


def _harmless(part: dict[str, Any], allowed: Collection[str]) -> bool:
    kind = part.get("type")
    if not isinstance(kind, str):
        return True
    if kind.endswith("_NODE"):
        return kind in _QUERIES
    if kind == "BASE_TABLE":
        qualified = part.get("schema_name") or part.get("catalog_name")
        return not qualified and part["table_name"].lower() in allowed
    if kind == "TABLE_FUNCTION":
        return bool(part["function"]["function_name"] == "unnest")
    return kind not in _OTHER_SOURCES


def _parts(tree: Any) -> Iterator[dict[str, Any]]:
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
