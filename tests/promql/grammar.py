"""Expressions made by the grammar of PromQL, most of them right, some of them nearly so."""

from __future__ import annotations

from hypothesis import strategies as st

_NAMES = st.sampled_from(
    ("a", "up", "http_requests_total", "job:errors:rate5m", ":x", "sum", "by", "on", "offset", "bool", "start", "rate")
)
_LABELS = st.sampled_from(("job", "le", "instance", "by", "sum", "offset", "group_left", "_x1"))
_STRINGS = st.sampled_from(
    ('"x"', "'x'", "`x`", '""', r'"\"y\n"', r"'\x41'", '"[5m]"', '"é 5"', "'#'", '"a{b=`c`}"', '".*"', r'"\\d+"')
)
_PATTERNS = st.sampled_from(('".+"', "'a|b'", '"(?i)x"', '"("', '"[a-z]+"', "`\\d{2}`"))
_DURATIONS = st.sampled_from(("5m", "1h30m", "30s", "100ms", "1d", "1w", "1y", "5", "1.5h", "0s", "m"))
_OVER = st.tuples(st.sampled_from(("[", "[ ")), _DURATIONS).map("".join)
"""Prometheus reads comments in brackets, but only behind the duration."""

_NUMBERS = st.sampled_from(
    ("0", "1", "0.5", ".5", "5.", "1e3", "1E-3", "0x1F", "Inf", "NaN", "inf", "-1", "+2", "1_0", "1e")
)
_SPACES = st.sampled_from(("", "", "", " ", "  ", "\n", " # why: 'x' (\n"))
_ARITHMETIC = ("+", "-", "*", "/", "%", "^", "atan2")
_COMPARING = ("==", "!=", ">", "<", ">=", "<=", "> bool", "== bool")
_SETS = ("and", "or", "unless", "AND", "Or")


def _some(labels: list[str]) -> str:
    return f"({', '.join(labels)})"


_LISTS = st.lists(_LABELS, max_size=3).map(_some) | st.just("(job,)")
_MATCHER = st.one_of(
    st.tuples(_LABELS, st.sampled_from(("=", "!=")), _STRINGS),
    st.tuples(_LABELS, st.sampled_from(("=~", "!~", "==")), _PATTERNS),
    st.tuples(st.just("__name__"), st.just("="), _STRINGS),
).map("".join)
_BRACES = st.lists(_MATCHER, max_size=3).map(lambda found: "{" + ",".join(found) + "}") | st.just("{,}")
_METRIC = st.one_of(_NAMES, st.tuples(_NAMES, _SPACES, _BRACES).map("".join), _BRACES)
_MOMENT = st.sampled_from(("1600000000", "-5", "start()", "end()", "start", "5m"))
_MODIFIER = st.one_of(
    st.just(""),
    st.just(""),
    st.tuples(st.sampled_from((" offset ", " OFFSET -", " offset - ")), _DURATIONS).map("".join),
    st.tuples(st.just(" @ "), _MOMENT).map("".join),
    st.just(" @ 5 offset 5m"),
    st.just(" offset 5m offset 5m"),
)
_SELECTOR = st.tuples(_METRIC, _MODIFIER).map("".join)
_STEP = st.sampled_from(("", "1m", "5", " 30s "))


def _parts(*parts: str | st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    strategies = [st.just(part) if isinstance(part, str) else part for part in parts]
    return st.tuples(*(each for strategy in strategies for each in (_SPACES, strategy))).map("".join)


def _grown(instant: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    scalar = _NUMBERS | _parts("scalar(", instant, ")") | st.sampled_from(("time()", "pi()", "(1 + 2)"))
    matrix = st.one_of(
        _parts(_METRIC, _OVER, "]", _MODIFIER),
        _parts(instant, _OVER, ":", _STEP, "]", _MODIFIER),
    )
    grouping = st.tuples(st.sampled_from((" by ", " without ", "by", " BY ")), _LISTS).map("".join)
    aggregate = st.sampled_from(("sum", "avg", "count", "min", "max", "group", "stddev", "SUM"))
    choosing = st.sampled_from(("topk", "bottomk", "quantile"))
    ranging = st.sampled_from(("rate", "increase", "avg_over_time", "deriv", "changes", "absent_over_time", "resets"))
    mapping = st.sampled_from(("abs", "ceil", "absent", "sort", "timestamp", "sgn", "hour", "round", "nothing"))
    matching = st.tuples(st.sampled_from((" on ", " ignoring ", " ON ")), _LISTS).map("".join)
    grouped = st.tuples(st.sampled_from(("group_left", "group_right ")), _LISTS | st.just(" ")).map("".join)
    pairing = st.one_of(st.just(" "), matching, st.tuples(matching, grouped).map("".join), st.just(" bool "))
    operator = st.sampled_from((*_ARITHMETIC, *_COMPARING, *_SETS)).map(lambda op: f" {op} ")
    side = instant | scalar
    return st.one_of(
        _parts("(", instant, ")"),
        _parts(st.sampled_from(("-", "+", "--", "- ")), instant),
        _parts(aggregate, grouping | st.just(""), "(", instant, ")"),
        _parts(aggregate, "(", instant, ")", grouping),
        _parts(choosing, grouping | st.just(""), "(", scalar, ",", instant, ")"),
        _parts('count_values("v",', instant, ")"),
        _parts(ranging, "(", matrix | instant, ")"),
        _parts(mapping, "(", instant, ")"),
        _parts("histogram_quantile(", scalar, ",", instant, ")"),
        _parts("quantile_over_time(", scalar, ",", matrix, ")"),
        _parts("predict_linear(", matrix, ",", scalar, ")"),
        _parts("holt_winters(", matrix, ", 0.5, 0.5)"),
        _parts("label_replace(", instant, ', "a", ', _STRINGS, ', "b", ', _PATTERNS, ")"),
        _parts("clamp(", instant, ",", scalar, ",", scalar, ")"),
        _parts("vector(", scalar, ")"),
        _parts(side, operator, pairing, side),
    )


EXPRESSIONS = st.recursive(_SELECTOR | _NUMBERS | _STRINGS, _grown, max_leaves=6)
"""Expressions of every kind."""

BROKEN = st.tuples(EXPRESSIONS, st.integers(0, 200), st.sampled_from(tuple("()[]{},\"'`#=~!<>+-:@. \n05mé\\"))).map(
    lambda made: made[0][: made[1] % (len(made[0]) + 1)] + made[2] + made[0][made[1] % (len(made[0]) + 1) :]
)
"""Expressions with one character too many."""
