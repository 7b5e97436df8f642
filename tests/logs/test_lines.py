from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.logs.test_rows import LINE, ROW
from tocsin.logs import lines, rows
from tocsin.logs.lines import LONGEST, Long, fitted
from tocsin.model.record import COLUMNS

AT = 1764043771.5
NAMES = [column.name for column in COLUMNS]
MEMBERS = st.sampled_from([column.path[0] for column in COLUMNS] + ["level", "httpRequest"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | MEMBERS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(MEMBERS | st.text(), JSON, max_size=6)


def read(kept: list[bytes], folder: Path) -> list[dict[str, Any]]:
    """Return *kept* as DuckDB reads it from a segment."""
    path = folder / "segment.jsonl"
    path.write_bytes(b"".join(kept))
    found = duckdb.connect().execute(rows.of_lines([path])).fetchall()
    return [dict(zip(NAMES, row, strict=True)) for row in found]


def kept(*said: bytes | Long, folder: Path) -> list[dict[str, Any]]:
    return read(fitted(said, "shop", AT), folder)


def test_a_line_of_the_sdk_is_kept_as_it_is(tmp_path: Path) -> None:
    line = json.dumps(LINE, separators=(",", ":")).encode()
    assert fitted([line], "other", AT) == [line + b"\n"]
    (row,) = kept(line, folder=tmp_path)
    assert tuple(row.values()) == ROW


@pytest.mark.parametrize(
    "text", [b"Segmentation fault", b'  File "x.c", line 3', b"[1, 2]", b'{"torn": ', b"17", b"\x00"]
)
def test_what_is_no_object_becomes_the_message_of_a_record(text: bytes, tmp_path: Path) -> None:
    (row,) = kept(text, folder=tmp_path)
    assert {name: value for name, value in row.items() if value is not None} == {
        "time": datetime.fromtimestamp(AT, UTC),
        "severity": "DEFAULT",
        "service": "shop",
        "message": text.decode().strip(),
    }


def test_bytes_that_are_no_utf_8_can_still_be_read(tmp_path: Path) -> None:
    assert [row["message"] for row in kept(b"caf\xe9 \xf0\x9f\x94\x94", folder=tmp_path)] == ["caf\\xe9 🔔"]


def test_blank_lines_are_left_out() -> None:
    assert fitted([b"", b"  ", b"\r"], "shop", AT) == []


def test_a_line_that_is_too_long_is_cut_and_says_so(tmp_path: Path) -> None:
    whole, longer = b"x" * LONGEST, b"y" * (LONGEST + 5)
    first, second, third = kept(whole, longer, Long(b"zz", 9_000_000_002), folder=tmp_path)
    assert first["message"] == whole.decode()
    assert second["message"] == "y" * LONGEST + "... [cut: 5 bytes]"
    assert third["message"] == "zz... [cut: 9000000000 bytes]"


def test_the_longest_line_of_what_json_escapes_is_read(tmp_path: Path) -> None:
    (row,) = kept(b"\x01" * LONGEST, folder=tmp_path)
    assert row["message"] == "\x01" * LONGEST


def test_members_that_fit_no_column_are_in_fields(tmp_path: Path) -> None:
    said = {
        **LINE,
        "time": "yesterday",
        "message": {"a": 1},
        "level": "info",
        "httpRequest": {"status": "ok", "remoteIp": "192.0.2.1", "latency": "fast", "protocol": "HTTP/2"},
        "fields": {"level": "kept", "n": 1},
    }
    line = json.dumps(said).encode()
    (row,) = kept(line, folder=tmp_path)
    assert row["time"] == datetime.fromtimestamp(AT, UTC)
    assert (row["message"], row["service"], row["protocol"]) == (line.decode(), "shop", "HTTP/2")
    assert (row["status"], row["latency"]) == (None, None)
    assert json.loads(row["fields"]) == {
        "level": "kept",
        "n": 1,
        "time": "yesterday",
        "message": {"a": 1},
        "level_": "info",
        "httpRequest.status": "ok",
        "httpRequest.remoteIp": "192.0.2.1",
        "httpRequest.latency": "fast",
    }


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-25T12:00:00+02:00", datetime(2026, 11, 25, 10, tzinfo=UTC)),
        ("2026-11-25T10:00:00.123456789Z", datetime(2026, 11, 25, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2026-11-25 10:00:00", datetime(2026, 11, 25, 10, tzinfo=UTC)),
        ("2026-02-30T10:00:00.000000Z", datetime.fromtimestamp(AT, UTC)),
    ],
)
def test_a_time_is_read_in_whatever_form_of_iso_8601_it_has(text: str, time: datetime, tmp_path: Path) -> None:
    (row,) = kept(json.dumps({**LINE, "time": text}).encode(), folder=tmp_path)
    assert row["time"] == time


def test_of_members_of_the_same_name_the_last_counts(tmp_path: Path) -> None:
    line = json.dumps(LINE).replace('{"severity"', '{"time": 7, "severity": [], "severity"', 1)
    (row,) = kept(line.encode(), folder=tmp_path)
    assert tuple(row.values()) == ROW


@given(st.lists(st.binary(max_size=80) | OBJECTS.map(lambda said: json.dumps(said).encode()), max_size=20))
def test_whatever_is_said_each_line_is_one_row(tmp_path_factory: pytest.TempPathFactory, said: list[bytes]) -> None:
    folder = tmp_path_factory.getbasetemp()
    single = [line for text in said for line in text.split(b"\n")]
    written = fitted(single, "shop", AT)
    assert len(written) == sum(bool(line.strip()) for line in single)
    found = read(written, folder)
    assert len(found) == len(written)
    assert all(row["time"] and row["severity"] is not None and row["service"] is not None for row in found)
    assert all(row["message"] is not None for row in found)


@given(OBJECTS)
def test_nothing_that_a_record_says_is_lost(said: dict[str, Any]) -> None:
    (line,) = fitted([json.dumps(said).encode()], "shop", AT)

    def leaves(value: object) -> list[str]:
        if isinstance(value, dict):
            return [leaf for inner in value.values() for leaf in leaves(inner)]
        if isinstance(value, list):
            return [leaf for inner in value for leaf in leaves(inner)]
        return [value] if isinstance(value, str) and value else []

    kept_leaves = " ".join(leaves(json.loads(line)))
    for leaf in leaves(said):
        if leaf != said.get("time"):
            assert leaf in kept_leaves or lines.readable(leaf.encode("utf-8", "backslashreplace")) in kept_leaves
