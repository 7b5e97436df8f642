"""A comparison can never hold, whatever the metrics say.

## Why it matters

An alert that waits for it can never ring, and looks just like one that has nothing to say. The usual cause is a
percentage that is compared with a ratio.

## Bad

```promql
sum(rate(payments_total{outcome="refused"}[5m])) / sum(rate(payments_total[5m])) > 5
```

## Good

```promql
sum(rate(payments_total{outcome="refused"}[5m])) / sum(rate(payments_total[5m])) > 0.05
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case, Expression
from tocsin.checks.problem import Problem
from tocsin.promql.interval import Interval, verdict
from tocsin.promql.shape import Shape
from tocsin.promql.tree import Binary

ID = "promql/unreachable"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each comparison that is false for all values of its sides."""
    for expression in case.expressions:
        for node, _ in expression.nodes():
            if isinstance(node, Binary) and node.compares and decided(expression, node) is False:
                left, right = (expression.shapes[side] for side in (node.left, node.right))
                yield expression.problem(
                    ID,
                    node.span,
                    f"{expression.part(node.left.span)} is {spelled(left)}, so it is never {node.op} "
                    f"{expression.part(node.right.span)}{_which(right)}",
                )


def decided(expression: Expression, node: Binary) -> bool | None:
    """Return whether a comparison always or never holds, None where that depends or another check speaks of it."""
    left, right = expression.shapes[node.left], expression.shapes[node.right]
    if "never" in (left.presence, right.presence) or _capped(left) or _capped(right):
        return None
    said = verdict(left.values, node.op, right.values)
    nan = left.idle or right.idle
    return None if said is (node.op != "!=") and nan else said


def spelled(shape: Shape) -> str:
    """Return what a shape's values are, in words."""
    return str(shape.values)


def _capped(shape: Shape) -> bool:
    """Tell whether the top bucket decides; promql/threshold-above-buckets speaks of that."""
    return shape.nature == "estimate" and shape.bounds is not None


def _which(right: Shape) -> str:
    return "" if right.values.single or right.values == Interval() else f", which is {spelled(right)}"
