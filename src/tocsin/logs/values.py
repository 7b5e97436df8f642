"""Values of an answer as they are told: as JSON, and as text for people."""

from __future__ import annotations

import base64
import json
import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from tocsin.logs.database import Answer


def records(answer: Answer) -> list[dict[str, Any]]:
    """Return each row as an object that JSON can hold: times as RFC 3339 in UTC, JSON as what it holds."""
    return [
        {column.name: plain(value, column.type) for column, value in zip(answer.columns, row, strict=True)}
        for row in answer.rows
    ]


def plain(value: Any, kind: str = "") -> Any:
    """Return a value as JSON can hold it; *kind* is DuckDB's name of its type."""
    if isinstance(value, str):
        return json.loads(value) if kind == "JSON" else value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, list | tuple):
        return [plain(item, kind.removesuffix("[]")) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return _moment(value)


def _moment(value: Any) -> Any:
    if isinstance(value, datetime):
        said = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return said.isoformat(timespec="microseconds") + ("Z" if value.tzinfo else "")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, Decimal):
        return float(value)
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def text(value: Any, kind: str = "") -> str:
    """Return a value as a cell: nothing for NULL, and JSON where it has parts."""
    told = plain(value, kind)
    if told is None:
        return ""
    if isinstance(told, str):
        return told
    return json.dumps(told, ensure_ascii=False)


def printable(text: str) -> str:
    """Return text that cannot command a terminal: what is not printable is spelled as Python would."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
