"""The questions that people ask of logs, answered on a few records by DuckDB."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from tocsin.derive.questions import QUESTIONS
from tocsin.logs.macros import MACROS, statement
from tocsin.logs.sql import translate
from tocsin.model import COLUMNS

DUCK = {"TIMESTAMP": "TIMESTAMPTZ", "STRING": "VARCHAR", "INT64": "BIGINT", "FLOAT64": "DOUBLE", "BOOL": "BOOLEAN"}
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
"""Full hours ago, so that every question of a day sees it."""

Row = dict[str, Any]
Ask = Callable[[str], list[Row]]


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for macro in MACROS:
            connection.execute(statement(macro))
        columns = ", ".join(f'"{column.name}" {DUCK.get(column.type, column.type)}' for column in COLUMNS)
        connection.execute(f"CREATE TABLE logs ({columns})")
        yield connection


@pytest.fixture
def say(database: duckdb.DuckDBPyConnection) -> Callable[..., None]:
    """Keep a record, said so many seconds after NOW."""

    def record(after: float = 0, **members: Any) -> None:
        row = {"time": NOW + timedelta(seconds=after), "severity": "INFO", "service": "shop", "message": "said"}
        row |= members
        row["fields"] = json.dumps(row["fields"]) if "fields" in row else None
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" for _ in row)
        database.execute(f"INSERT INTO logs ({names}) VALUES ({marks})", list(row.values()))  # noqa: S608 - our names

    return record


@pytest.fixture
def ask(database: duckdb.DuckDBPyConnection) -> Ask:
    def answer(name: str) -> list[Row]:
        (question,) = (each for each in QUESTIONS if each.name == name)
        found = database.execute(translate(question.sql, ("logs",)))
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    return answer


def request(route: str, latency: float, status: int = 200) -> Row:
    return {"method": "GET", "url": route, "status": status, "latency": latency, "fields": {"route": route}}


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_a_question_is_bigquery_sql_on_logs_alone_with_a_title_and_a_bounded_time(question: Any) -> None:
    tree = sqlglot.parse_one(question.sql, read="bigquery")
    assert {table.sql("bigquery") for table in tree.find_all(exp.Table)} == {"logs"}
    assert question.title.endswith(".")
    assert question.sql.startswith(f"-- {question.title}\n")
    assert "time >= TIMESTAMP_SUB(CURRENT_TIMESTAMP()" in question.sql


def test_the_page_of_the_logs_has_every_question() -> None:
    page = (Path(__file__).parents[2] / "docs" / "logs.md").read_text()
    rows = re.findall(r"^\| \[`(\w+)`\]\(../src/tocsin/derive/questions/\1\.sql\) \| (.+) \|$", page, re.MULTILINE)
    assert rows == [(question.name, question.title) for question in QUESTIONS]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_nothing_kept_answers_nothing(question: Any, ask: Ask) -> None:
    assert ask(question.name) == []


def test_errors_by_minute(say: Callable[..., None], ask: Ask) -> None:
    for after, severity in ((0, "INFO"), (59, "ERROR"), (60, "CRITICAL"), (61, "WARNING"), (62, "INFO"), (180, "INFO")):
        say(after, severity=severity)
    say(0, severity="ERROR", time=NOW - timedelta(days=2))
    first, second = NOW, NOW + timedelta(minutes=1)
    assert ask("errors_by_minute") == [
        {"minute": second, "service": "shop", "errors": 1, "lines": 3, "share": pytest.approx(1 / 3)},
        {"minute": first, "service": "shop", "errors": 1, "lines": 2, "share": 0.5},
    ]


def test_latency_by_route_has_elements_of_the_sample_as_the_documentation_shows(
    say: Callable[..., None], ask: Ask
) -> None:
    for latency in (1, 1, 1, 4, 5, 6, 7, 8, 9, 10):  # APPROX_QUANTILES(x, 2) is [1, 5, 10] there
        say(**request("/orders", latency, 500 if latency == 10 else 200))
    say(message="no request")
    assert ask("latency_by_route") == [
        {"service": "shop", "route": "/orders", "requests": 10, "failed": 0.1, "p50": 5.0, "p95": 10.0, "p99": 10.0}
    ]


def test_slowest_requests(say: Callable[..., None], ask: Ask) -> None:
    for number in range(120):
        say(number, trace=f"{number:032x}", **request("/", number / 100))
    found = ask("slowest_requests")
    assert [row["latency"] for row in found] == [number / 100 for number in range(119, 19, -1)]
    assert found[0]["trace"] == f"{119:032x}"


def test_top_errors_count_as_one_what_differs_in_numbers_and_ids(say: Callable[..., None], ask: Ask) -> None:
    say(0, severity="ERROR", message="Order 17 of 4bf92f35-77b3-4da6 failed", trace="a")
    say(5, severity="ERROR", message="Order 18 of 00f067aa-0ba9-02b7 failed", trace="b")
    say(6, severity="ERROR", message="Order 18 of 00f067aa-0ba9-02b7 failed", trace="b")
    say(7, severity="ERROR", message="Accessed a feed")
    say(8, severity="WARNING", message="Order 17 of 4bf9 failed")
    assert ask("top_errors") == [
        {
            "service": "shop",
            "fingerprint": "Order # of # failed",
            "times": 3,
            "traces": 2,
            "first_seen": NOW,
            "last_seen": NOW + timedelta(seconds=6),
            "such_as": "Order 18 of 00f067aa-0ba9-02b7 failed",
        },
        {
            "service": "shop",
            "fingerprint": "Accessed a feed",
            "times": 1,
            "traces": 0,
            "first_seen": NOW + timedelta(seconds=7),
            "last_seen": NOW + timedelta(seconds=7),
            "such_as": "Accessed a feed",
        },
    ]


def test_a_request_across_services_counts_from_its_first_line(say: Callable[..., None], ask: Ask) -> None:
    say(0.25, trace="t", service="profile", severity="ERROR")
    say(0, trace="t", service="voice")
    say(9, trace="u", service="voice")
    say(1)
    found = [(row["trace"], row["after_ms"], row["service"], row["severity"]) for row in ask("request_across_services")]
    assert found == [("t", 0.0, "voice", "INFO"), ("t", 250.0, "profile", "ERROR"), ("u", 0.0, "voice", "INFO")]


def test_job_runs(say: Callable[..., None], ask: Ask) -> None:
    say(0, message="Job nightly succeeded", fields={"job_name": "nightly", "seconds": 2})
    say(60, message="Job nightly failed", severity="ERROR", fields={"job_name": "nightly", "seconds": 3.5})
    say(61, message="Job done", fields={"job_name": "nightly", "seconds": 9})
    assert ask("job_runs") == [
        {
            "day": NOW.date(),
            "service": "shop",
            "job": "nightly",
            "runs": 2,
            "failed": 1,
            "last_success": NOW,
            "longest": 3.5,
        }
    ]


def test_sync_runs(say: Callable[..., None], ask: Ask) -> None:
    say(0, message="Sync ended", fields={"synced": 5, "set_aside": 1, "latency_ms": 120.5})
    say(1, message="Sync ended", fields={"synced": 2.0, "set_aside": 0, "latency_ms": 20})
    say(2, message="Sync failed", severity="ERROR", fields={"error_type": "timeout"})
    (found,) = ask("sync_runs")
    said = {"hour": NOW, "service": "shop", "ended": 2, "failed": 1, "synced": 7, "set_aside": 1, "longest_ms": 120.5}
    assert found == said


def test_intents(say: Callable[..., None], ask: Ask) -> None:
    for intent, confidence in (("order", 0.5), ("order", 1), ("help", 0.75)):
        say(message="Command understood", fields={"intent": intent, "confidence": confidence})
    assert [(row["intent"], row["commands"], row["confidence"]) for row in ask("intents")] == [
        ("order", 2, 0.75),
        ("help", 1, 0.75),
    ]


def test_cost_per_day_is_of_all_the_text_of_a_line(say: Callable[..., None], ask: Ask) -> None:
    say(message="ä" * 100, fields={"a": 1}, stack_trace="x" * 1000)
    (found,) = ask("cost_per_day")
    size = 100 + len('{"a":1}') + 1000 + 300
    assert (found["lines"], found["letters"]) == (1, size)
    assert found["dollars"] == pytest.approx(size / 2**30 / 2)
