from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin import promql
from tocsin.model import milliseconds
from tocsin.promql.tree import Selector


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
