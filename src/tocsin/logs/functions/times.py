"""Functions of times and dates."""

from __future__ import annotations

from sqlglot import exp

from tocsin.logs import rewrites as to
from tocsin.logs.functions.function import Function
from tocsin.logs.rewrites import named

_DAY = "TIMESTAMP '2024-02-29 13:45:56.789+00'"

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
