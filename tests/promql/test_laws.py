"""Laws of what expressions are read with: intervals, labels, and a reader that never fails otherwise."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.promql.expressions import EXPRESSIONS, WORLD
from tocsin import promql
from tocsin.promql.infer import infer
from tocsin.promql.interval import Interval, after, exactly, verdict
from tocsin.promql.labels import Labels, matches
from tocsin.promql.shape import World
from tocsin.promql.tokens import Span
from tocsin.promql.tree import Matcher

NUMBERS = st.one_of(
    st.integers(-5, 5).map(float), st.floats(-1e9, 1e9), st.sampled_from((0.0, math.inf, -math.inf, 1e300, 5e-324))
)
INTERVALS = st.tuples(NUMBERS, NUMBERS).map(lambda ends: Interval(min(ends), max(ends)))


@st.composite
def members(draw: st.DrawFn) -> tuple[Interval, float]:
    """Return an interval and a number in it."""
    interval = draw(INTERVALS)
    if interval.single:
        return interval, interval.low
    low, high = max(interval.low, -1e308), min(interval.high, 1e308)
    within = st.floats(low, high) if low <= high else st.nothing()
    return interval, draw(st.sampled_from((interval.low, interval.high)) | within)


def _divided(one: float, other: float) -> float:
    if other == 0:
        return math.nan if one == 0 or math.isnan(one) else math.copysign(math.inf, one) * math.copysign(1, other)
    return one / other


def _powered(one: float, other: float) -> float:
    try:
        return math.pow(one, other)
    except OverflowError:
        return math.inf if one > 0 or other % 2 == 0 else -math.inf
    except ValueError:
        return math.nan if one else math.inf


OPERATIONS: dict[str, tuple[Callable[[Interval, Interval], Interval], Callable[[float, float], float]]] = {
    "+": (operator.add, operator.add),
    "-": (operator.sub, operator.sub),
    "*": (operator.mul, operator.mul),
    "/": (operator.truediv, _divided),
    "%": (operator.mod, lambda one, other: math.fmod(one, other) if other and math.isfinite(one) else math.nan),
    "^": (operator.pow, _powered),
}


@pytest.mark.parametrize("op", OPERATIONS)
@given(members(), members())
def test_an_interval_holds_what_its_numbers_give(
    op: str, one: tuple[Interval, float], other: tuple[Interval, float]
) -> None:
    of_intervals, of_numbers = OPERATIONS[op]
    result = of_numbers(one[1], other[1])
    assert math.isnan(result) or result in of_intervals(one[0], other[0])


COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@pytest.mark.parametrize("op", COMPARISONS)
@given(members(), members())
def test_a_verdict_is_that_of_each_pair_of_numbers(
    op: str, one: tuple[Interval, float], other: tuple[Interval, float]
) -> None:
    said = verdict(one[0], op, other[0])
    holds = COMPARISONS[op](one[1], other[1])
    assert said is None or said == holds
    if holds:
        assert one[1] in after(one[0], op, other[0])


@given(members(), INTERVALS)
def test_what_joins_intervals_holds_their_numbers(one: tuple[Interval, float], other: Interval) -> None:
    assert one[1] in one[0].union(other)
    assert (one[1] in one[0].meet(other)) == (one[1] in other)
    assert exactly(one[1]).single


VALUES = st.sampled_from(("", "a", "b", "ab", "c"))
SETS = st.none() | st.frozensets(VALUES, min_size=1)
OPERATORS = st.sampled_from(("=", "!=", "=~", "!~"))


@given(SETS, OPERATORS, st.sampled_from(("", "a", "b", "a|b", ".*", ".+", "a.*")), VALUES)
def test_narrowing_keeps_what_matches_and_nothing_that_is_known_not_to(
    values: frozenset[str] | None, op: str, pattern: str, value: str
) -> None:
    matcher = Matcher("x", op, pattern, Span(0, 0))  # type: ignore[arg-type]  # one of the operators
    left = Labels({"x": values}).narrowed(matcher)
    possible = values is None or value in values
    if matches(matcher, value) and possible:
        assert left is not None
        assert left.values("x") is None or value in (left.values("x") or ())
    if left is not None and left.certain("x"):
        assert value or not possible or not matches(matcher, value)


@given(SETS, SETS, VALUES)
def test_joined_labels_can_be_what_either_can(
    one: frozenset[str] | None, other: frozenset[str] | None, value: str
) -> None:
    joined = Labels({"x": one}).joined(Labels({"x": other}))
    for side in (one, other):
        if side is not None and value in side:
            assert joined.values("x") is None or value in (joined.values("x") or ())
    assert not joined.certain("x") or (one is not None and other is not None)


@given(st.text(max_size=60) | st.text(alphabet='sumrate(x){}[5m]"=~,>0 by', max_size=60))
def test_whatever_is_no_expression_is_unreadable_and_nothing_else(text: str) -> None:
    problem = promql.syntax_problem(text)
    if problem is not None:
        assert 0 <= problem.span.start <= problem.span.end <= max(len(text), 1)
        assert problem.message


@settings(suppress_health_check=list(HealthCheck))
@given(EXPRESSIONS, st.sampled_from((WORLD, World(), World(complete=True))))
def test_every_part_of_every_expression_has_a_shape_and_a_place(expr: str, world: World) -> None:
    tree = promql.parse(expr)
    shapes = infer(tree, world)
    for node in tree.walk():
        assert node in shapes
        assert 0 <= node.span.start < node.span.end <= len(expr)
        assert all(node.span.start <= child.span.start <= child.span.end <= node.span.end for child in node.children())
