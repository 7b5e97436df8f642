"""Quotients that are NaN while nothing happens are added up or averaged over several series.

## Why it matters

0 / 0 is NaN, and whatever NaN goes into is NaN too: one idle route makes the average over all routes NaN. Every
comparison with NaN is false, so the alert is silent as long as anything is idle.

## Bad

```promql
avg(sum by (route) (rate(http_requests_total{status_code="500"}[5m])) / sum by (route) (rate(http_requests_total[5m])))
```

## Good

```promql
sum(rate(http_requests_total{status_code="500"}[5m])) / sum(rate(http_requests_total[5m]))
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.promql.tree import Aggregate

ID = "promql/nan-in-sum"

_MIXING = frozenset(("avg", "sum", "stddev", "stdvar"))


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each sum or average of series that can be NaN; promql/wrong-average speaks of quantiles."""
    for expression in case.expressions:
        for node, _ in expression.nodes():
            if isinstance(node, Aggregate) and node.op in _MIXING:
                inner = expression.shapes[node.expr]
                if inner.idle and inner.nature != "estimate" and not inner.labels.single:
                    yield expression.problem(
                        ID,
                        node.expr.span,
                        f"one of these that is idle makes the {node.op} of all NaN: divide {node.op}s, or by what is "
                        "above 0, as in a / (b > 0)",
                        "warning",
                    )
