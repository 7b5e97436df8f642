"""A store as a database: what it reads, that it can do nothing else, and when it stops."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.logs.stores import append, contents, record, seal
from tocsin.logs import gate
from tocsin.logs.database import Database, FileGoneError, Limits, opened
from tocsin.logs.refusal import QueryError
from tocsin.logs.sql import translate
from tocsin.model import COLUMNS, TocsinError

HEAVY = """SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 100000)) AS a
    JOIN UNNEST(GENERATE_ARRAY(1, 100000)) AS b ON a * b < 0"""
WIDE = """SELECT ARRAY_LENGTH(ARRAY_AGG(REPEAT('x', 1000) || CAST(a AS STRING)))
    FROM UNNEST(GENERATE_ARRAY(1, 1000000)) AS a"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store of two lines in a segment, and two in Parquet."""
    folder = tmp_path / "store"
    append(folder, [record("first"), record("second")])
    seal(folder)
    append(folder, [record("third"), record("fourth")], number=2)
    (tmp_path / "secret.csv").write_text("password\nhunter2\n")
    return folder


@pytest.fixture
def database(store: Path) -> Iterator[Database]:
    with opened(store) as found:
        yield found


def messages(database: Database) -> list[str]:
    return [message for (message,) in database.ask("SELECT message FROM logs ORDER BY message").rows]


def test_segments_and_parquet_are_one_view_with_the_columns_of_the_model(database: Database) -> None:
    assert messages(database) == ["first", "fourth", "second", "third"]
    names = [column.name for column in database.ask("SELECT * FROM logs").columns]
    assert names == [column.name for column in COLUMNS]


@pytest.mark.parametrize("there", [True, False])
def test_a_store_without_lines_has_a_view_without_rows(tmp_path: Path, *, there: bool) -> None:
    folder = tmp_path / "store"
    if there:
        folder.mkdir()
    with opened(folder) as database:
        answer = database.ask("SELECT * FROM logs")
        assert (len(answer.columns), answer.rows) == (len(COLUMNS), [])
        assert database.ask("SELECT COUNT(*), MAX(time) FROM logs").rows == [(0, None)]


def test_no_more_rows_are_taken_than_are_asked_for(database: Database) -> None:
    few = database.ask("SELECT message FROM logs ORDER BY message", limit=3)
    assert (len(few.rows), few.more) == (3, True)
    all_of_them = database.ask("SELECT message FROM logs", limit=4)
    assert (len(all_of_them.rows), all_of_them.more) == (4, False)


def test_every_line_is_seen_once_while_its_segment_is_sealed(tmp_path: Path) -> None:
    store = tmp_path / "store"
    count = 40
    for number in range(1, count + 1):
        append(store, [record(f"line {number} of {part}") for part in range(5)], number=number)

    def seal_all() -> None:
        for number in range(1, count + 1):
            seal(store, number=number)

    sealing = threading.Thread(target=seal_all)
    sealing.start()
    seen: list[tuple[int, int]] = []
    while sealing.is_alive() or not seen:
        with opened(store) as database:
            seen.append(database.ask("SELECT COUNT(*), COUNT(DISTINCT message) FROM logs").rows[0])
    sealing.join()
    assert set(seen) == {(5 * count, 5 * count)}


def test_a_file_that_goes_away_is_told_as_such(store: Path) -> None:
    with opened(store) as database:
        for path in store.rglob("*.parquet"):
            path.unlink()
        with pytest.raises(FileGoneError):
            database.ask("SELECT message FROM logs")


def test_an_answer_that_cannot_be_saved_is_no_file_of_the_store_that_went_away(store: Path, tmp_path: Path) -> None:
    with opened(store, output=tmp_path / "nowhere" / "x") as database, pytest.raises(QueryError) as failed:
        database.save("SELECT message FROM logs")
    assert not isinstance(failed.value, FileGoneError)
    assert "No such file or directory" in str(failed.value)


def test_a_store_that_cannot_be_read_is_one_sentence(store: Path) -> None:
    next(store.rglob("*.parquet")).write_bytes(b"no parquet")
    with pytest.raises(TocsinError, match=r"^The store .* cannot be read: .*\.$"), opened(store):
        pass


ATTACKS = [
    # Files, by BigQuery's words and by DuckDB's
    "SELECT * FROM read_text('{outside}')",
    "SELECT * FROM read_csv('{outside}')",
    "SELECT * FROM read_csv_auto('{outside}')",
    "SELECT * FROM read_blob('{outside}')",
    "SELECT * FROM read_json('{inside}')",
    "SELECT * FROM read_text('{inside}')",
    "SELECT * FROM read_parquet('{store}/days/*/*.parquet')",
    "SELECT * FROM parquet_metadata('{parquet}')",
    "SELECT * FROM glob('{store}/*')",
    "SELECT * FROM sniff_csv('{outside}')",
    "SELECT * FROM '{outside}'",
    'SELECT * FROM "{outside}"',
    "SELECT * FROM `{outside}`",
    "SELECT * FROM `{parquet}`",
    "SELECT (SELECT content FROM read_text('{outside}'))",
    "SELECT 1 FROM logs WHERE EXISTS (SELECT 1 FROM read_text('{outside}'))",
    "WITH x AS (SELECT * FROM read_text('{outside}')) SELECT * FROM x",
    "SELECT * FROM logs, LATERAL read_text('{outside}')",
    "SELECT * FROM logs UNION ALL SELECT * FROM read_csv('{outside}')",
    "SELECT read_text('{outside}')",
    "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')",
    "SELECT * FROM 'https://example.com/x.parquet'",
    # Writing
    "COPY (SELECT 1) TO '{store}/out.csv'",
    "COPY logs TO '{outside}'",
    "EXPORT DATABASE '{store}/dump'",
    "CREATE TABLE x AS SELECT 1",
    "CREATE OR REPLACE VIEW logs AS SELECT 1",
    "DROP VIEW logs",
    "DELETE FROM logs WHERE TRUE",
    "UPDATE logs SET message = '' WHERE TRUE",
    "INSERT INTO logs (message) VALUES ('x')",
    "WITH x AS (INSERT INTO logs (message) VALUES ('x') RETURNING 1) SELECT * FROM x",
    "MERGE INTO logs USING logs AS l ON TRUE WHEN MATCHED THEN DELETE",
    "TRUNCATE TABLE logs",
    "SELECT 1; DROP VIEW logs",
    "SELECT 1 INTO x",
    "EXPORT DATA OPTIONS (uri = 'gs://b/*', format = 'CSV') AS SELECT 1",
    # Databases, extensions, settings, secrets
    "ATTACH '{store}/new.db'",
    "ATTACH '{store}/new.db' AS d; SELECT 1",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET memory_limit = '100GB'",
    "RESET lock_configuration",
    "SET @@x = 1",
    "PRAGMA database_list",
    "CALL pragma_version()",
    "CREATE SECRET (TYPE s3, KEY_ID 'x')",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_settings",
    "SELECT * FROM pragma_database_list",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM INFORMATION_SCHEMA.TABLES",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM system.main.duckdb_views",
    "SELECT sql FROM duckdb_views",
    "SELECT current_setting('allowed_paths')",
    "SELECT getenv('HOME')",
    "SELECT getvariable('output')",
    "SELECT CURRENT_USER",
    "SELECT SESSION_USER()",
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('logs')",
    "SELECT nextval('x')",
    "DESCRIBE logs",
    "SHOW TABLES",
    "SUMMARIZE logs",
    "EXPLAIN ANALYZE SELECT 1",
    "PREPARE x AS SELECT 1",
    "EXECUTE IMMEDIATE 'SELECT 1'",
    "DECLARE x INT64; SELECT 1",
    "BEGIN TRANSACTION",
    "VACUUM",
    "FORCE CHECKPOINT",
    "SELECT * FROM range(10)",
    "SELECT error('x')",
    "SELECT bq_json_value('1', '$')",
    "PIVOT logs ON severity",
    "VALUES (1)",
    "TABLE logs",
]


def test_there_are_enough_attacks() -> None:
    assert len(ATTACKS) == len(set(ATTACKS)) >= 40


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_with_a_sentence_and_leaves_the_store_as_it_was(store: Path, attack: str) -> None:
    before = contents(store.parent)
    parquet = next(store.rglob("*.parquet"))
    sql = attack.format(
        outside=store.parent / "secret.csv", inside=next(store.rglob("*2.jsonl")), store=store, parquet=parquet
    )
    with opened(store) as database:
        with pytest.raises(QueryError) as refused:
            database.ask(sql)
        assert "hunter2" not in str(refused.value)
        assert str(refused.value).count("\n") == 0
        assert str(refused.value).endswith(".")
        assert messages(database) == ["first", "fourth", "second", "third"]
    assert contents(store.parent) == before


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_gate_alone_lets_no_attack_through_in_the_words_of_duckdb(attack: str) -> None:
    sql = attack.format(outside="/x.csv", inside="/x/1.jsonl", store="/x", parquet="/x/1.parquet")
    calls = ("SELECT read_text", "SELECT current_setting", "SELECT getenv", "SELECT getvariable", "SELECT nextval")
    harmless = (
        "SELECT error",
        "SELECT bq_json",
        "SELECT CURRENT_USER",
        "SELECT SESSION_USER",
        "FROM logs",
        "TABLE logs",
    )
    if sql.startswith((*calls, *harmless)):
        return  # Calls of plain functions are judged by the table of functions, and these read no more than the view.
    with pytest.raises(QueryError):
        gate.admit(sql, ["logs"], duckdb.default_connection())


@pytest.mark.parametrize(
    "attack",
    [
        "SELECT * FROM read_text('{outside}')",
        "COPY (SELECT 1) TO '{outside}'",
        "COPY (SELECT 1) TO '{store}/out.csv'",
        "ATTACH '{store}/new.db'",
        "SET enable_external_access = true",
        "SET allowed_paths = ['/']",
        "SET memory_limit = '100GB'",
        "RESET lock_configuration",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM read_text('{linked}')",
        "SELECT * FROM read_text('{store}/segments/../../secret.csv')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM outside",
    ],
)
def test_what_lies_behind_the_gate_is_locked_too(store: Path, attack: str) -> None:
    outside = str(store.parent / "secret.csv")
    assert outside  # A variable of Python's is no table.
    linked = store / "linked.csv"
    linked.symlink_to(outside)
    with opened(store) as database:
        connection = database._connection  # noqa: SLF001 - no way around the gate is public
        with pytest.raises(duckdb.Error):
            connection.execute(attack.format(outside=outside, store=store, linked=linked)).fetchall()


WORDS = st.sampled_from(
    [
        *(
            "SELECT",
            "FROM",
            "WITH",
            "AS",
            "INSERT",
            "INTO",
            "VALUES",
            "(1)",
            "RETURNING",
            "logs",
            "x",
            "(",
            ")",
            ",",
            ";",
        ),
        *(
            "1",
            "*",
            "'a'",
            '"b"',
            "UPDATE",
            "SET",
            "DELETE",
            "DROP",
            "VIEW",
            "CREATE",
            "TABLE",
            "COPY",
            "TO",
            "'out.csv'",
        ),
        *("ATTACH", "PRAGMA", "database_list", "CALL", "read_text('/etc/passwd')", "UNION", "ALL", "SHOW", "DESCRIBE"),
        *("PIVOT", "ON", "EXPLAIN", "--", "/*", "*/", "$$", "EXECUTE", "PREPARE", "INSTALL", "LOAD", "CHECKPOINT"),
        *("WHERE", "TRUE", "=", "main.logs", "duckdb_settings()", "LATERAL"),
    ]
)


@given(st.lists(WORDS, max_size=14).map(" ".join))
def test_the_gate_lets_nothing_through_but_a_select_of_the_views(sql: str) -> None:
    try:
        gate.admit(sql, ["logs"], duckdb.default_connection())
    except QueryError:
        return
    connection = duckdb.connect(":memory:")
    with connection:
        connection.execute("CREATE TABLE logs AS SELECT 1 AS x")
        [statement] = duckdb.extract_statements(sql)
        assert statement.type == duckdb.StatementType.SELECT
        try:
            assert connection.get_table_names(sql) <= {"logs"}
            connection.execute("BEGIN TRANSACTION READ ONLY")
            connection.execute(sql)
        except (duckdb.BinderException, duckdb.CatalogException, duckdb.ConversionException, duckdb.ParserException):
            return


@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=10).map(lambda words: "SELECT " + " ".join(words))))
def test_whatever_is_asked_is_a_select_or_refused(sql: str) -> None:
    try:
        made = translate(sql, ["logs"])
        gate.admit(made, ["logs"], duckdb.default_connection())
    except QueryError:
        return
    assert [statement.type for statement in duckdb.extract_statements(made)] == [duckdb.StatementType.SELECT]


def test_a_query_that_takes_too_long_is_stopped(store: Path) -> None:
    stopped = pytest.raises(QueryError, match=r"^The query was stopped after 0\.2 s: wait less\.$")
    with opened(store, limits=Limits(seconds=0.2, late="wait less")) as database, stopped:
        database.ask(HEAVY)


def test_a_query_that_needs_too_much_memory_is_stopped(store: Path) -> None:
    before = contents(store.parent)
    stopped = pytest.raises(QueryError, match=r"^The query needs more memory than 60MB: take less\.$")
    with opened(store, limits=Limits(memory="60MB", large="take less")) as database, stopped:
        database.ask(WIDE)
    assert contents(store.parent) == before


def test_an_answer_is_saved_as_parquet_and_nothing_else_is_written(store: Path, tmp_path: Path) -> None:
    before = contents(store)
    output = tmp_path / "it's.parquet"
    with opened(store, output=output) as database:
        assert database.save("SELECT message, SUM(1) AS n, ANY_VALUE(fields) AS f FROM logs GROUP BY message") == 4
    with duckdb.connect() as connection:
        read = connection.execute("SELECT message, n, typeof(n) FROM read_parquet(?) ORDER BY 1", [str(output)])
        assert read.fetchone() == ("first", 1, "BIGINT")
    assert contents(store) == before


@pytest.mark.parametrize("name", ["a*b", "a?b", "a[x]b", "a[b", "**"])
def test_a_store_is_read_whatever_its_folder_is_called_and_no_other_of_like_name(tmp_path: Path, name: str) -> None:
    for folder, message in (("axb", "of another"), (name, "ours")):
        append(tmp_path / folder, [record(message)])
        seal(tmp_path / folder)
        append(tmp_path / folder, [record(message)], number=2)
    with opened(tmp_path / name) as database:
        assert messages(database) == ["ours", "ours"]
        other = next((tmp_path / "axb").rglob("*.jsonl"))
        with pytest.raises(duckdb.Error):
            database._connection.execute(f"SELECT * FROM read_text('{other}')")  # noqa: SLF001, S608 - no way around the gate is public


def test_a_sum_is_an_int64_or_refused(database: Database) -> None:
    answer = database.ask("SELECT SUM(9223372036854775807) AS n FROM UNNEST([1]) AS x")
    assert (answer.columns[0].type, answer.rows) == ("BIGINT", [(9223372036854775807,)])
    with pytest.raises(QueryError, match=r"^The column n has numbers that INT64 does not hold: take FLOAT64\.$"):
        database.ask("SELECT SUM(9223372036854775807) AS n FROM logs")


def test_a_question_is_a_view(store: Path) -> None:
    with opened(store, {"loud": "SELECT UPPER(message) AS message FROM `p.d.logs`"}) as database:
        assert database.ask("SELECT MIN(message) FROM d.loud").rows == [("FIRST",)]
        assert database.tables == ("logs", "loud")


def test_the_limit_of_memory_is_one_that_duckdb_knows(store: Path) -> None:
    with pytest.raises(TocsinError), opened(store, limits=Limits(memory="plenty")):
        pass
