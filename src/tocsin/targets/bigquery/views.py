"""The views: `logs`, which joins the sink's tables and `records`, and the questions.

A view of BigQuery names its tables in full: `${project}` and `${dataset}` stand for what Terraform or the script knows.
"""

from __future__ import annotations

import re

from tocsin.derive.questions import Question
from tocsin.model import COLUMNS, Column
from tocsin.targets.bigquery.filters import PLACES
from tocsin.targets.bigquery.schema import SINK_TABLES, place
from tocsin.targets.text import NOTICE_SQL

_OTHERWISE = {
    "severity": "COALESCE({}, 'DEFAULT')",
    "service": f"COALESCE({{}}, {', '.join(f'resource.labels.{label}' for label in PLACES.values())})",
    "message": "COALESCE({}, textPayload)",
    "trace": "REGEXP_EXTRACT({}, r'[^/]+$')",
    "span": "NULLIF({}, '')",
    "sampled": "IF(COALESCE(trace, '') = '', NULL, COALESCE({}, FALSE))",
    "fields": "IF({0} IS NULL, NULL, JSON_STRIP_NULLS(TO_JSON({0})))",
}
"""What a column is where it is not what the sink wrote; a line that is no JSON is a text, and little else."""


def logs() -> str:
    """Return the query of `logs`."""
    exported = ",\n".join(f"  {_exported(column)} AS {column.name}" for column in COLUMNS)
    kept = ",\n".join(f"  {column.name}" for column in COLUMNS)
    parts = [f"SELECT\n{exported}\nFROM {_table(table)}\n" for table in SINK_TABLES]
    return NOTICE_SQL + "UNION ALL\n".join([*parts, f"SELECT\n{kept}\nFROM {_table('records')}\n"])


def question(asked: Question) -> str:
    """Return the query of a question: its own text, but for the name of `logs`."""
    return NOTICE_SQL + re.sub(r"\bFROM logs\b", f"FROM {_table('logs')}", asked.sql)


def _exported(column: Column) -> str:
    return _OTHERWISE.get(column.name, "{}").format(".".join(place(column)))


def _table(name: str) -> str:
    return f"`${{project}}.${{dataset}}.{name}`"
