"""A quantile is compared with a number that is no bound of its histogram, or a bucket is read that there is not.

## Why it matters

Between two bounds histogram_quantile() draws a line, as if what was observed lay there evenly. Whether the true
quantile is above a number in between, it cannot tell: the alert may ring on either side of it. And a bucket with a
bound that the histogram does not have matches nothing at all.

## Bad

```promql
histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 3
```

## Good

```promql
histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 2
```
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from tocsin.checks.case import Case, Expression
from tocsin.checks.comparisons import Comparison, comparisons
from tocsin.checks.problem import Problem
from tocsin.model import le
from tocsin.promql.tree import Selector

ID = "promql/threshold-between-buckets"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each number that lies between two bounds."""
    for expression in case.expressions:
        for found in comparisons(expression):
            if found.shape.nature == "estimate" and found.shape.bounds:
                yield from _between(expression, found, found.shape.bounds)
        for node, shape in expression.nodes():
            if isinstance(node, Selector) and shape.nature == "bucket" and shape.bounds:
                yield from _missing(expression, node, shape.bounds)


def _between(expression: Expression, found: Comparison, bounds: tuple[float, ...]) -> Iterator[Problem]:
    above = bisect_left(bounds, found.bound)
    if above == len(bounds) or bounds[above] == found.bound or found.bound <= min(0, bounds[0]):
        return
    lower = bounds[above - 1] if above else 0
    yield expression.problem(
        ID,
        found.number.span,
        f"{found.bound:g} lies between the buckets {lower:g} and {bounds[above]:g}, where a quantile is only a guess: "
        f"it may be off by up to {bounds[above] - lower:g}; add a bucket at {found.bound:g}",
        "warning",
    )


def _missing(expression: Expression, node: Selector, bounds: tuple[float, ...]) -> Iterator[Problem]:
    for matcher in node.matchers:
        asked = _number(matcher.value) if matcher.label == "le" and matcher.operator == "=" else None
        if asked is not None and asked not in (*bounds, float("inf")):
            there = ", ".join(le(bound) for bound in bounds)
            yield expression.problem(
                ID, matcher.span, f"{node.metric} has no bucket that ends at {asked:g}: there are {there}"
            )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
