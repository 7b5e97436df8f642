"""The columns of the tables, as BigQuery's API and its tools read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tocsin.model import COLUMNS, Column
from tocsin.targets.bigquery.filters import LOGS

SINK_TABLES = tuple(log.replace(".", "_").replace("/", "_") for log in LOGS)
"""The tables that the sink writes to, as it names them."""

_Fields = Mapping[str, "str | _Fields"]

_SINK: _Fields = {
    "logName": "STRING",
    "timestamp": "TIMESTAMP",
    "receiveTimestamp": "TIMESTAMP",
    "insertId": "STRING",
    "severity": "STRING",
    "textPayload": "STRING",
    "jsonPayload": {
        "message": "STRING",
        "servicecontext": {"service": "STRING", "version": "STRING"},
        "stack_trace": "STRING",
        "fields": {"route": "STRING"},
    },
    "labels": {"environment": "STRING", "logger": "STRING", "request_id": "STRING"},
    "resource": {
        "type": "STRING",
        "labels": dict.fromkeys(("project_id", "location", "service_name", "job_name", "container_name"), "STRING"),
    },
    "httpRequest": {
        "requestMethod": "STRING",
        "requestUrl": "STRING",
        "status": "INT64",
        "latency": "FLOAT64",
        "userAgent": "STRING",
        "protocol": "STRING",
    },
    "trace": "STRING",
    "spanId": "STRING",
    "traceSampled": "BOOL",
    "sourceLocation": {"file": "STRING", "line": "INT64", "function": "STRING"},
}
"""What the view `logs` reads of an exported entry, and what tells entries apart."""


def records() -> list[dict[str, Any]]:
    """Return the columns of `records`: those of the model."""
    return [_column(column) for column in COLUMNS]


def sink() -> list[dict[str, Any]]:
    """Return the columns that the sink's tables begin with."""
    return _nested(_SINK)


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
