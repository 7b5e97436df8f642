"""histogram_quantile() is asked of buckets whose label `le` was lost.

## Why it matters

`le` says which bucket a series is. Without it there is no quantile: Prometheus drops the series, and the result is
empty for ever.

## Bad

```promql
histogram_quantile(0.95, sum by (route) (rate(http_request_duration_seconds_bucket[5m])))
```

## Good

```promql
histogram_quantile(0.95, sum by (le, route) (rate(http_request_duration_seconds_bucket[5m])))
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.checks.quantiles import quantiles
from tocsin.promql.tokens import Span
from tocsin.promql.tree import Aggregate, Node, Selector

ID = "promql/quantile-without-le"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each quantile of what has no `le`."""
    for expression in case.expressions:
        for _, buckets, shape in quantiles(expression):
            classic = shape.nature in ("bucket", "bucket rate") or _named(buckets)
            if classic and shape.labels.impossible("le"):
                yield expression.problem(
                    ID, _blamed(buckets), "`le` is lost here, and with it the buckets: keep it, as by (le)"
                )


def _named(buckets: Node) -> bool:
    return any(isinstance(node, Selector) and node.metric.endswith("_bucket") for node in buckets.walk())


def _blamed(buckets: Node) -> Span:
    aggregate = next((node for node in buckets.walk() if isinstance(node, Aggregate)), None)
    return aggregate.grouping if aggregate else buckets.span
