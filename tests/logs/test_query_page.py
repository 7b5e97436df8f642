"""docs/logs-query.md says what is so: its table is that of the functions, and its queries run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.logs.stores import append, record
from tocsin.derive.questions import QUESTIONS
from tocsin.logs.database import Database, opened
from tocsin.logs.functions import GROUPS
from tocsin.logs.refusal import QueryError
from tocsin.logs.sql import translate

PAGE = (Path(__file__).parents[2] / "docs" / "logs-query.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"^```sql\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    now = datetime.now(UTC) - timedelta(minutes=5)

    def said(after: int, message: str, **members: object) -> dict[str, object]:
        trace = {"logging.googleapis.com/trace": "4bf92f3577b34da6a3ce929d0e0e4736"}
        return record(message, time=(now + timedelta(seconds=after)).isoformat(), **trace, **members)

    request = {"httpRequest": {"latency": "0.5s", "status": 500}, "fields": {"route": "/orders/{id}"}}
    append(
        tmp_path, [said(0, "order 12 came"), said(1, "order 12 failed", severity="ERROR"), said(2, "GET", **request)]
    )
    with opened(tmp_path, {question.name: question.sql for question in QUESTIONS}) as found:
        yield found


def test_the_tables_are_those_of_the_functions() -> None:
    tables = PAGE.partition("\n## Functions\n")[2]
    for title, group in GROUPS.items():
        rows = "".join(f"| `{each.name}` | `{each.example}` | `{each.gives}` |\n" for each in group)
        assert f"\n### {title}\n\n| function | example | gives |\n|---|---|---|\n{rows}" in tables
    assert tables.count("\n| `") == sum(map(len, GROUPS.values()))


@pytest.mark.parametrize("sql", QUERIES)
def test_each_query_of_the_page_is_answered_by_rows(database: Database, sql: str) -> None:
    assert database.ask(sql).rows


def test_the_page_has_queries() -> None:
    assert len(QUERIES) >= 4


def test_the_error_of_the_page_is_what_is_said() -> None:
    sql = "SELECT\n  IEEE_DIVIDE(errors, lines) AS share\nFROM logs"
    with pytest.raises(QueryError) as refused:
        translate(sql, ["logs"])
    shown = f"tocsin: {refused.value}\n{refused.value.excerpt}"
    assert "".join(f"    {line}\n" for line in shown.splitlines()) in PAGE


def test_the_elements_of_formats_are_those_of_the_page() -> None:
    [line] = re.findall(r"^- Formats know (.*)$", PAGE, re.MULTILINE)
    named = set(re.findall(r"%E\*S|%E\dS|%E4Y|%Ez|%.", line))
    letters = [f"%{chr(code)}" for code in range(33, 127)]
    candidates = [*letters, *(f"%E{digit}S" for digit in range(10)), "%E4Y", "%E*S", "%Ez"]
    assert {each for each in candidates if _is_known(each)} == named


def _is_known(element: str) -> bool:
    return any(_is_taken(element, way) for way in ("FORMAT_TIMESTAMP", "PARSE_TIMESTAMP"))


def _is_taken(element: str, way: str) -> bool:
    try:
        translate(f"SELECT {way}('{element}', CURRENT_TIMESTAMP())", ["logs"])
    except QueryError:
        return False
    return True
