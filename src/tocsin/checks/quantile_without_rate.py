"""histogram_quantile() is asked of buckets as they are, with no rate() of them.

## Why it matters

The buckets count since the process began: the quantile is one over its whole life, and what happens now hardly moves
it. After a month of good days, an hour of bad ones cannot be seen.

## Bad

```promql
histogram_quantile(0.95, sum by (le) (http_request_duration_seconds_bucket))
```

## Good

```promql
histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.checks.quantiles import quantiles

ID = "promql/quantile-without-rate"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each quantile of what only grows."""
    for expression in case.expressions:
        for _, buckets, shape in quantiles(expression):
            if shape.nature == "bucket":
                yield expression.problem(
                    ID,
                    buckets.span,
                    "these buckets count since the process began: take the rate() of each, as rate(..._bucket[5m])",
                )
