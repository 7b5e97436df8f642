from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tocsin.logs import rows
from tocsin.logs.layout import readable, sealed_path
from tocsin.model.record import COLUMNS

LINE: dict[str, Any] = {
    "severity": "ERROR",
    "serviceContext": {"service": "shop", "version": "1.42.0"},
    "logging.googleapis.com/labels": {"environment": "production", "logger": "shop.tills", "request_id": "r1"},
    "logging.googleapis.com/trace": "projects/acme/traces/83a3407e2289e897b35b54b20d634653",
    "logging.googleapis.com/spanId": "00f067aa0ba902b7",
    "logging.googleapis.com/trace_sampled": True,
    "time": "2026-11-25T04:09:31.451863Z",
    "message": "GET /items/{id} 500",
    "logging.googleapis.com/sourceLocation": {"file": "app.py", "line": "8", "function": "pay"},
    "httpRequest": {
        "requestMethod": "GET",
        "status": 500,
        "protocol": "HTTP/1.1",
        "requestUrl": "/items/7",
        "latency": "0.000138s",
        "userAgent": "curl/8",
    },
    "stack_trace": "Traceback ...",
    "fields": {"route": "/items/{id}", "deep": [{"a": 1}]},
}
ROW = (
    datetime(2026, 11, 25, 4, 9, 31, 451863, tzinfo=UTC),
    *("ERROR", "shop", "1.42.0", "production", "shop.tills", "GET /items/{id} 500", "r1"),
    *("83a3407e2289e897b35b54b20d634653", "00f067aa0ba902b7", True, "app.py", 8, "pay"),
    *("GET", "/items/7", 500, 0.000138, "curl/8", "HTTP/1.1", "Traceback ..."),
    '{"route":"/items/{id}","deep":[{"a":1}]}',
)
BARE = {"time": "2026-11-25T04:09:32Z", "severity": "INFO", "serviceContext": {"service": "shop"}, "message": "hello"}


def result(query: str) -> duckdb.DuckDBPyConnection:
    return duckdb.connect().execute(query)


def columns(query: str) -> list[tuple[str, str]]:
    return [(name, kind) for name, kind, *_ in result(f"DESCRIBE {query}").fetchall()]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Lines of each kind in a segment, and half a line, as it is while it is being written."""
    folder = tmp_path / "segments" / "shop"
    folder.mkdir(parents=True)
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in (LINE, BARE))
    (folder / "00000001.jsonl").write_text(text + text[:300])
    return tmp_path


def test_a_line_is_a_row_of_the_columns_and_half_a_line_is_none(store: Path) -> None:
    query = rows.of(readable(store))
    named = {"TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE"}
    assert columns(query) == [(column.name, named.get(kind := rows.TYPES[column.type], kind)) for column in COLUMNS]
    first, bare = result(query).fetchall()
    assert first == ROW
    assert bare[0] == datetime(2026, 11, 25, 4, 9, 32, tzinfo=UTC)
    assert {column.name for column, value in zip(COLUMNS, bare, strict=True) if value is not None} == {
        *("time", "severity", "service", "message")
    }


def test_parquet_and_segments_are_read_as_one(store: Path) -> None:
    path = sealed_path(store, "2026-11-25", "till", 1, 1)
    path.parent.mkdir(parents=True)
    duckdb.execute(f"COPY ({rows.of_lines([store / 'segments/shop/00000001.jsonl'])}) TO '{path}' (COMPRESSION zstd)")
    both = rows.of(readable(store))
    assert columns(both) == columns(rows.of_nothing())
    assert sorted(result(both).fetchall(), key=str) == sorted(2 * result(rows.of_parquet([path])).fetchall(), key=str)


def test_an_empty_store_has_the_columns_and_no_rows(tmp_path: Path) -> None:
    query = rows.of(readable(tmp_path))
    assert [name for name, _ in columns(query)] == [column.name for column in COLUMNS]
    assert result(query).fetchall() == []


def test_a_path_with_a_quote_is_read(tmp_path: Path) -> None:
    path = tmp_path / "it's.jsonl"
    path.write_text(json.dumps(BARE) + "\n")
    assert len(result(rows.of_lines([path])).fetchall()) == 1
