"""The functions of BigQuery that a query of the logs may call: the one table of what is translated.

Sources: BigQuery's documentation, "Functions, operators, and conditionals".
"""

from __future__ import annotations

from tocsin.logs.functions.aggregates import AGGREGATES, WINDOWS
from tocsin.logs.functions.function import Function
from tocsin.logs.functions.parts import ARRAYS, JSONS
from tocsin.logs.functions.times import TIMES
from tocsin.logs.functions.values import CONDITIONS, NUMBERS, TEXTS

__all__ = ["FUNCTIONS", "GROUPS", "INSTEAD", "Function"]

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
