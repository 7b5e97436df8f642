"""The views: `logs`, which joins the sink's tables and `records`, and the questions.

A view of BigQuery names its tables in full: `${project}` and `${dataset}` stand for what Terraform or the script knows.
"""

from __future__ import annotations

import re

from tocsin.derive.questions import Question
from tocsin.model import COLUMNS
from tocsin.targets.bigquery.schema import SINK_TABLES
from tocsin.targets.text import NOTICE_SQL

_EXPORTED = {
    "time": "timestamp",
    "severity": "COALESCE(severity, 'DEFAULT')",
    "service": (
        "COALESCE(jsonPayload.servicecontext.service, resource.labels.service_name, resource.labels.job_name, "
        "resource.labels.container_name)"
    ),
    "version": "jsonPayload.servicecontext.version",
    "environment": "labels.environment",
    "logger": "labels.logger",
    "message": "COALESCE(jsonPayload.message, textPayload)",
    "request_id": "labels.request_id",
    "trace": "REGEXP_EXTRACT(trace, r'[^/]+$')",
    "span": "NULLIF(spanId, '')",
    "sampled": "IF(COALESCE(trace, '') = '', NULL, COALESCE(traceSampled, FALSE))",
    "file": "sourceLocation.file",
    "line": "sourceLocation.line",
    "function": "sourceLocation.function",
    "method": "httpRequest.requestMethod",
    "url": "httpRequest.requestUrl",
    "status": "httpRequest.status",
    "latency": "httpRequest.latency",
    "user_agent": "httpRequest.userAgent",
    "protocol": "httpRequest.protocol",
    "stack_trace": "jsonPayload.stack_trace",
    "fields": "IF(jsonPayload.fields IS NULL, NULL, JSON_STRIP_NULLS(TO_JSON(jsonPayload.fields)))",
}
"""Each column of the model, in the terms of an exported entry; a line that is no JSON is a text, and little else."""


def logs() -> str:
    """Return the query of `logs`."""
    exported = ",\n".join(f"  {_EXPORTED[column.name]} AS {column.name}" for column in COLUMNS)
    kept = ",\n".join(f"  {column.name}" for column in COLUMNS)
    parts = [f"SELECT\n{exported}\nFROM {_table(table)}\n" for table in SINK_TABLES]
    return NOTICE_SQL + "UNION ALL\n".join([*parts, f"SELECT\n{kept}\nFROM {_table('records')}\n"])


def question(asked: Question) -> str:
    """Return the query of a question: its own text, but for the name of `logs`."""
    return NOTICE_SQL + re.sub(r"\bFROM logs\b", f"FROM {_table('logs')}", asked.sql)


def _table(name: str) -> str:
    return f"`${{project}}.${{dataset}}.{name}`"
