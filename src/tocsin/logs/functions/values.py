"""Functions of texts and numbers, conditions and conversions."""

from __future__ import annotations

from sqlglot import exp

from tocsin.logs import rewrites as to
from tocsin.logs.functions.function import ANY, Function
from tocsin.logs.rewrites import named

_COMMA = exp.Literal.string(",")
_BLANK = exp.Literal.string(" ")
_ONE = exp.Literal.number(1)

TEXTS = (
    Function("CHAR_LENGTH", "CHAR_LENGTH('Grüße')", "5", rewrite=named("length")),
    Function("CONCAT", "CONCAT('a', 'b', 'c')", '"abc"', 1, ANY, to.concat),
    Function(
        "CONTAINS_SUBSTR", "CONTAINS_SUBSTR('Timeout of DB', 'timeout')", "true", 2, 2, named("bq_contains_substr")
    ),
    Function("ENDS_WITH", "ENDS_WITH('a.py', '.py')", "true", 2, 2, named("ends_with")),
    Function("FORMAT", "FORMAT('%s: %05.1f', 'p95', 2.25)", '"p95: 002.2"', 1, ANY, to.printf),
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
    Function("GREATEST", "GREATEST(1, 3, 2)", "3", 1, ANY, to.extreme("greatest")),
    Function("IS_INF", "IS_INF(1.0)", "false", rewrite=named("isinf")),
    Function("IS_NAN", "IS_NAN(CAST('NaN' AS FLOAT64))", "true", rewrite=named("isnan")),
    Function("LEAST", "LEAST(1, NULL)", "null", 1, ANY, to.extreme("least")),
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
    Function("COALESCE", "COALESCE(NULL, 2)", "2", 1, ANY),
    Function("IF", "IF(1 > 2, 'yes', 'no')", '"no"', 3, 3),
    Function("IFNULL", "IFNULL(NULL, 2)", "2", 2, 2, named("coalesce")),
    Function("NULLIF", "NULLIF(2, 2)", "null", 2, 2),
    Function("SAFE_CAST", "SAFE_CAST('2.5' AS INT64)", "null"),
)
