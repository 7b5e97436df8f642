"""The columns of a record are the members of a line, as docs/sdk.md has them."""

from __future__ import annotations

import re
from pathlib import Path

from tocsin.model import COLUMNS

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "sdk.md"
SAID = {
    "TIMESTAMP": "string",
    "STRING": "string",
    "INT64": "integer",
    "FLOAT64": "string",  # a duration of Google's, as 0.001234s
    "BOOL": "boolean",
    "JSON": "object",
}
OTHERWISE = {"line": "string"}
"""Google's form of a line's number is a text."""


def test_each_column_is_a_member_of_the_page_with_its_type_and_none_is_missing() -> None:
    rows = re.findall(r"^\| `(\S+)` \| .* \| (string|boolean|integer|object) \|$", PAGE.read_text(), re.MULTILINE)
    assert dict(rows) == {column.member: OTHERWISE.get(column.name, SAID[column.type]) for column in COLUMNS}


def test_a_path_leads_to_its_member() -> None:
    paths = {column.name: column.path for column in COLUMNS}
    assert paths["message"] == ("message",)
    assert paths["service"] == ("serviceContext", "service")
    assert paths["trace"] == ("logging.googleapis.com/trace",)
    assert paths["request_id"] == ("logging.googleapis.com/labels", "request_id")


def test_names_differ_in_more_than_case() -> None:
    assert len({column.name.casefold() for column in COLUMNS}) == len(COLUMNS)


def test_the_page_of_the_logs_has_every_column() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| `(\S+)` \| (.+) \|$", (DOCS / "logs.md").read_text(), re.MULTILINE)
    assert rows == [(column.name, column.type, column.member, column.help) for column in COLUMNS]
