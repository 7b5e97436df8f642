"""A sum, an average or a quantile is taken of series that have none: of quantiles, or of a histogram's buckets.

## Why it matters

The average of the quantiles of two instances is the quantile of nothing: an instance that answers one request weighs
as much as one that answers a thousand. Buckets count each event once for every bound that it lies under, so a sum of
them counts it many times, and quantile() of them is a quantile of counts.

## Bad

```promql
avg(histogram_quantile(0.95, sum by (le, route) (rate(http_request_duration_seconds_bucket[5m]))))
```

## Good

```promql
histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case, Expression
from tocsin.checks.problem import Problem
from tocsin.checks.quantiles import quantiles
from tocsin.promql.shape import Shape
from tocsin.promql.tree import Aggregate, Node

ID = "promql/wrong-average"

_MIXING = frozenset(("sum", "avg", "stddev", "stdvar", "quantile"))


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each aggregation of what cannot be aggregated."""
    for expression in case.expressions:
        asked: set[Node] = {node for _, buckets, _ in quantiles(expression) for node in buckets.walk()}
        for node, shape in expression.nodes():
            if isinstance(node, Aggregate) and node.op in _MIXING:
                why = _wrong(expression, node, shape, asked=node in asked)
                if why:
                    yield expression.problem(ID, node.named, why)


def _wrong(expression: Expression, node: Aggregate, shape: Shape, *, asked: bool) -> str:
    inner = expression.shapes[node.expr]
    if inner.nature == "estimate":
        return f"the {node.op} of quantiles means nothing: sum the rates of the buckets by (le) below the quantile"
    if inner.nature == "quantile":
        return f"the {node.op} of a summary's quantiles means nothing: take a histogram, or max() of them"
    if inner.nature not in ("bucket", "bucket rate"):
        return ""
    if node.op == "quantile":
        return "this is a quantile of counts: ask histogram_quantile() for one of what was observed"
    values = inner.labels.values("le")
    several = values is None or len(values) > 1
    if several and not asked and shape.labels.impossible("le"):
        return f"this {node.op} counts an event once for each bucket that it lies in: take _count, or one `le`"
    return ""
