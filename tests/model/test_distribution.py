"""Laws of how observations are spread."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.model import Distribution

PARTS = 4000

bounds = st.floats(0, 1000, allow_subnormal=False)


@st.composite
def distributions(draw: st.DrawFn) -> Distribution:
    """Return a distribution that may be cut off, and a share of which may come later."""
    p50 = draw(st.floats(0.01, 100))
    p95 = p50 * draw(st.floats(1, 8))
    found = Distribution(p50, p95, p95 * draw(st.floats(1, 5)) if draw(st.booleans()) else math.inf)
    return found.delayed(draw(st.floats(0.01, 100)), draw(st.floats(0, 1))) if draw(st.booleans()) else found


@given(distributions())
def test_the_mean_is_the_integral_of_what_lies_above(each: Distribution) -> None:
    top = math.log(min(each.at_most, each.p50 * 1e6) + each.later)
    bottom = math.log(each.p50 / 1e4)
    ends = [math.exp(bottom + (top - bottom) * part / PARTS) for part in range(PARTS + 1)]
    integral = ends[0] + sum((1 - each.up_to(math.sqrt(low * high))) * (high - low) for low, high in pairwise(ends))
    assert each.mean == pytest.approx(integral, rel=0.01)


@given(distributions(), bounds, bounds)
def test_more_lies_below_what_is_higher_and_all_below_infinity(each: Distribution, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= each.up_to(low) <= each.up_to(high) <= 1
    assert each.up_to(math.inf) == 1


@given(st.floats(0.01, 100), st.floats(1.01, 8))
def test_half_lies_below_p50_and_95_of_100_below_p95(p50: float, ratio: float) -> None:
    each = Distribution(p50, p50 * ratio)
    assert each.up_to(each.p50) == pytest.approx(0.5)
    assert each.up_to(each.p95) == pytest.approx(0.95)


@given(st.floats(-10, 100))
def test_a_point_is_all_at_one_value(value: float) -> None:
    each = Distribution.point(value)
    assert each.mean == value
    assert (each.up_to(value - 1), each.up_to(value)) == (0, 1)
