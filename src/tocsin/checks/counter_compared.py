"""A counter is compared with a number.

## Why it matters

A counter only grows: once it has passed the number, it stays there until the process restarts. What is meant is how
much it grew of late.

## Bad

```promql
sum(payments_total{outcome="refused"}) > 100
```

## Good

```promql
sum(increase(payments_total{outcome="refused"}[1h])) > 100
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.comparisons import comparisons
from tocsin.checks.problem import Problem

ID = "promql/counter-compared"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each comparison of a counter with a number."""
    for expression in case.expressions:
        for found in comparisons(expression):
            if found.shape.nature in ("counter", "bucket") and found.shape.presence != "never":
                yield expression.problem(
                    ID,
                    found.series.span,
                    f"{expression.part(found.series.span)} counts since the process began: compare what it grew by, "
                    "as increase(...[1h])",
                    "error" if found.op in (">", ">=") else "warning",
                )
