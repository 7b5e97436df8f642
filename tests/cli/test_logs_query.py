"""`tocsin logs query` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from tests.cli.conftest import Tocsin
from tests.logs.stores import append, contents, record
from tocsin.derive.questions import QUESTIONS
from tocsin.logs.values import plain, printable

SPEAKING = "\x1b[31mred\x1b[0m\nnew line and what is so long that no terminal of eighty cells holds the whole of it"


@pytest.fixture
def store(project: Path) -> Path:
    """A store where `tocsin up` keeps it."""
    folder = project / ".tocsin" / "data" / "logs"
    append(folder, [record("first", fields={"route": "/pay"}), record(SPEAKING, severity="ERROR")])
    return folder


@pytest.mark.usefixtures("store")
def test_a_table_fits_the_terminal_and_commands_it_nothing(tocsin: Tocsin) -> None:
    said = tocsin("logs", "query", "SELECT severity, message, fields, time, 12.5 AS n FROM logs ORDER BY severity")
    assert (said.returncode, said.stderr) == (0, "")
    lines = said.stdout.splitlines()
    assert lines[0].split() == ["severity", "message", "fields", "time", "n"]
    assert "\x1b" not in said.stdout
    assert lines[2].startswith("ERROR     \\x1b[31mred\\x1b[0m\\nnew line")
    assert max(map(len, lines)) <= 100
    assert [line[-29:] for line in lines[2:]] == ["2026-11-25T04:00:00.000000Z  12.5"[-29:]] * 2


@pytest.mark.usefixtures("store")
def test_json_and_csv_hold_every_letter(tocsin: Tocsin, project: Path) -> None:
    sql = "SELECT message, fields, time FROM logs ORDER BY severity DESC"
    told = json.loads(tocsin("logs", "query", sql, "--format", "json").stdout)
    assert told[0] == {"message": "first", "fields": {"route": "/pay"}, "time": "2026-11-25T04:00:00.000000Z"}
    assert told[1]["message"] == SPEAKING
    said = tocsin("logs", "query", sql, "--format", "csv", "--output", "answer.csv")
    assert (said.returncode, said.stdout) == (0, "")
    assert (project / "answer.csv").read_text().startswith('message,fields,time\nfirst,"{""route"": ""/pay""}",2026-')


def test_parquet_holds_the_types_and_the_store_stays_as_it_is(tocsin: Tocsin, project: Path, store: Path) -> None:
    before = contents(store)
    said = tocsin(
        "logs",
        "query",
        "SELECT time, COUNT(*) AS n FROM logs GROUP BY time",
        "--format",
        "parquet",
        "--output",
        "a.parquet",
    )
    assert (said.returncode, said.stdout) == (0, "1 row in a.parquet.\n")
    with duckdb.connect() as connection:
        found = connection.execute("SELECT typeof(time), n FROM read_parquet(?)", [str(project / "a.parquet")])
        assert found.fetchall() == [("TIMESTAMP WITH TIME ZONE", 2)]
    assert contents(store) == before
    assert not list(project.glob(".a.parquet*"))


@pytest.mark.usefixtures("store")
def test_more_rows_than_the_limit_are_told(tocsin: Tocsin) -> None:
    said = tocsin("logs", "query", "SELECT message FROM logs ORDER BY severity DESC", "--limit", "1")
    assert said.stdout == "message\n-------\nfirst\n"
    assert said.stderr == "tocsin: there are more rows than these 1: --limit 0 writes all.\n"
    assert tocsin("logs", "query", "SELECT 1 FROM logs", "--limit", "2").stderr == ""
    assert tocsin("logs", "query", "SELECT 1 FROM logs", "--limit", "0").stdout.count("\n") == 4


@pytest.mark.usefixtures("store")
def test_what_is_wrong_has_a_caret_below_it_and_the_exit_is_1(tocsin: Tocsin) -> None:
    said = tocsin("logs", "query", "SELECT service,\n  IEEE_DIVIDE(1, 2) FROM logs")
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr == (
        "tocsin: line 2, column 3: IEEE_DIVIDE is not supported here: use SAFE_DIVIDE.\n"
        "  IEEE_DIVIDE(1, 2) FROM logs\n"
        "  ^^^^^^^^^^^\n"
    )


def test_a_query_is_stopped_after_its_time(tocsin: Tocsin) -> None:
    heavy = (
        "SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 99999)) a JOIN UNNEST(GENERATE_ARRAY(1, 99999)) b ON a * b < 0"
    )
    said = tocsin("logs", "query", heavy, "--timeout", "0.2")
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr == "tocsin: The query was stopped after 0.2 s: ask for less, or give it more with --timeout.\n"


def test_a_store_that_does_not_exist_yet_has_no_rows_and_it_is_said(tocsin: Tocsin, project: Path) -> None:
    said = tocsin("logs", "query", "SELECT COUNT(*) AS n FROM logs")
    note = (
        f"tocsin: There is no store in {project / '.tocsin/data/logs'} yet: tocsin up and tocsin logs ship fill one.\n"
    )
    assert (said.returncode, said.stdout, said.stderr) == (0, "n\n-\n0\n", note)


@pytest.mark.usefixtures("store")
def test_a_question_is_asked_by_its_name_and_as_a_table(tocsin: Tocsin) -> None:
    said = tocsin("logs", "query", "--question", "top_errors", "--format", "csv")
    again = tocsin("logs", "query", "SELECT * FROM `p.d.top_errors`", "--format", "csv")
    assert (said.returncode, said.stderr, said.stdout) == (0, "", again.stdout)


@pytest.mark.usefixtures("store")
def test_what_duckdb_is_asked_can_be_seen_and_runs_there(tocsin: Tocsin) -> None:
    said = tocsin(
        "logs",
        "query",
        "--explain",
        "SELECT STRING(fields.route) AS r FROM logs WHERE severity = @s",
        "--parameter",
        "s::INFO",
    )
    assert said.stdout.endswith(
        """SELECT bq_text(json_extract("fields", '$."route"')) AS "r" FROM "logs" WHERE "severity" = 'INFO';\n"""
    )
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE logs AS SELECT 'INFO' AS severity, CAST('{\"route\": \"/pay\"}' AS JSON) AS fields"
        )
        connection.execute(said.stdout)
        assert connection.fetchall() == [("/pay",)]


PARAMETERS = "STRING, INT64, FLOAT64, BOOL, TIMESTAMP, DATE"
MENDED = {
    (): "Give a query or the name of a question with --question: one of them.",
    ("SELECT 1", "--question", "intents"): "Give a query or the name of a question with --question: one of them.",
    ("--question", "x"): f"There is no question 'x': choose from {', '.join(each.name for each in QUESTIONS)}.",
    ("SELECT 1", "--parameter", "x"): f"'x' is no parameter: write NAME:TYPE:VALUE with one of the types {PARAMETERS}.",
    ("SELECT 1", "--format", "parquet"): "Parquet is no text: name a file with --output.",
    ("SELECT 1", "--store", "nowhere"): "There is no store in nowhere: name its folder with --store.",
    ("SELECT 1", "--output", "nowhere/x"): (
        "nowhere/x cannot be written (No such file or directory): name a file in a folder that is there."
    ),
    ("SELECT 1", "--output", "nowhere/x", "--format", "parquet"): (
        "nowhere/x cannot be written (No such file or directory): name a file in a folder that is there."
    ),
    ("SELECT 1", "--output", ".tocsin/data/logs/x"): (
        ".tocsin/data/logs/x is in the store, which a query leaves as it is: name another with --output."
    ),
}


@pytest.mark.parametrize("arguments", MENDED)
def test_what_a_user_can_mend_is_one_sentence(tocsin: Tocsin, arguments: tuple[str, ...]) -> None:
    said = tocsin("logs", "query", *arguments)
    assert (said.returncode, said.stdout, said.stderr) == (2, "", f"tocsin: {MENDED[arguments]}\n")


def test_values_are_such_as_json_has() -> None:
    assert plain(float("inf")) == "inf"
    assert plain(b"x") == "eA=="
    assert plain([None, {"a": 1}]) == [None, {"a": 1}]
    assert plain(['{"a": 1}'], "JSON[]") == [{"a": 1}]
    assert printable("a\tb\x9b€") == "a\\tb\\x9b€"
