"""An expression asks for a bucket that the histogram does not have.

## Why it matters

The selector matches nothing. The share of slow requests is then empty, and the alert on it silent for ever; or, as part
of a difference, nothing is taken away and every request counts as slow.

## Bad

```python
Histogram("render_seconds", "Time to render.", buckets=(1, 2, 5))
Alert(
    "RenderSlow",
    when='1 - sum(rate(render_seconds_bucket{le="3.0"}[5m])) / (sum(rate(render_seconds_count[5m])) > 0) > 0.05',
    within="12m",
    severity="warning",
    because="Pages come late.",
    rings_on=Slow(3),
    runbook="runbooks/render-slow.md",
)
```

## Good

```python
Histogram("render_seconds", "Time to render.", buckets=(1, 2, 3, 5))
Alert(
    "RenderSlow",
    when='1 - sum(rate(render_seconds_bucket{le="3.0"}[5m])) / (sum(rate(render_seconds_count[5m])) > 0) > 0.05',
    within="12m",
    severity="warning",
    because="Pages come late.",
    rings_on=Slow(3),
    runbook="runbooks/render-slow.md",
)
```
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.promql.tree import Matcher, Selector

ID = "objective/no-bucket"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each bound that no bucket ends at."""
    for expression in case.expressions:
        for node, _ in expression.nodes():
            if not isinstance(node, Selector) or node.metric not in case.world.metrics:
                continue
            bounds = case.world.metrics[node.metric].bounds
            for matcher in node.matchers if bounds else ():
                bound = _bound(matcher)
                if bound is not None and bound not in (*(bounds or ()), math.inf):
                    known = ", ".join(f"{each:g}" for each in bounds or ())
                    message = f"{node.metric} has no bucket that ends at {bound:g}: its buckets end at {known}"
                    yield expression.problem(ID, matcher.span, message)


def _bound(matcher: Matcher) -> float | None:
    if matcher.label != "le" or matcher.operator != "=":
        return None
    try:
        return float(matcher.value)
    except ValueError:
        return None
