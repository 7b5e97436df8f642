"""Functions of what has parts: JSON, arrays and structs."""

from __future__ import annotations

from tocsin.logs import rewrites as to
from tocsin.logs.functions.function import ANY, Function
from tocsin.logs.rewrites import named


def _in_fields(what: str) -> str:
    record = '{"route": "/pay", "n": 7, "ok": true, "items": ["a", 2]}'
    return f"(SELECT {what} FROM (SELECT JSON '{record}' AS fields))"  # noqa: S608 - an example of ours


JSONS = (
    Function("BOOL", _in_fields("BOOL(fields.ok)"), "true", rewrite=named("bq_json_bool")),
    Function("FLOAT64", _in_fields("FLOAT64(fields.n)"), "7.0", rewrite=named("bq_json_float64")),
    Function("INT64", _in_fields("INT64(fields.n)"), "7", rewrite=named("bq_json_int64")),
    Function("JSON_EXTRACT", _in_fields("JSON_EXTRACT(fields, '$.items')"), '["a", 2]', 1, 2, to.json("bq_json_query")),
    Function(
        "JSON_EXTRACT_SCALAR",
        _in_fields("JSON_EXTRACT_SCALAR(fields, '$.route')"),
        '"/pay"',
        1,
        2,
        to.json("bq_json_value"),
    ),
    Function("JSON_QUERY", _in_fields("JSON_QUERY(fields, '$.items')"), '["a", 2]', 1, 2, to.json("bq_json_query")),
    Function(
        "JSON_QUERY_ARRAY",
        _in_fields("ARRAY_LENGTH(JSON_QUERY_ARRAY(fields, '$.items'))"),
        "2",
        1,
        2,
        to.json("bq_json_query_array"),
    ),
    Function("JSON_TYPE", _in_fields("JSON_TYPE(fields.n)"), '"number"', rewrite=named("bq_json_type")),
    Function("JSON_VALUE", _in_fields("JSON_VALUE(fields, '$.n')"), '"7"', 1, 2, to.json("bq_json_value")),
    Function(
        "JSON_VALUE_ARRAY",
        _in_fields("JSON_VALUE_ARRAY(fields, '$.items')"),
        '["a", "2"]',
        1,
        2,
        to.json("bq_json_value_array"),
    ),
    Function("LAX_BOOL", "LAX_BOOL(JSON '\"true\"')", "true", rewrite=named("bq_lax_bool")),
    Function("LAX_FLOAT64", "LAX_FLOAT64(JSON '\"1.5\"')", "1.5", rewrite=named("bq_lax_float64")),
    Function("LAX_INT64", "LAX_INT64(JSON '\"12\"')", "12", rewrite=named("bq_lax_int64")),
    Function("LAX_STRING", _in_fields("LAX_STRING(fields.n)"), '"7"', rewrite=to.json("bq_json_value")),
    Function("PARSE_JSON", "JSON_VALUE(PARSE_JSON('[1]'), '$[0]')", '"1"', rewrite=named("bq_parse_json")),
    Function("STRING", _in_fields("STRING(fields.route)"), '"/pay"', rewrite=named("bq_text")),
    Function("TO_JSON_STRING", "TO_JSON_STRING([1, 2])", '"[1,2]"', rewrite=named("bq_to_json_string")),
)

ARRAYS = (
    Function("ARRAY", "ARRAY(SELECT x FROM UNNEST([2, 1]) AS x ORDER BY x)", "[1, 2]"),
    Function("ARRAY_CONCAT", "ARRAY_CONCAT([1], [2, 3])", "[1, 2, 3]", 1, ANY, to.concat),
    Function("ARRAY_LENGTH", "ARRAY_LENGTH(['a', 'b'])", "2", rewrite=named("len")),
    Function("ARRAY_REVERSE", "ARRAY_REVERSE([1, 2])", "[2, 1]", rewrite=named("list_reverse")),
    Function("ARRAY_TO_STRING", "ARRAY_TO_STRING(['a', 'b'], '-')", '"a-b"', 2, 2, named("array_to_string")),
    Function("GENERATE_ARRAY", "GENERATE_ARRAY(1, 7, 3)", "[1, 4, 7]", 2, 3, named("generate_series")),
    Function("STRUCT", "STRUCT(1 AS a).a", "1", 0, ANY),
    Function("UNNEST", "(SELECT SUM(x * i) FROM UNNEST([5, 6]) AS x WITH OFFSET AS i)", "6"),
)
