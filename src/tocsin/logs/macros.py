"""Functions of BigQuery that DuckDB lacks, or has with another meaning, as macros of DuckDB.

Source: BigQuery's documentation, "Functions, operators, and conditionals".
"""

from __future__ import annotations

_MICROSECONDS = "epoch_us(CAST(x AS TIMESTAMPTZ))"
_TIME = "TRY_CAST(CAST(x AS VARCHAR) AS TIMESTAMP)"
_WHOLE = "CAST(round(TRY_CAST(json_extract_string(j, '$') AS DOUBLE)) AS BIGINT)"
_JSON = "TRY_CAST(CAST(x AS VARCHAR) AS JSON)"

# What must fail, fails by a cast of what is wrong: error() is volatile, and could not stand after SAFE.
MACROS = {
    "bq_safe_divide": "(a, b) AS a / nullif(b, 0)",
    "bq_round": "(x, n) AS round(CAST(x AS DOUBLE), n)",
    "bq_floor": "(x) AS floor(CAST(x AS DOUBLE))",
    "bq_ceil": "(x) AS ceil(CAST(x AS DOUBLE))",
    "bq_trunc": "(x) AS trunc(CAST(x AS DOUBLE))",
    "bq_log": "(x, base) AS ln(x) / ln(base)",
    # A fraction is rounded half away from zero, and a text with one is no INT64.
    "bq_int64": """(x) AS CASE
        WHEN typeof(x) IN ('DOUBLE', 'FLOAT') THEN CAST(round(TRY_CAST(x AS DOUBLE)) AS BIGINT)
        WHEN typeof(x) = 'VARCHAR' THEN CAST(translate(CAST(x AS VARCHAR), '.eE_', '????') AS BIGINT)
        ELSE TRY_CAST(x AS BIGINT) END""",
    # The fraction of a second has 0, 3 or 6 digits, and a whole number no point.
    "bq_string": f"""(x) AS CASE typeof(x)
        WHEN 'DOUBLE' THEN regexp_replace(CAST(x AS VARCHAR), '\\.0$', '')
        WHEN 'TIMESTAMP WITH TIME ZONE' THEN CASE
            WHEN epoch_us({_TIME}) % 1000000 = 0 THEN strftime({_TIME}, '%Y-%m-%d %H:%M:%S')
            WHEN epoch_us({_TIME}) % 1000 = 0 THEN strftime({_TIME}, '%Y-%m-%d %H:%M:%S.%g')
            ELSE strftime({_TIME}, '%Y-%m-%d %H:%M:%S.%f') END || '+00'
        ELSE CAST(x AS VARCHAR) END""",
    "bq_substr": """(x, p, n) AS CASE
        WHEN n < 0 THEN CAST(CAST('SUBSTR takes no negative length: use LEFT' AS BIGINT) AS VARCHAR)
        ELSE substring(x, CAST(CASE WHEN p = 0 OR p < -length(x) THEN 1 ELSE p END AS BIGINT),
        CAST(n AS BIGINT)) END""",
    "bq_substr_from": "(x, p) AS substring(x, CAST(CASE WHEN p = 0 OR p < -length(x) THEN 1 ELSE p END AS BIGINT))",
    "bq_contains_substr": "(x, part) AS contains(lower(x), lower(part))",
    "bq_regexp_extract": "(x, expression, part) AS regexp_extract_all(x, expression, part)[1]",
    "bq_regexp_replace": "(x, expression, new) AS regexp_replace(x, expression, new, 'g')",
    "bq_md5": "(x) AS unhex(md5(x))",
    "bq_sha256": "(x) AS unhex(sha256(x))",
    "bq_to_hex": "(x) AS lower(hex(x))",
    "bq_timestamp": "(x) AS CAST(x AS TIMESTAMPTZ)",
    "bq_timestamp_in": "(x, zone) AS CAST(x AS TIMESTAMP) AT TIME ZONE zone",
    "bq_local": "(x, zone) AS CAST(x AS TIMESTAMPTZ) AT TIME ZONE zone",
    "bq_date": "(x) AS CAST(x AS DATE)",
    "bq_date_in": "(x, zone) AS CAST(CAST(x AS TIMESTAMPTZ) AT TIME ZONE zone AS DATE)",
    "bq_datetime": "(x) AS CAST(x AS TIMESTAMP)",
    "bq_time": "(x) AS CAST(CAST(x AS TIMESTAMP) AS TIME)",
    # Fifty times as fast as date_trunc, which asks a calendar; what % leaves of a time before 1970 is negative.
    "bq_timestamp_floor": f"""(x, width) AS
        make_timestamptz({_MICROSECONDS} - ({_MICROSECONDS} % width + width) % width)""",
    # Weeks of DuckDB begin on Mondays: *shift* days later, the wanted weeks do.
    "bq_timestamp_trunc": """(x, part, shift, zone) AS (date_trunc(part, CAST(x AS TIMESTAMPTZ) AT TIME ZONE zone
        + to_days(shift)) - to_days(shift)) AT TIME ZONE zone""",
    "bq_date_trunc": "(x, part, shift) AS CAST(date_trunc(part, CAST(x AS DATE) + shift) AS DATE) - shift",
    "bq_week_diff": """(x, y, shift) AS date_diff('day', date_trunc('week', CAST(y AS DATE) + shift),
        date_trunc('week', CAST(x AS DATE) + shift)) // 7""",
    "bq_date_diff": "(x, y, part) AS date_diff(part, CAST(y AS DATE), CAST(x AS DATE))",
    # Whole units that have gone by, while date_diff counts the boundaries between.
    "bq_timestamp_diff": "(x, y, part) AS date_sub(part, CAST(y AS TIMESTAMPTZ), CAST(x AS TIMESTAMPTZ))",
    "bq_timestamp_bucket": """(x, width, origin) AS time_bucket(width, CAST(x AS TIMESTAMPTZ),
        CAST(origin AS TIMESTAMPTZ))""",
    "bq_unix_seconds": f"(x) AS CAST(floor({_MICROSECONDS} / 1000000) AS BIGINT)",
    "bq_unix_millis": f"(x) AS CAST(floor({_MICROSECONDS} / 1000) AS BIGINT)",
    "bq_unix_micros": f"(x) AS {_MICROSECONDS}",
    "bq_timestamp_micros": "(x) AS CAST(make_timestamp(CAST(x AS BIGINT)) AS TIMESTAMPTZ)",
    "bq_timestamp_millis": "(x) AS CAST(make_timestamp(CAST(x AS BIGINT) * 1000) AS TIMESTAMPTZ)",
    "bq_timestamp_seconds": "(x) AS CAST(make_timestamp(CAST(x AS BIGINT) * 1000000) AS TIMESTAMPTZ)",
    "bq_format": "(form, x) AS strftime(CAST(x AS TIMESTAMP), form)",
    "bq_format_in": "(form, x, zone) AS strftime(CAST(x AS TIMESTAMPTZ) AT TIME ZONE zone, form)",
    "bq_parse_timestamp": "(form, x) AS CAST(strptime(x, form) AS TIMESTAMPTZ)",
    "bq_parse_timestamp_in": "(form, x, zone) AS CAST(strptime(x, form) AS TIMESTAMP) AT TIME ZONE zone",
    "bq_parse_date": "(form, x) AS CAST(strptime(x, form) AS DATE)",
    "bq_date_array": "(x, y, step) AS CAST(generate_series(CAST(x AS DATE), CAST(y AS DATE), step) AS DATE[])",
    "bq_timestamp_array": "(x, y, step) AS generate_series(CAST(x AS TIMESTAMPTZ), CAST(y AS TIMESTAMPTZ), step)",
    # What begins as an object or an array does is looked at twice, and all else once.
    "bq_json_value": """(j, p) AS CASE WHEN ascii(json_extract_string(j, p)) IN (ascii('{'), ascii('['))
        THEN json_extract_string(json_value(j, p), '$') ELSE json_extract_string(j, p) END""",
    "bq_json_query": "(j, p) AS json_extract(j, p)",
    "bq_json_query_array": """(j, p) AS CASE WHEN json_type(j, p) = 'ARRAY'
        THEN CAST(json_extract(j, p) AS JSON[]) END""",
    "bq_json_value_array": """(j, p) AS CASE WHEN json_type(j, p) = 'ARRAY'
        THEN CAST(json_extract(j, p) AS VARCHAR[]) END""",
    "bq_json_type": """(j) AS CASE WHEN json_type(j) IN ('UBIGINT', 'BIGINT', 'HUGEINT', 'DOUBLE') THEN 'number'
        WHEN json_type(j) = 'VARCHAR' THEN 'string' ELSE lower(json_type(j)) END""",
    "bq_parse_json": "(x) AS CAST(x AS JSON)",
    "bq_to_json_string": "(x) AS CAST(to_json(x) AS VARCHAR)",
    "bq_text": f"""(x) AS CASE WHEN x IS NULL THEN NULL
        WHEN typeof(x) = 'JSON' THEN CASE WHEN json_type({_JSON}) = 'VARCHAR'
        THEN json_extract_string({_JSON}, '$')
        ELSE CAST(CAST('STRING takes only a string from JSON: use LAX_STRING' AS BIGINT) AS VARCHAR) END
        ELSE bq_string(x) END""",
    "bq_json_int64": f"""(j) AS CASE WHEN j IS NULL THEN NULL WHEN json_type(j) IN ('UBIGINT', 'BIGINT')
        THEN CAST(json_extract_string(j, '$') AS BIGINT) WHEN json_type(j) = 'DOUBLE' AND CAST(j AS DOUBLE) % 1 = 0
        THEN {_WHOLE} ELSE CAST('INT64 takes only a whole number from JSON: use LAX_INT64' AS BIGINT) END""",
    "bq_json_float64": """(j) AS CASE WHEN j IS NULL THEN NULL WHEN json_type(j) IN ('UBIGINT', 'BIGINT', 'DOUBLE')
        THEN CAST(json_extract_string(j, '$') AS DOUBLE)
        ELSE CAST('FLOAT64 takes only a number from JSON: use LAX_FLOAT64' AS DOUBLE) END""",
    "bq_json_bool": """(j) AS CASE WHEN j IS NULL THEN NULL WHEN json_type(j) = 'BOOLEAN'
        THEN json_extract_string(j, '$') = 'true'
        ELSE CAST('BOOL takes only true or false from JSON: use LAX_BOOL' AS BOOLEAN) END""",
    "bq_lax_int64": f"""(j) AS CASE WHEN json_type(j) = 'BOOLEAN'
        THEN CAST(json_extract_string(j, '$') = 'true' AS BIGINT)
        WHEN json_type(j) IN ('UBIGINT', 'BIGINT') THEN CAST(json_extract_string(j, '$') AS BIGINT)
        WHEN json_type(j) IN ('DOUBLE', 'VARCHAR') THEN {_WHOLE} END""",
    "bq_lax_float64": """(j) AS CASE WHEN json_type(j) IN ('UBIGINT', 'BIGINT', 'DOUBLE', 'VARCHAR')
        THEN TRY_CAST(json_extract_string(j, '$') AS DOUBLE) END""",
    "bq_lax_bool": """(j) AS CASE WHEN json_type(j) IN ('UBIGINT', 'BIGINT', 'DOUBLE')
        THEN TRY_CAST(json_extract_string(j, '$') AS DOUBLE) <> 0
        WHEN lower(json_extract_string(j, '$')) IN ('true', 'false')
        THEN lower(json_extract_string(j, '$')) = 'true' END""",
}
"""Each by its name: the parameters and what it stands for."""


def needed(sql: str) -> list[str]:
    """Return the statements that make what *sql*, in DuckDB's own words, relies on; a macro after those it uses."""
    names = {name for name in MACROS if f"{name}(" in sql.lower()}
    if "bq_text" in names:
        names.add("bq_string")
    return [statement(name) for name in MACROS if name in names]


def statement(name: str) -> str:
    """Return the statement that makes the macro."""
    return f"CREATE TEMP MACRO {name}{MACROS[name]}"
