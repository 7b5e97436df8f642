"""Functions of several rows: aggregates and windows."""

from __future__ import annotations

from tocsin.logs import rewrites as to
from tocsin.logs.functions.function import Function
from tocsin.logs.rewrites import named


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
