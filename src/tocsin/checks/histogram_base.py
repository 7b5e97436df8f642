"""An expression reads a histogram by its own name, under which it has no series.

## Why it matters

A histogram `x` is stored as `x_bucket`, `x_sum` and `x_count`; `x` itself matches nothing. The result is empty: the
alert can never ring, and the panel stays blank.

## Bad

```promql
histogram_quantile(0.95, http_request_duration_seconds)
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
from tocsin.promql.tree import Call, Node, Selector

ID = "promql/histogram-base"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each selector of a histogram's own name."""
    for expression in case.expressions:
        asked = {part for node, _ in expression.nodes() if _quantile(node) for part in node.walk()}
        for node, _ in expression.nodes():
            if isinstance(node, Selector) and node.metric in case.world.bases:
                name = node.metric
                if node in asked:
                    instead = f"ask for the quantile of sum by (le) (rate({name}_bucket[5m]))"
                else:
                    instead = f"its mean is sum(rate({name}_sum[5m])) / sum(rate({name}_count[5m]))"
                message = f"{name} is a histogram, which has no series of that name: {instead}"
                yield expression.problem(ID, node.named, message)


def _quantile(node: Node) -> bool:
    return isinstance(node, Call) and node.function == "histogram_quantile"
