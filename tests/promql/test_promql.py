from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin import promql
from tocsin.model import milliseconds
from tocsin.promql.tree import Call, Selector


def test_every_selector_is_read() -> None:
    tree = promql.parse(
        'sum(rate(a_total{b="c",d=~"e"}[5m])) / on () up > 1 and absent(x{y!="z"}) or max_over_time(q[1h:5m])'
    )
    selectors = [node for node in tree.walk() if isinstance(node, Selector)]
    found = [
        (node.metric, [(each.label, each.operator, each.value) for each in node.matchers], node.range)
        for node in selectors
    ]
    assert found == [
        ("a_total", [("b", "=", "c"), ("d", "=~", "e")], 300),
        ("up", [], None),
        ("x", [("y", "!=", "z")], None),
        ("q", [], None),
    ]


@pytest.mark.parametrize(
    ("expr", "message"),
    [("sum(a", "unclosed left parenthesis"), ("rate(a[5])", "the duration 5 has no unit"), ("a offset 5", "no unit")],
)
def test_what_prometheus_refuses_is_a_problem(expr: str, message: str) -> None:
    problem = promql.syntax_problem(expr)
    assert problem is not None
    assert message in problem.message


@pytest.mark.parametrize("expr", ["rate(a[5m])", 'a{b="[5]"}', "a offset -5m", "a[1h30m:5m]", "1 - 5"])
def test_what_prometheus_reads_is_no_problem(expr: str) -> None:
    assert promql.syntax_problem(expr) is None


@pytest.mark.parametrize(
    ("expr", "quick"),
    [
        ("rate(a[5m])", "rate(a[5s])"),
        ("rate(a[1h30m])", "rate(a[90s])"),
        ("a offset 1h", "a offset 1m"),
        ("max_over_time(a[1d:5m] offset 1h)", "max_over_time(a[24m:5s] offset 1m)"),
        ('a{b="rate(x[5m])"} > 60', 'a{b="rate(x[5m])"} > 60'),
        ("a_5m > 5 * 60", "a_5m > 5 * 60"),
    ],
)
def test_only_durations_are_divided(expr: str, quick: str) -> None:
    assert promql.quicken(expr, 60) == quick


@given(st.integers(min_value=1, max_value=10**6), st.integers(min_value=1, max_value=300))
def test_a_range_is_divided_exactly(seconds: int, speed: int) -> None:
    quick = promql.quicken(f"rate(a[{seconds}s])", speed)
    assert milliseconds(quick.removeprefix("rate(a[").removesuffix("])")) == seconds * 1000 // speed


@pytest.mark.parametrize(
    ("expr", "parts", "says"),
    [
        ("mad_over_time(a[5m])", ["mad_over_time"], "only Prometheus 2.49 and later read it"),
        ("limitk(3, a)", ["limitk"], "only Prometheus 2.54 and later read it"),
        ("first_over_time(a[5m])", ["first_over_time"], "only Prometheus newer than 2.42 reads it"),
        ("holt_winters(a[5m], 0.5, 0.5)", ["holt_winters"], "there it is double_exponential_smoothing"),
        ('{"a.b", c="d"}', ['"a.b"'], "a name in quotes"),
        ('a{"b.c"="d"}', ['"b.c"'], "a name in quotes"),
        ('sum by ("b.c") (a)', ['"b.c"'], "a name in quotes"),
    ],
)
def test_what_only_some_versions_read_is_told(expr: str, parts: list[str], says: str) -> None:
    assert promql.syntax_problem(expr) is None
    found = list(promql.newer(expr))
    assert [expr[span.start : span.end] for span, _ in found] == parts
    assert all(says in message for _, message in found)


@pytest.mark.parametrize(
    "expr",
    [
        'a{b="c"}',
        "a offset -5m",
        "a offset 5m",
        "a[5m:1m] @ end()",
        "a @ start()",
        'count_values("v", a)',
        'label_replace(a, "b", "$1", "c", "(.*)")',
        "start > info",
        "histogram_quantile(0.9, a)",
        'a{b="holt_winters(c)"}',
    ],
)
def test_what_every_version_reads_is_let_through(expr: str) -> None:
    assert list(promql.newer(expr)) == []


def test_a_function_that_was_renamed_keeps_its_place() -> None:
    tree = promql.parse('holt_winters(a{b="holt_winters"}[5m], 0.5, 0.5) > c')
    (call,) = [node for node in tree.walk() if isinstance(node, Call)]
    (first, _) = [node for node in tree.walk() if isinstance(node, Selector)]
    assert call.function == "holt_winters"
    assert (call.named.start, call.named.end, first.matchers[0].value) == (0, 12, "holt_winters")
