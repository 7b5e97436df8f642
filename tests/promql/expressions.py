"""Expressions of every kind, over a few metrics of which the series are known."""

from __future__ import annotations

from hypothesis import strategies as st

from tocsin.checks.world import declared
from tocsin.model import Counter, Gauge, Histogram, Label

WORLD = declared(
    (
        Counter("runs_total", "Runs.", (Label("outcome", ("won", "lost")),)),
        Counter("asked_total", "Questions.", (Label("path"),)),
        Gauge("depth", "Depth."),
        Histogram("wait_seconds", "Waits.", buckets=(0.5, 1, 2)),
    ),
    ("job", "instance"),
    15.0,
)

_ONE, _TWO = 'job="a",instance="1"', 'job="b",instance="2"'

SERIES = {
    f"up{{{_ONE}}}": "1x30 0x9",
    f"up{{{_TWO}}}": "1x40",
    f'runs_total{{outcome="won",{_ONE}}}': "0+3x40",
    f'runs_total{{outcome="lost",{_ONE}}}': "5+1x25 0+2x14",
    f'runs_total{{outcome="other",{_ONE}}}': "0x40",
    f'runs_total{{outcome="won",{_TWO}}}': "100x40",
    f'runs_total{{outcome="lost",{_TWO}}}': "_x30 0+1x9",
    f'asked_total{{path="/",{_ONE}}}': "0+1x40",
    f'asked_total{{path="/cart",{_TWO}}}': "7x40",
    f"depth{{{_ONE}}}": "5-3x10 -25+7x29",
    f"depth{{{_TWO}}}": "0x40",
    f'wait_seconds_bucket{{le="0.5",{_ONE}}}': "0+1x40",
    f'wait_seconds_bucket{{le="1.0",{_ONE}}}': "0+2x40",
    f'wait_seconds_bucket{{le="2.0",{_ONE}}}': "0+2x40",
    f'wait_seconds_bucket{{le="+Inf",{_ONE}}}': "0+5x40",
    f"wait_seconds_count{{{_ONE}}}": "0+5x40",
    f"wait_seconds_sum{{{_ONE}}}": "0+9x40",
    f'wait_seconds_bucket{{le="+Inf",{_TWO}}}': "0x40",
    f"wait_seconds_count{{{_TWO}}}": "0x40",
    f"wait_seconds_sum{{{_TWO}}}": "0x40",
}
"""Samples of each 15 seconds, as promtool writes them: counters that restart, gauges below 0, silence."""

_NUMBERS = st.sampled_from(("0", "1", "2", "-1", "0.5", "100", "1e9", "Inf", "-Inf", "NaN"))
_METRICS = st.sampled_from(
    ("up", "runs_total", "asked_total", "depth", "wait_seconds_bucket", "wait_seconds_count", "wait_seconds_sum")
)
_MATCHERS = st.sampled_from(
    (
        'outcome="won"',
        'outcome!="won"',
        'outcome=~"won|lost"',
        'job="a"',
        'job!~"a|c"',
        'le="0.5"',
        'path=""',
        'job=~".+"',
    )
)
_LABELS = st.lists(st.sampled_from(("job", "instance", "outcome", "path", "le")), unique=True, max_size=3).map(
    ", ".join
)
_RANGES = st.sampled_from(("1m", "5m", "10m"))


def _selectors() -> st.SearchStrategy[str]:
    matchers = st.lists(_MATCHERS, unique=True, max_size=2).map(lambda found: f"{{{','.join(found)}}}" if found else "")
    offset = st.sampled_from(("", "", "", " offset 1m"))
    return st.builds("{0}{1}{2}".format, _METRICS, matchers, offset)


def _matrices(vectors: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    plain = st.builds("{0}[{1}]".format, _METRICS, _RANGES)
    return plain | st.builds("({0})[{1}:30s]".format, vectors, _RANGES)


def _groupings() -> st.SearchStrategy[str]:
    return st.just("") | st.builds("{0} ({1})".format, st.sampled_from(("by", "without")), _LABELS)


def _pairings() -> st.SearchStrategy[str]:
    plain = st.builds("{0} ({1})".format, st.sampled_from(("on", "ignoring")), _LABELS)
    grouped = st.builds(
        "{0} {1} ({2})".format, plain, st.sampled_from(("group_left", "group_right")), st.sampled_from(("", "outcome"))
    )
    return st.just("") | plain | grouped.filter(lambda text: not ("on" in text.split("group")[0] and "outcome" in text))


_OVER_TIME = (
    "rate", "increase", "irate", "delta", "idelta", "deriv", "resets", "changes", "avg_over_time", "min_over_time",
    "max_over_time", "sum_over_time", "count_over_time", "stddev_over_time", "last_over_time", "present_over_time",
    "absent_over_time",
)  # fmt: skip
_OF_VECTORS = (
    "abs", "ceil", "floor", "exp", "ln", "log2", "log10", "sqrt", "sgn", "sort", "absent", "cos", "day_of_week", "hour",
)  # fmt: skip


def _further(vectors: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    scalars = _NUMBERS | st.builds("scalar({0})".format, vectors)
    arithmetic = st.sampled_from(("+", "-", "*", "/", "%", "^"))
    comparing = st.sampled_from((">", ">=", "<", "<=", "==", "!="))
    both = comparing | comparing.map(lambda op: f"{op} bool") | arithmetic
    aggregations = st.sampled_from(("sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"))
    return st.one_of(
        st.builds("{0}({1})".format, st.sampled_from(_OVER_TIME), _matrices(vectors)),
        st.builds("quantile_over_time({0}, {1})".format, scalars, _matrices(vectors)),
        st.builds("{0}({1})".format, st.sampled_from(_OF_VECTORS), vectors),
        st.builds("{0} {1} ({2})".format, aggregations, _groupings(), vectors),
        st.builds("{0} (2, {1})".format, st.sampled_from(("topk", "bottomk", "quantile")), vectors),
        st.builds('count_values by (job) ("{0}", {1})'.format, st.sampled_from(("v", "job")), vectors),
        st.builds("histogram_quantile({0}, {1})".format, scalars, vectors),
        st.builds("histogram_quantile(0.9, sum by (le, job) (rate(wait_seconds_bucket[{0}])))".format, _RANGES),
        st.builds("clamp({0}, {1}, {2})".format, vectors, scalars, scalars),
        st.builds("clamp_max({0}, {1})".format, vectors, scalars),
        st.builds("round({0}, {1})".format, vectors, st.sampled_from(("1", "5", "0.1"))),
        st.builds('label_replace({0}, "{1}", "$1", "job", "(.*)")'.format, vectors, st.sampled_from(("zone", "job"))),
        st.builds("vector({0})".format, scalars),
        st.builds("-({0})".format, vectors),
        st.builds("({0}) {1} ({2})".format, vectors, both, scalars),
        st.builds("({0}) {1} ({2})".format, scalars, both, vectors),
        st.builds("({0}) {1} {2} ({3})".format, vectors, both, _pairings(), vectors),
        st.builds("({0}) / ({0})".format, vectors),
        st.builds(
            "({0}) {1} {2} ({3})".format,
            vectors,
            st.sampled_from(("and", "or", "unless")),
            st.just("") | st.builds("on ({0})".format, _LABELS),
            vectors,
        ),
    )


EXPRESSIONS = st.recursive(_selectors(), _further, max_leaves=4)
"""Expressions that promtool reads; some of them it cannot evaluate, since series do not pair."""
