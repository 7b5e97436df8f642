"""The functions of BigQuery that a query of the logs may call: the one table of what is translated.

Sources: BigQuery's documentation, "Functions, operators, and conditionals".
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from tocsin.logs import rewrites as to
from tocsin.logs.rewrites import Rewrite, named

_COMMA = exp.Literal.string(",")
_BLANK = exp.Literal.string(" ")
_ONE = exp.Literal.number(1)
_ANY = 1_000
_DAY = "TIMESTAMP '2024-02-29 13:45:56.789+00'"


@dataclass(frozen=True, slots=True)
class Function:
    """A function: an *example*, and what that *gives* as JSON; between how many *least* and *most* arguments it takes.

    *rewrite* makes DuckDB's call of it; without one its syntax is its own, and sqlglot's translation is right.
    """

    name: str
    example: str
    gives: str
    least: int = 1
    most: int = 1
    rewrite: Rewrite | None = None


def _of(values: str, what: str) -> str:
    return f"(SELECT {what} FROM UNNEST([{values}]) AS x)"  # noqa: S608 - an example of ours


def _over(what: str) -> str:
    return f"ARRAY(SELECT {what} FROM UNNEST([10, 20, 20, 30]) AS x ORDER BY x)"  # noqa: S608 - an example of ours


AGGREGATES = (
    Function("ANY_VALUE", _of("3, 1, 2", "ANY_VALUE(x * 10 HAVING MAX x)"), "30", rewrite=to.any_value),
    Function(
        "APPROX_COUNT_DISTINCT", _of("1, 2, 2", "APPROX_COUNT_DISTINCT(x)"), "2", rewrite=named("approx_count_distinct")
    ),
    Function(
        "APPROX_QUANTILES",
        _of("1, 1, 1, 4, 5, 6, 7, 8, 9, 10", "APPROX_QUANTILES(x, 2)"),
        "[1, 5, 10]",
        2,
        2,
        to.approx_quantiles,
    ),
    Function(
        "ARRAY_AGG",
        _of("2, NULL, 3, 1", "ARRAY_AGG(x IGNORE NULLS ORDER BY x DESC LIMIT 2)"),
        "[3, 2]",
        rewrite=to.array_agg,
    ),
    Function("AVG", _of("1, 2", "AVG(x)"), "1.5", rewrite=named("avg")),
    Function("CORR", _of("1, 2, 4", "ROUND(CORR(x, 2 * x), 6)"), "1.0", 2, 2, named("corr")),
    Function("COUNT", _of("1, 1, NULL", "COUNT(DISTINCT x)"), "1"),
    Function("COUNTIF", _of("1, 2, 3", "COUNTIF(x > 1)"), "2", rewrite=named("countif")),
    Function("LOGICAL_AND", _of("1, 2", "LOGICAL_AND(x > 1)"), "false", rewrite=named("bool_and")),
    Function("LOGICAL_OR", _of("1, 2", "LOGICAL_OR(x > 1)"), "true", rewrite=named("bool_or")),
    Function("MAX", _of("1, 2", "MAX(x)"), "2", rewrite=named("max")),
    Function("MAX_BY", _of("1, 2", "MAX_BY(x * 10, x)"), "20", 2, 2, named("arg_max_null")),
    Function("MIN", _of("1, 2", "MIN(x)"), "1", rewrite=named("min")),
    Function("MIN_BY", _of("1, 2", "MIN_BY(x * 10, x)"), "10", 2, 2, named("arg_min_null")),
    Function("STDDEV", _of("1, 3", "ROUND(STDDEV(x), 3)"), "1.414", rewrite=named("stddev_samp")),
    Function("STDDEV_POP", _of("1, 3", "STDDEV_POP(x)"), "1.0", rewrite=named("stddev_pop")),
    Function("STDDEV_SAMP", _of("1, 3", "ROUND(STDDEV_SAMP(x), 3)"), "1.414", rewrite=named("stddev_samp")),
    Function("STRING_AGG", _of("'b', 'c', 'a'", "STRING_AGG(x, '+' ORDER BY x LIMIT 2)"), '"a+b"', 1, 2, to.string_agg),
    Function("SUM", _of("1, 2", "SUM(x)"), "3", rewrite=named("sum")),
    Function("VARIANCE", _of("1, 3", "VARIANCE(x)"), "2.0", rewrite=named("var_samp")),
    Function("VAR_POP", _of("1, 3", "VAR_POP(x)"), "1.0", rewrite=named("var_pop")),
    Function("VAR_SAMP", _of("1, 3", "VAR_SAMP(x)"), "2.0", rewrite=named("var_samp")),
)

WINDOWS = (
    Function("CUME_DIST", _over("CUME_DIST() OVER (ORDER BY x)"), "[0.25, 0.75, 0.75, 1.0]", 0, 0, named("cume_dist")),
    Function("DENSE_RANK", _over("DENSE_RANK() OVER (ORDER BY x)"), "[1, 2, 2, 3]", 0, 0, named("dense_rank")),
    Function(
        "FIRST_VALUE", _over("FIRST_VALUE(x) OVER (ORDER BY x)"), "[10, 10, 10, 10]", rewrite=named("first_value")
    ),
    Function("LAG", _over("LAG(x, 1, 0) OVER (ORDER BY x)"), "[0, 10, 20, 20]", 1, 3, named("lag")),
    Function(
        "LAST_VALUE",
        _over("LAST_VALUE(x) OVER (ORDER BY x ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"),
        "[30, 30, 30, 30]",
        rewrite=named("last_value"),
    ),
    Function("LEAD", _over("LEAD(x, 1, 0) OVER (ORDER BY x)"), "[20, 20, 30, 0]", 1, 3, named("lead")),
    Function(
        "NTH_VALUE",
        _over("NTH_VALUE(x, 2) OVER (ORDER BY x ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"),
        "[20, 20, 20, 20]",
        2,
        2,
        named("nth_value"),
    ),
    Function("NTILE", _over("NTILE(2) OVER (ORDER BY x)"), "[1, 1, 2, 2]", rewrite=named("ntile")),
    Function(
        "PERCENTILE_CONT",
        _over("PERCENTILE_CONT(x, 0.25) OVER ()"),
        "[17.5, 17.5, 17.5, 17.5]",
        2,
        2,
        named("quantile_cont"),
    ),
    Function(
        "PERCENTILE_DISC", _over("PERCENTILE_DISC(x, 0.25) OVER ()"), "[10, 10, 10, 10]", 2, 2, named("quantile_disc")
    ),
    Function(
        "PERCENT_RANK",
        _over("ROUND(PERCENT_RANK() OVER (ORDER BY x), 3)"),
        "[0.0, 0.333, 0.333, 1.0]",
        0,
        0,
        named("percent_rank"),
    ),
    Function("RANK", _over("RANK() OVER (ORDER BY x)"), "[1, 2, 2, 4]", 0, 0, named("rank")),
    Function("ROW_NUMBER", _over("ROW_NUMBER() OVER (ORDER BY x)"), "[1, 2, 3, 4]", 0, 0, named("row_number")),
)

TIMES = (
    Function("CURRENT_DATE", "CURRENT_DATE('UTC') = DATE(CURRENT_TIMESTAMP())", "true", 0, 1, to.today),
    Function("CURRENT_TIMESTAMP", f"CURRENT_TIMESTAMP() > {_DAY}", "true", 0, 0, to.now),
    Function("DATE", f"DATE({_DAY}, 'Asia/Tokyo')", '"2024-02-29"', 1, 3, to.date),
    Function("DATETIME", f"DATETIME({_DAY}, 'America/Chicago')", '"2024-02-29T07:45:56.789000"', 1, 2, to.datetime),
    Function(
        "DATE_ADD", "DATE_ADD(DATE '2024-01-31', INTERVAL 1 MONTH)", '"2024-02-29"', 2, 2, to.shifted(exp.Add, "DATE")
    ),
    Function("DATE_DIFF", "DATE_DIFF(DATE '2024-03-03', DATE '2024-03-02', WEEK)", "1", 3, 3, to.date_diff),
    Function(
        "DATE_SUB", "DATE_SUB(DATE '2024-03-01', INTERVAL 1 DAY)", '"2024-02-29"', 2, 2, to.shifted(exp.Sub, "DATE")
    ),
    Function("DATE_TRUNC", "DATE_TRUNC(DATE '2024-02-29', WEEK)", '"2024-02-25"', 2, 2, to.date_trunc),
    Function("EXTRACT", f"EXTRACT(DAYOFWEEK FROM {_DAY})", "5"),
    Function("FORMAT_DATE", "FORMAT_DATE('%d %b %y', DATE '2024-02-29')", '"29 Feb 24"', 2, 2, to.formatted),
    Function("FORMAT_DATETIME", f"FORMAT_DATETIME('%T', DATETIME({_DAY}))", '"13:45:56"', 2, 2, to.formatted),
    Function(
        "FORMAT_TIMESTAMP",
        f"FORMAT_TIMESTAMP('%F %H:%M:%E3S', {_DAY}, 'America/Chicago')",
        '"2024-02-29 07:45:56.789"',
        2,
        3,
        to.formatted,
    ),
    Function(
        "GENERATE_DATE_ARRAY",
        "GENERATE_DATE_ARRAY(DATE '2024-02-28', DATE '2024-03-01')",
        '["2024-02-28", "2024-02-29", "2024-03-01"]',
        2,
        3,
        to.date_array,
    ),
    Function(
        "GENERATE_TIMESTAMP_ARRAY",
        f"ARRAY_LENGTH(GENERATE_TIMESTAMP_ARRAY({_DAY}, TIMESTAMP '2024-03-01', INTERVAL 1 HOUR))",
        "11",
        3,
        3,
        named("bq_timestamp_array"),
    ),
    Function("PARSE_DATE", "PARSE_DATE('%d.%m.%Y', '29.02.2024')", '"2024-02-29"', 2, 2, to.parsed("bq_parse_date")),
    Function(
        "PARSE_TIMESTAMP",
        "PARSE_TIMESTAMP('%FT%H:%M:%E*S%Ez', '2024-02-29T13:45:56.5+01:00')",
        '"2024-02-29T12:45:56.500000Z"',
        2,
        3,
        to.parsed("bq_parse_timestamp"),
    ),
    Function(
        "TIMESTAMP",
        "TIMESTAMP('2024-02-29 07:00:00', 'America/Chicago')",
        '"2024-02-29T13:00:00.000000Z"',
        1,
        2,
        to.zoned("bq_timestamp"),
    ),
    Function(
        "TIMESTAMP_ADD",
        f"TIMESTAMP_ADD({_DAY}, INTERVAL 1 DAY)",
        '"2024-03-01T13:45:56.789000Z"',
        2,
        2,
        to.shifted(exp.Add, "TIMESTAMP"),
    ),
    Function(
        "TIMESTAMP_BUCKET",
        f"TIMESTAMP_BUCKET({_DAY}, INTERVAL 7 MINUTE)",
        '"2024-02-29T13:40:00.000000Z"',
        2,
        3,
        to.timestamp_bucket,
    ),
    Function(
        "TIMESTAMP_DIFF",
        "TIMESTAMP_DIFF('2001-02-01 01:00:00', '2001-02-01 00:00:01', HOUR)",
        "0",
        3,
        3,
        to.timestamp_diff,
    ),
    Function(
        "TIMESTAMP_MICROS",
        "TIMESTAMP_MICROS(1)",
        '"1970-01-01T00:00:00.000001Z"',
        rewrite=named("bq_timestamp_micros"),
    ),
    Function(
        "TIMESTAMP_MILLIS",
        "TIMESTAMP_MILLIS(1500)",
        '"1970-01-01T00:00:01.500000Z"',
        rewrite=named("bq_timestamp_millis"),
    ),
    Function(
        "TIMESTAMP_SECONDS",
        "TIMESTAMP_SECONDS(-1)",
        '"1969-12-31T23:59:59.000000Z"',
        rewrite=named("bq_timestamp_seconds"),
    ),
    Function(
        "TIMESTAMP_SUB",
        f"TIMESTAMP_SUB({_DAY}, INTERVAL 46 MINUTE)",
        '"2024-02-29T12:59:56.789000Z"',
        2,
        2,
        to.shifted(exp.Sub, "TIMESTAMP"),
    ),
    Function(
        "TIMESTAMP_TRUNC",
        f"TIMESTAMP_TRUNC({_DAY}, DAY, 'America/Chicago')",
        '"2024-02-29T06:00:00.000000Z"',
        2,
        3,
        to.timestamp_trunc,
    ),
    Function("UNIX_MICROS", "UNIX_MICROS(TIMESTAMP '1970-01-01 00:00:01')", "1000000", rewrite=named("bq_unix_micros")),
    Function("UNIX_MILLIS", "UNIX_MILLIS(TIMESTAMP '1970-01-01 00:00:00.0019')", "1", rewrite=named("bq_unix_millis")),
    Function("UNIX_SECONDS", "UNIX_SECONDS(TIMESTAMP '1970-01-01 00:00:01.9')", "1", rewrite=named("bq_unix_seconds")),
)

TEXTS = (
    Function("CHAR_LENGTH", "CHAR_LENGTH('Grüße')", "5", rewrite=named("length")),
    Function("CONCAT", "CONCAT('a', 'b', 'c')", '"abc"', 1, _ANY, to.concat),
    Function(
        "CONTAINS_SUBSTR", "CONTAINS_SUBSTR('Timeout of DB', 'timeout')", "true", 2, 2, named("bq_contains_substr")
    ),
    Function("ENDS_WITH", "ENDS_WITH('a.py', '.py')", "true", 2, 2, named("ends_with")),
    Function("FORMAT", "FORMAT('%s: %05.1f', 'p95', 2.25)", '"p95: 002.2"', 1, _ANY, to.printf),
    Function("INSTR", "INSTR('a/b', '/')", "2", 2, 2, named("instr")),
    Function("LEFT", "LEFT('abc', 2)", '"ab"', 2, 2, named("left")),
    Function("LENGTH", "LENGTH('Grüße')", "5", rewrite=named("length")),
    Function("LOWER", "LOWER('AbC')", '"abc"', rewrite=named("lower")),
    Function("LPAD", "LPAD('7', 3, '0')", '"007"', 2, 3, named("lpad", _ONE, _BLANK)),
    Function("LTRIM", "LTRIM('  a ')", '"a "', 1, 2, named("ltrim")),
    Function("MD5", "TO_HEX(MD5('a'))", '"0cc175b9c0f1b6a831c399e269772661"', rewrite=named("bq_md5")),
    Function("REGEXP_CONTAINS", "REGEXP_CONTAINS('order 42', r'\\d')", "true", 2, 2, named("regexp_matches")),
    Function("REGEXP_EXTRACT", "REGEXP_EXTRACT('order 42', r'order (\\d+)')", '"42"', 2, 2, to.regexp_extract),
    Function(
        "REGEXP_EXTRACT_ALL", "REGEXP_EXTRACT_ALL('a1 b2', r'[a-z](\\d)')", '["1", "2"]', 2, 2, to.regexp_extract_all
    ),
    Function(
        "REGEXP_REPLACE",
        "REGEXP_REPLACE('id 4 of 5', r'(\\d)', r'<\\1>')",
        '"id <4> of <5>"',
        3,
        3,
        named("bq_regexp_replace"),
    ),
    Function("REPEAT", "REPEAT('ab', 2)", '"abab"', 2, 2, named("repeat")),
    Function("REPLACE", "REPLACE('a-b-c', '-', '+')", '"a+b+c"', 3, 3, named("replace")),
    Function("REVERSE", "REVERSE('abc')", '"cba"', rewrite=named("reverse")),
    Function("RIGHT", "RIGHT('abc', 2)", '"bc"', 2, 2, named("right")),
    Function("RPAD", "RPAD('7', 3, '.')", '"7.."', 2, 3, named("rpad", _ONE, _BLANK)),
    Function("RTRIM", "RTRIM(' a  ')", '" a"', 1, 2, named("rtrim")),
    Function("SHA256", "LEFT(TO_HEX(SHA256('a')), 8)", '"ca978112"', rewrite=named("bq_sha256")),
    Function("SPLIT", "SPLIT('a,b')", '["a", "b"]', 1, 2, named("string_split", _COMMA)),
    Function("STARTS_WITH", "STARTS_WITH('/api/pay', '/api/')", "true", 2, 2, named("starts_with")),
    Function("STRPOS", "STRPOS('a/b', '/')", "2", 2, 2, named("strpos")),
    Function("SUBSTR", "SUBSTR('apple', -3, 2)", '"pl"', 2, 3, to.substr),
    Function("SUBSTRING", "SUBSTRING('apple', 0, 2)", '"ap"', 2, 3, to.substr),
    Function("TO_HEX", "TO_HEX(MD5(''))", '"d41d8cd98f00b204e9800998ecf8427e"', rewrite=named("bq_to_hex")),
    Function("TRIM", "TRIM('--a--', '-')", '"a"', 1, 2, named("trim")),
    Function("UPPER", "UPPER('AbC')", '"ABC"', rewrite=named("upper")),
)

NUMBERS = (
    Function("ABS", "ABS(-2)", "2", rewrite=named("abs")),
    Function("CEIL", "CEIL(1.2)", "2.0", rewrite=named("bq_ceil")),
    Function("CEILING", "CEILING(1)", "1.0", rewrite=named("bq_ceil")),
    Function("DIV", "DIV(-7, 2)", "-3", 2, 2, to.binary(exp.IntDiv)),
    Function("EXP", "EXP(0)", "1.0", rewrite=named("exp")),
    Function("FLOOR", "FLOOR(1.8)", "1.0", rewrite=named("bq_floor")),
    Function("GREATEST", "GREATEST(1, 3, 2)", "3", 1, _ANY, to.extreme("greatest")),
    Function("IS_INF", "IS_INF(1.0)", "false", rewrite=named("isinf")),
    Function("IS_NAN", "IS_NAN(CAST('NaN' AS FLOAT64))", "true", rewrite=named("isnan")),
    Function("LEAST", "LEAST(1, NULL)", "null", 1, _ANY, to.extreme("least")),
    Function("LN", "LN(1)", "0.0", rewrite=named("ln")),
    Function("LOG", "ROUND(LOG(8, 2), 6)", "3.0", 1, 2, to.log),
    Function("LOG10", "LOG10(100)", "2.0", rewrite=named("log10")),
    Function("MOD", "MOD(-5, 3)", "-2", 2, 2, to.binary(exp.Mod)),
    Function("POW", "POW(2, 3)", "8.0", 2, 2, named("pow")),
    Function("POWER", "POWER(2, 3)", "8.0", 2, 2, named("pow")),
    Function("ROUND", "ROUND(2.5)", "3.0", 1, 2, to.round_to),
    Function("SAFE_DIVIDE", "SAFE_DIVIDE(1, 0)", "null", 2, 2, named("bq_safe_divide")),
    Function("SIGN", "SIGN(-3)", "-1", rewrite=named("sign")),
    Function("SQRT", "SQRT(16)", "4.0", rewrite=named("sqrt")),
    Function("TRUNC", "TRUNC(-1.8)", "-1.0", rewrite=named("bq_trunc")),
)

CONDITIONS = (
    Function("CAST", "CAST(2.5 AS INT64)", "3"),
    Function("COALESCE", "COALESCE(NULL, 2)", "2", 1, _ANY),
    Function("IF", "IF(1 > 2, 'yes', 'no')", '"no"', 3, 3),
    Function("IFNULL", "IFNULL(NULL, 2)", "2", 2, 2, named("coalesce")),
    Function("NULLIF", "NULLIF(2, 2)", "null", 2, 2),
    Function("SAFE_CAST", "SAFE_CAST('2.5' AS INT64)", "null"),
)


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
    Function("ARRAY_CONCAT", "ARRAY_CONCAT([1], [2, 3])", "[1, 2, 3]", 1, _ANY, to.concat),
    Function("ARRAY_LENGTH", "ARRAY_LENGTH(['a', 'b'])", "2", rewrite=named("len")),
    Function("ARRAY_REVERSE", "ARRAY_REVERSE([1, 2])", "[2, 1]", rewrite=named("list_reverse")),
    Function("ARRAY_TO_STRING", "ARRAY_TO_STRING(['a', 'b'], '-')", '"a-b"', 2, 2, named("array_to_string")),
    Function("GENERATE_ARRAY", "GENERATE_ARRAY(1, 7, 3)", "[1, 4, 7]", 2, 3, named("generate_series")),
    Function("STRUCT", "STRUCT(1 AS a).a", "1", 0, _ANY),
    Function("UNNEST", "(SELECT SUM(x * i) FROM UNNEST([5, 6]) AS x WITH OFFSET AS i)", "6"),
)

GROUPS = {
    "Aggregates": AGGREGATES,
    "Windows": WINDOWS,
    "Times and dates": TIMES,
    "Texts": TEXTS,
    "Numbers": NUMBERS,
    "Conditions and conversions": CONDITIONS,
    "JSON": JSONS,
    "Arrays and structs": ARRAYS,
}

FUNCTIONS = {function.name: function for group in GROUPS.values() for function in group}

INSTEAD = {
    "APPROX_TOP_COUNT": "GROUP BY it, ORDER BY COUNT(*) DESC, LIMIT",
    "APPROX_TOP_SUM": "GROUP BY it, ORDER BY SUM(...) DESC, LIMIT",
    "BYTE_LENGTH": "LENGTH",
    "CURRENT_DATETIME": "DATETIME(CURRENT_TIMESTAMP())",
    "DATETIME_DIFF": "TIMESTAMP_DIFF",
    "DATETIME_TRUNC": "TIMESTAMP_TRUNC",
    "DATETIME_ADD": "TIMESTAMP_ADD",
    "DATETIME_SUB": "TIMESTAMP_SUB",
    "FARM_FINGERPRINT": "TO_HEX(MD5(...))",
    "IEEE_DIVIDE": "SAFE_DIVIDE",
    "INITCAP": "UPPER or LOWER",
    "JSON_KEYS": "JSON_VALUE with the key's path",
    "PARSE_DATETIME": "PARSE_TIMESTAMP",
    "REGEXP_INSTR": "STRPOS or REGEXP_EXTRACT",
    "REGEXP_SUBSTR": "REGEXP_EXTRACT",
    "SAFE_OFFSET": "SAFE_OFFSET within [ ]",
    "SESSION_USER": "a literal",
    "TIME": "EXTRACT(TIME FROM ...)",
    "TO_JSON": "TO_JSON_STRING",
}
"""What to use in place of a function that is not supported."""
