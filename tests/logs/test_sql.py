"""BigQuery's SQL over logs: each function of the table, what DuckDB would understand differently, what is refused."""
# ruff: noqa: E501, S608 - a query stands beside its answer, and all are ours

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st
from inline_snapshot import snapshot

from tests.logs.stores import append, record
from tocsin.derive.questions import QUESTIONS
from tocsin.logs.database import Database, opened
from tocsin.logs.functions import FUNCTIONS, INSTEAD, Function
from tocsin.logs.macros import MACROS
from tocsin.logs.refusal import QueryError
from tocsin.logs.sql import PARAMETER_TYPES, Parameter, translate
from tocsin.logs.values import records

LABELS = "logging.googleapis.com/labels"
LINES = [
    record("order 12 paid", fields={"route": "/pay", "n": 7, "ok": True, "items": ["a", 2], "x y": 1.5}),
    record("order 13 failed", severity="ERROR", time="2026-11-25T04:59:59.999999Z", httpRequest={"latency": "0.25s"}),
    record(
        "100% sure", severity="WARNING", time="2026-11-29T00:30:00.5Z", httpRequest={"latency": "0.75s", "status": 500}
    ),
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    store = tmp_path_factory.mktemp("store")
    append(store, LINES)
    with opened(store) as database:
        yield database


def answer(database: Database, sql: str, **parameters: Parameter) -> list[dict[str, Any]]:
    return records(database.ask(sql, parameters))


def value(database: Database, sql: str, **parameters: Parameter) -> Any:
    [row] = answer(database, sql, **parameters)
    [only] = row.values()
    return only


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_each_function_gives_what_the_table_says(shop: Database, function: Function) -> None:
    assert function.name in function.example
    told = value(shop, f"SELECT {function.example}")
    assert told == json.loads(function.gives)
    assert type(told) is type(json.loads(function.gives))


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_each_function_is_found_in_small_letters_and_with_the_wrong_number_of_arguments_refused(
    shop: Database, function: Function
) -> None:
    small = function.example.replace(f"{function.name}(", f"{function.name.lower()}(")
    assert value(shop, f"SELECT {small}") == json.loads(function.gives)
    if function.rewrite is not None and function.most < 9:
        arguments = ", ".join("'1'" for _ in range(function.most + 1))
        with pytest.raises(QueryError, match=rf"^line 1, column 8: {function.name} takes .* arguments, and has "):
            translate(f"SELECT {function.name}({arguments})", ["logs"])


def test_what_is_named_in_place_of_another_is_supported_and_the_other_is_not() -> None:
    assert not INSTEAD.keys() & FUNCTIONS.keys()


def test_every_macro_is_called_by_a_function_of_the_table_or_by_another_macro() -> None:
    extra = [
        *("SELECT EXTRACT(TIME FROM time AT TIME ZONE 'UTC'), DATE(time), TIMESTAMP('2024-01-01'), DATETIME(time)",),
        *(
            "SELECT CAST(time AS STRING), TIMESTAMP_TRUNC(time, DAY), SUBSTR(message, 2), LOG(3), DATE_DIFF(DATE(time), DATE(time), DAY)",
        ),
        *("SELECT FORMAT_DATE('%F', DATE(time)), PARSE_TIMESTAMP('%F', '2024-01-01', 'UTC'), EXTRACT(DATE FROM time)",),
    ]
    queries = [f"SELECT {function.example}" for function in FUNCTIONS.values()]
    made = " ".join([*(translate(query, ["logs"]) for query in (*queries, *extra)), *MACROS.values()])
    assert [name for name in MACROS if f"{name}(" not in made] == []


WITHOUT_TABLE = {
    # Numbers
    "5 / 2": 2.5,
    "4 / 2": 2.0,
    "0.1 + 0.2": 0.30000000000000004,
    "1e3": 1000.0,
    "CAST(0.5 AS INT64)": 1,
    "CAST(-2.5 AS INT64)": -3,
    "CAST('12' AS INT64)": 12,
    "SAFE_CAST('1e3' AS INT64)": None,
    "CAST(TRUE AS INT64)": 1,
    "CAST(1.0 AS STRING)": "1",
    "CAST(1.25 AS STRING)": "1.25",
    "CAST(TRUE AS STRING)": "true",
    "CAST('1.5' AS FLOAT64)": 1.5,
    "SAFE_DIVIDE(3, 2)": 1.5,
    "ROUND(-2.5)": -3.0,
    "ROUND(1.2345, 2)": 1.23,
    "DIV(7, 2)": 3,
    "LOG(1)": 0.0,
    # NULL
    "GREATEST(1, NULL)": None,
    "CONCAT('a', NULL)": None,
    "NULL = NULL": None,
    "1 IS DISTINCT FROM NULL": True,
    # Texts
    "SUBSTR('apple', -9, 3)": "app",
    "SUBSTR('apple', 2)": "pple",
    "REGEXP_EXTRACT('abc', r'x')": None,
    "REGEXP_EXTRACT('abc', r'b.')": "bc",
    "REGEXP_EXTRACT('a(b)c', r'[(](\\w)')": "b",
    "REGEXP_EXTRACT('abc', r'(?:a)(?P<one>b)')": "b",
    "REGEXP_CONTAINS('a\\nb', r'a.b')": False,
    "REGEXP_REPLACE('aXbX', 'X', '-')": "a-b-",
    "'50%' LIKE '50\\\\%'": True,
    "'50x' LIKE '50\\\\%'": False,
    "SPLIT('', ',')": [""],
    "LPAD('abc', 2)": "ab",
    "\"double\" || 'single'": "doublesingle",
    "r'\\d' || '\\\\d'": "\\d\\d",
    # Times
    "TIMESTAMP_TRUNC(TIMESTAMP '2024-02-29 13:45:56', WEEK)": "2024-02-25T00:00:00.000000Z",
    "TIMESTAMP_TRUNC(TIMESTAMP '2024-02-29 13:45:56', week(monday))": "2024-02-26T00:00:00.000000Z",
    "TIMESTAMP_TRUNC(TIMESTAMP '2024-02-29 13:45:56', WEEK(THURSDAY))": "2024-02-29T00:00:00.000000Z",
    "TIMESTAMP_TRUNC(TIMESTAMP '2024-02-29 13:45:56', ISOWEEK)": "2024-02-26T00:00:00.000000Z",
    "TIMESTAMP_TRUNC(TIMESTAMP '2024-02-29 13:45:56', minute)": "2024-02-29T13:45:00.000000Z",
    "TIMESTAMP_TRUNC(TIMESTAMP '2024-02-29 13:45:56', MONTH)": "2024-02-01T00:00:00.000000Z",
    "TIMESTAMP_DIFF('2024-01-02 00:00:00', '2024-01-01 00:00:01', DAY)": 0,
    "TIMESTAMP_DIFF('2024-01-01 00:00:00', '2024-01-01 00:00:01', SECOND)": -1,
    "DATE_DIFF(DATE '2024-01-02', DATE '2023-12-31', YEAR)": 1,
    "DATE_DIFF(DATE '2017-10-15', DATE '2017-10-14', WEEK)": 1,
    "DATE_DIFF(DATE '2017-10-15', DATE '2017-10-14', ISOWEEK)": 0,
    "DATE_DIFF(DATE '2017-10-15', DATE '2017-10-14', DAY)": 1,
    "DATE_TRUNC(DATE '2024-05-05', QUARTER)": "2024-04-01",
    "EXTRACT(WEEK FROM DATE '2009-01-01')": 0,
    "EXTRACT(WEEK(MONDAY) FROM TIMESTAMP '2017-11-05 00:00:00')": 44,
    "EXTRACT(ISOWEEK FROM DATE '2009-12-31')": 53,
    "EXTRACT(ISOYEAR FROM DATE '2007-12-31')": 2008,
    "EXTRACT(DAYOFYEAR FROM DATE '2024-02-29')": 60,
    "EXTRACT(MILLISECOND FROM TIMESTAMP '2024-01-01 00:00:03.5')": 500,
    "EXTRACT(HOUR FROM TIMESTAMP '2024-01-01 00:00:00' AT TIME ZONE 'America/Chicago')": 18,
    "EXTRACT(DATE FROM TIMESTAMP '2024-01-01 00:00:00' AT TIME ZONE 'America/Chicago')": "2023-12-31",
    "DATE(TIMESTAMP '2024-01-01 05:59:59', 'America/Chicago')": "2023-12-31",
    "DATE(2024, 2, 29)": "2024-02-29",
    "DATE('2024-02-29')": "2024-02-29",
    "TIMESTAMP('2024-02-29T10:00:00+02:00')": "2024-02-29T08:00:00.000000Z",
    "TIMESTAMP(DATE '2024-02-29')": "2024-02-29T00:00:00.000000Z",
    "CAST(TIMESTAMP '2024-02-29 10:00:00.25' AS STRING)": "2024-02-29 10:00:00.250+00",
    "STRING(TIMESTAMP '2024-02-29 10:00:00')": "2024-02-29 10:00:00+00",
    "UNIX_SECONDS(TIMESTAMP '1969-12-31 23:59:59.5')": -1,
    "UNIX_MILLIS(TIMESTAMP_MILLIS(1700000000123))": 1700000000123,
    "FORMAT_TIMESTAMP('%a %d %b %Y %I:%M %p %Z %Ez %E6S', TIMESTAMP '2024-02-29 13:05:06.5')": (
        "Thu 29 Feb 2024 01:05 PM UTC +00:00 06.500000"
    ),
    "SAFE.PARSE_DATE('%F', 'never')": None,
    "SAFE.INT64(JSON 'true')": None,
    "SAFE.FLOAT64(JSON 'true')": None,
    "SAFE.BOOL(JSON '1')": None,
    "SAFE.STRING(JSON '1')": None,
    "SAFE.SUBSTR('abc', 1, -1)": None,
    "SAFE.DIV(1, 0)": None,
    "TIMESTAMP '2024-01-01' + INTERVAL 90 MINUTE": "2024-01-01T01:30:00.000000Z",
    "TIMESTAMP_ADD(TIMESTAMP '2024-01-01', INTERVAL 2 * 3 HOUR)": "2024-01-01T06:00:00.000000Z",
    "CURRENT_TIMESTAMP >= TIMESTAMP(CURRENT_DATE)": True,
    # JSON
    "LAX_INT64(JSON '\"x\"')": None,
    "LAX_INT64(JSON 'true')": 1,
    "JSON_TYPE(JSON 'null')": "null",
    "JSON_VALUE('{\"a\": {\"b\": 1}}', '$.a.b')": "1",
    # Arrays
    "[10, 20, 30][OFFSET(1)]": 20,
    "[10, 20, 30][ORDINAL(1)]": 10,
    "[10, 20, 30][SAFE_OFFSET(7)]": None,
    "[10, 20, 30][1]": 20,
    "2 IN UNNEST([1, 2])": True,
    "ARRAY(SELECT i FROM UNNEST(['a', 'b']) WITH OFFSET AS i ORDER BY i)": [0, 1],
    "(SELECT STRING_AGG(CONCAT(x, CAST(i AS STRING)), '' ORDER BY i) FROM UNNEST(SPLIT('a b', ' ')) AS x WITH OFFSET i)": "a0b1",
    "EXISTS(SELECT 1 FROM UNNEST([1]) AS x WHERE x > 1)": False,
    "STRUCT(1 AS a, 'b' AS b)": {"a": 1, "b": "b"},
    "CASE WHEN 1 > 2 THEN 'a' ELSE 'b' END": "b",
}
OVER_LOGS = {
    # Numbers
    "SUM(1)": 3,
    "AVG(status)": 500.0,
    # NULL
    "COUNTIF(status >= 500)": 1,
    "COUNTIF(FALSE)": 0,
    "STRING_AGG(trace)": None,
    "ARRAY_AGG(status IGNORE NULLS)": [500],
    "ARRAY_AGG(latency IGNORE NULLS ORDER BY time DESC)": [0.75, 0.25],
    "ARRAY_AGG(DISTINCT service)": ["shop"],
    "STRING_AGG(DISTINCT service, '+')": "shop",
    "STRING_AGG(severity ORDER BY severity)": "ERROR,INFO,WARNING",
    "STRING_AGG(severity, ' ' ORDER BY severity DESC LIMIT 2)": "WARNING INFO",
    "ANY_VALUE(message HAVING MIN time)": "order 12 paid",
    "MAX_BY(status, time)": 500,
    "MIN_BY(status, time)": None,
    "ARRAY_AGG(latency ORDER BY latency LIMIT 1)": [None],
    "APPROX_QUANTILES(latency, 2)": [0.25, 0.25, 0.75],
    "APPROX_QUANTILES(latency, 2)[OFFSET(2)]": 0.75,
    "APPROX_QUANTILES(latency, 2)[ORDINAL(1)]": 0.25,
    "APPROX_QUANTILES(latency, 2)[SAFE_OFFSET(9)]": None,
    "APPROX_QUANTILES(severity, 1)": ["ERROR", "WARNING"],
    "COUNT(DISTINCT status)": 1,
    "COUNT(*)": 3,
    # Texts
    "FORMAT('%d%% of %s', 5, MIN(time))": "5% of 2026-11-25 04:00:00+00",
    # JSON
    "ANY_VALUE(JSON_VALUE(fields, '$.ok'))": "true",
    "ANY_VALUE(JSON_VALUE(fields, '$.items'))": None,
    "ANY_VALUE(JSON_VALUE(fields, '$.items[1]'))": "2",
    "ANY_VALUE(JSON_VALUE(fields, '$.\"x y\"'))": "1.5",
    "ANY_VALUE(JSON_VALUE(fields, '$.none'))": None,
    "ANY_VALUE(JSON_VALUE(fields.route))": "/pay",
    "ANY_VALUE(STRING(fields['route']))": "/pay",
    "ANY_VALUE(LAX_STRING(fields.items[1]))": "2",
    "ANY_VALUE(FLOAT64(fields['x y']))": 1.5,
    "ANY_VALUE(BOOL(fields.ok))": True,
    "ANY_VALUE(fields.items)": ["a", 2],
}


@pytest.mark.parametrize("what", [*WITHOUT_TABLE, *OVER_LOGS])
def test_it_means_what_it_means_in_bigquery(shop: Database, what: str) -> None:
    expected = {**WITHOUT_TABLE, **OVER_LOGS}[what]
    told = value(shop, f"SELECT {what}" + (" FROM logs" if what in OVER_LOGS else ""))
    assert told == expected
    assert type(told) is type(expected)


def test_null_comes_first_and_last_when_it_goes_down(shop: Database) -> None:
    up = [row["latency"] for row in answer(shop, "SELECT latency FROM logs ORDER BY latency")]
    down = [row["latency"] for row in answer(shop, "SELECT latency FROM logs ORDER BY latency DESC")]
    last = [row["latency"] for row in answer(shop, "SELECT latency FROM logs ORDER BY latency NULLS LAST")]
    assert (up, down, last) == ([None, 0.25, 0.75], [0.75, 0.25, None], [0.25, 0.75, None])


def test_a_group_is_that_of_the_selected_expression_and_not_of_the_column_of_its_name(shop: Database) -> None:
    rows = answer(
        shop, "SELECT TIMESTAMP_TRUNC(time, HOUR) AS time, COUNT(*) AS n FROM logs GROUP BY time ORDER BY time"
    )
    assert [row["n"] for row in rows] == [2, 1]


@hypothesis.given(
    st.integers(-(2**51), 2**52),
    st.sampled_from(["MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY"]),
)
def test_a_time_is_cut_off_in_utc_as_in_the_zone_that_is_called_so(shop: Database, at: int, part: str) -> None:
    time = f"TIMESTAMP_MICROS({at})"
    assert value(shop, f"SELECT TIMESTAMP_TRUNC({time}, {part}) = TIMESTAMP_TRUNC({time}, {part}, 'UTC')") is True


def test_qualify_keeps_what_a_window_chooses(shop: Database) -> None:
    sql = "SELECT message FROM logs QUALIFY ROW_NUMBER() OVER (PARTITION BY service ORDER BY time DESC) = 1"
    assert answer(shop, sql) == [{"message": "100% sure"}]


def test_an_array_is_joined_to_the_row_that_it_stands_in(shop: Database) -> None:
    sql = "SELECT part, at FROM logs, UNNEST(SPLIT(message, ' ')) AS part WITH OFFSET AS at WHERE status = 500 ORDER BY at"
    assert answer(shop, sql) == [{"part": "100%", "at": 0}, {"part": "sure", "at": 1}]
    left = (
        "SELECT COUNT(*), COUNTIF(item IS NULL) FROM logs LEFT JOIN UNNEST(JSON_VALUE_ARRAY(fields, '$.items')) AS item"
    )
    assert answer(shop, f"{left} ON TRUE") == [{"f0_": 4, "f1_": 2}]


@pytest.mark.parametrize(
    "table", ["logs", "`logs`", "shop.logs", "`my-project.shop.logs`", "my-project.shop.logs", "`my-project`.shop.logs"]
)
def test_the_table_is_found_under_each_of_its_names(shop: Database, table: str) -> None:
    assert value(shop, f"SELECT COUNT(*) FROM {table} AS l WHERE l.service = 'shop'") == 3


def test_columns_without_a_name_have_those_that_bigquery_gives(shop: Database) -> None:
    sql = "SELECT 1, message, fields.route, COUNT(*) OVER () FROM logs LIMIT 1"
    assert list(answer(shop, sql)[0]) == ["f0_", "message", "route", "f1_"]


def test_a_parameter_is_a_value_and_never_sql(shop: Database) -> None:
    hostile = "x' OR TRUE --"
    assert value(shop, "SELECT COUNT(*) FROM logs WHERE message = @m", m=Parameter("STRING", hostile)) == 0
    assert value(shop, "SELECT @m", m=Parameter("STRING", hostile)) == hostile
    values = ["a", "7", "1.5", "true", "2024-02-29 00:00:00+00", "2024-02-29"]
    told = ["a", 7, 1.5, True, "2024-02-29T00:00:00.000000Z", "2024-02-29"]
    for kind, given, expected in zip(PARAMETER_TYPES, values, told, strict=True):
        assert value(shop, "SELECT @p", p=Parameter(kind, given)) == expected
    with pytest.raises(QueryError, match="The parameter @p has no value"):
        translate("SELECT @p", ["logs"])


def test_every_question_of_the_library_is_answered(tmp_path: Path) -> None:
    append(tmp_path, LINES)
    with opened(tmp_path, {question.name: question.sql for question in QUESTIONS}) as database:
        for question in QUESTIONS:
            names = [column.name for column in database.ask(question.sql).columns]
            assert [column.name for column in database.ask(f"SELECT * FROM d.{question.name}").columns] == names


def test_the_translation_is_plain() -> None:
    assert translate("SELECT service, COUNT(*) AS n FROM `p.d.logs` GROUP BY service", ["logs"]) == snapshot(
        'SELECT "service", COUNT(*) AS "n" FROM "logs" GROUP BY "service"'
    )
    assert translate("SELECT APPROX_QUANTILES(latency, 100)[OFFSET(95)] AS p95 FROM logs", ["logs"]) == snapshot(
        'SELECT quantile_disc("latency", 0.95) AS "p95" FROM "logs"'
    )
    assert translate("SELECT fields.a.b[0]['c'] FROM logs -- the first", ["logs"]) == snapshot(
        'SELECT json_extract("fields", \'$."a"."b"[0]."c"\') AS "f0_" FROM "logs"'
    )
    assert translate("SELECT x FROM UNNEST([1]) AS x WITH OFFSET AS i WHERE i = 0", ["logs"]) == snapshot(
        'SELECT "x" FROM (SELECT unnest([1]) AS "x", generate_subscripts([1], 1) - 1 AS "i") AS "_x" WHERE "i" = 0'
    )
    assert translate("SELECT STRING_AGG(message ORDER BY time LIMIT 3) FROM logs", ["logs"]) == snapshot(
        'SELECT array_to_string(list_slice(array_agg("message" ORDER BY "time" NULLS FIRST) FILTER(WHERE NOT "message" IS NULL), 1, 3), \',\') AS "f0_" FROM "logs"'
    )


REFUSED = {
    "SELECT service, NET.HOST(url) FROM logs": "line 1, column 21: A function of NET is not supported here.",
    "SELECT\n  farm_fingerprint(message) FROM logs": "line 2, column 3: FARM_FINGERPRINT is not supported here: use TO_HEX(MD5(...)).",
    "SELECT x FROM nowhere": "line 1, column 15: There is no table nowhere: choose from logs.",
    "SELECT x FROM logs.fields": "line 1, column 20: There is no table fields: choose from logs.",
    "SELECT * FROM `p.d.INFORMATION_SCHEMA.TABLES`": "There is no table",
    "SELECT 1 FROM logs WHERE fields.route = '/'": "line 1, column 26: JSON cannot be compared, sorted or grouped: take JSON_VALUE(fields, '$.route').",
    "SELECT 1 FROM logs ORDER BY (fields['route'])": "take JSON_VALUE(fields, '$.route').",
    "SELECT 1 FROM logs WHERE fields IS NOT DISTINCT FROM NULL": "JSON cannot be compared",
    "SELECT REGEXP_EXTRACT(message, r'(a)(b)') FROM logs": "line 1, column 32: The regular expression has 2 groups, and may have one: write (?:...).",
    "SELECT REGEXP_EXTRACT(message, url) FROM logs": "A regular expression must be a string that stands in the query.",
    "SELECT TIMESTAMP_TRUNC(time, FORTNIGHT) FROM logs": "line 1, column 30: FORTNIGHT is no part that can be asked for here: take MICROSECOND,",
    "SELECT TIMESTAMP_TRUNC(time, WEEK(FUNDAY)) FROM logs": "FUNDAY is no day of the week",
    "SELECT TIMESTAMP_DIFF(time, time, MONTH) FROM logs": "MONTH is no part that can be asked for here",
    "SELECT TIMESTAMP_ADD(time, INTERVAL 1 MONTH) FROM logs": "An interval of a TIMESTAMP has one of the parts",
    "SELECT TIMESTAMP_ADD(time, 5) FROM logs": "An interval is wanted here: INTERVAL 1 DAY.",
    "SELECT FORMAT_TIMESTAMP('%Q', time) FROM logs": "The format element %Q is not supported here: use EXTRACT(QUARTER FROM ...).",
    "SELECT FORMAT_TIMESTAMP('%Z', time, 'Asia/Tokyo') FROM logs": "The format element %Z is not supported here.",
    "SELECT DATE(time, '+02:00') FROM logs": "A time zone must be a name as 'America/Chicago', no offset and no column.",
    "SELECT EXTRACT(EPOCH FROM time) FROM logs": "EPOCH is no part that can be asked for here",
    "SELECT JSON_VALUE(fields, '$.*') FROM logs": "'$.*' is no path into JSON",
    "SELECT JSON_VALUE(fields, message) FROM logs": "A path into JSON must be a string that stands in the query.",
    "SELECT APPROX_QUANTILES(latency, 10)[OFFSET(11)] FROM logs": "There are 11 quantiles: OFFSET goes from 0 to 10.",
    "SELECT APPROX_QUANTILES(latency, status) FROM logs": "The number of quantiles must be an integer",
    "SELECT APPROX_QUANTILES(latency, 2 RESPECT NULLS) FROM logs": "RESPECT NULLS is not supported here.",
    "SELECT ARRAY_AGG(message LIMIT 2) OVER () FROM logs": "LIMIT cannot stand in an aggregate that has OVER.",
    "SELECT FORMAT('%t', time) FROM logs": "%t is not supported in a format",
    "SELECT FORMAT('%d') FROM logs": "The format wants 1 values, and there are 0.",
    "SELECT CAST(latency AS NUMERIC) FROM logs": "The type NUMERIC is not supported here: use FLOAT64 or STRING.",
    "SELECT CAST(time AS STRING FORMAT 'YYYY') FROM logs": "CAST with FORMAT is not supported here",
    "SELECT b'x'": "BYTES is not supported here.",
    "SELECT 1 << 2": "is not supported here.",
    "SELECT ?": "A parameter without a name is not supported here.",
    "SELECT AS STRUCT 1": "SELECT AS STRUCT is not supported here: name the columns.",
    "SELECT * FROM logs TABLESAMPLE SYSTEM (10 PERCENT)": "TABLESAMPLE is not supported here.",
    "SELECT * FROM logs FOR SYSTEM_TIME AS OF CURRENT_TIMESTAMP()": "is not supported here.",
    "SELECT * FROM logs PIVOT(COUNT(*) FOR severity IN ('ERROR'))": "PIVOT is not supported here.",
    "FROM logs |> WHERE status = 500": "line 1, column 11: Pipe syntax is not supported here",
    "SELECT a b c FROM logs": "This cannot be read as BigQuery SQL",
    "SELECT (1": "line 1, column 9: This cannot be read as BigQuery SQL: Expecting ).",
    "SELECT 'a": "a quote is opened in it and not closed.",
    "": "The query is empty",
    "-- nothing": "The query is empty",
    "SELECT `ABS`(1)": "line 1, column 8: A function's name has no quotes.",
    "SELECT 1 AS a, 2 AS a": "Two columns of the answer are called a: give one another name with AS.",
    "SELECT nothing FROM logs": "line 1, column 8: There is no column nothing here.",
    "SELECT service, COUNT(*) FROM logs": "line 1, column 8: The column service is neither grouped nor aggregated: add it to GROUP BY.",
    "SELECT 1 / 0": "The query divides by zero: use SAFE_DIVIDE(a, b), which gives NULL.",
    "SELECT DIV(1, 0)": "The query divides by zero: use SAFE_DIVIDE(a, b), which gives NULL.",
    "SELECT CAST('x' AS INT64)": "The query fails: ",
    "SELECT INT64(JSON '\"7\"')": "INT64 takes only a whole number from JSON: use LAX_INT64.",
    "SELECT FLOAT64(JSON '\"7\"')": "FLOAT64 takes only a number from JSON: use LAX_FLOAT64.",
    "SELECT BOOL(JSON '1')": "BOOL takes only true or false from JSON: use LAX_BOOL.",
    "SELECT SUBSTR('abc', 1, -1)": "SUBSTR takes no negative length: use LEFT.",
    "SELECT ANY_VALUE(INT64(fields.route)) FROM logs": "INT64 takes only a whole number from JSON: use LAX_INT64.",
    "SELECT STRING(JSON '7')": "STRING takes only a string from JSON: use LAX_STRING.",
    f"SELECT {'(' * 20000}1": "The query is nested too deeply",
    f"SELECT '{'x' * 100_000}'": "The query has 100009 characters, and may have 100000: make it shorter.",
}


@pytest.mark.parametrize("sql", REFUSED, ids=lambda sql: sql[:60])
def test_what_cannot_be_answered_is_one_sentence_that_says_where(shop: Database, sql: str) -> None:
    with pytest.raises(QueryError) as refused:
        shop.ask(sql)
    said = str(refused.value)
    assert REFUSED[sql] in said
    assert "\n" not in said
    assert "Token" not in said


def test_the_place_is_shown_below_the_line_of_the_query() -> None:
    with pytest.raises(QueryError) as refused:
        translate("SELECT service,\n\tIEEE_DIVIDE(1, 2)\nFROM logs", ["logs"])
    assert refused.value.excerpt == "\tIEEE_DIVIDE(1, 2)\n\t^^^^^^^^^^^\n"
