"""A quantile is compared with more than its histogram's top bucket.

## Why it matters

histogram_quantile() knows nothing of what lies above the top finite bound, and gives that bound instead. However slow
everything is, the quantile never passes it, and the alert can never ring.

## Bad

```promql
histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 30
```

## Good

```promql
histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 20
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.comparisons import comparisons
from tocsin.checks.problem import Problem
from tocsin.promql.interval import exactly, verdict

ID = "promql/threshold-above-buckets"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each comparison that the top bucket decides."""
    for expression in case.expressions:
        for found in comparisons(expression):
            bounds = found.shape.bounds
            if found.shape.nature != "estimate" or not bounds or found.bound < bounds[-1]:
                continue
            said = verdict(found.shape.values, found.op, exactly(found.bound))
            if said is not None:
                yield expression.problem(
                    ID,
                    found.number.span,
                    f"a quantile of these buckets is never above {bounds[-1]:g}, so this "
                    f"{'always' if said else 'never'} holds: add buckets above {found.bound:g}, or lower it",
                )
