"""The columns of the tables, as BigQuery's API and its tools read them."""

from __future__ import annotations

import json
from typing import Any

from tocsin.model import COLUMNS, Column
from tocsin.targets.bigquery.filters import LOGS, PLACES

SINK_TABLES = tuple(log.replace(".", "_").replace("/", "_") for log in LOGS)
"""The tables that the sink writes to, as it names them."""

_Fields = dict[str, Any]
"""Fields by their names: BigQuery's type, or those of a record."""

_ENTRY = frozenset({"severity", "httpRequest"})
"""Members of a line that become fields of the entry by their own name; Google's have its domain before theirs."""

_CALLED = {"time": "timestamp", "trace_sampled": "traceSampled"}
"""Members that the entry has under another name."""


def place(column: Column) -> tuple[str, ...]:
    """Return where a sink writes what *column* holds: in a field of the entry, or in its payload in small letters."""
    first, *below = column.path
    domain, _, name = first.rpartition("/")
    if domain or name in _ENTRY or name in _CALLED:
        return (_CALLED.get(name, name), *below)
    return ("jsonPayload", *(part.lower() for part in column.path))


def records() -> list[dict[str, Any]]:
    """Return the columns of `records`: those of the model."""
    return [_column(column) for column in COLUMNS]


def sink() -> list[dict[str, Any]]:
    """Return the columns that the sink's tables begin with: what `logs` reads, and what tells entries apart."""
    resource = dict.fromkeys(("project_id", "location", *PLACES.values()), "STRING")
    fields: _Fields = {
        "logName": "STRING",
        "receiveTimestamp": "TIMESTAMP",
        "insertId": "STRING",
        "textPayload": "STRING",
        "resource": {"type": "STRING", "labels": resource},
    }
    for column in COLUMNS:
        *above, name = place(column)
        around = fields
        for each in above:
            around = around.setdefault(each, {})
        around[name] = {"route": "STRING"} if column.type == "JSON" else column.type  # a sink has no JSON, but records
    return _nested(fields)


def spelled(columns: list[dict[str, Any]]) -> str:
    """Spell columns as JSON."""
    return json.dumps(columns, indent=2) + "\n"


def _column(column: Column) -> dict[str, Any]:
    mode = "REQUIRED" if column.name == "time" else "NULLABLE"
    return {"name": column.name, "type": column.type, "mode": mode, "description": column.help}


def _nested(fields: _Fields) -> list[dict[str, Any]]:
    return [
        {"name": name, "type": kind, "mode": "NULLABLE"}
        if isinstance(kind, str)
        else {"name": name, "type": "RECORD", "mode": "NULLABLE", "fields": _nested(kind)}
        for name, kind in fields.items()
    ]
