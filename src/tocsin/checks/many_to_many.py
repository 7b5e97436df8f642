"""Several series of one side pair with one of the other, and the operator does not say so.

## Why it matters

Prometheus gives up on the whole expression as soon as two series of a side have the same labels to pair by, unless
group_left or group_right names that side: the rule fails, and its alert is silent.

## Bad

```promql
rate(payments_total[5m]) / on (job, instance) sum by (job, instance) (rate(http_requests_total[5m]))
```

## Good

```promql
rate(payments_total[5m]) / on (job, instance) group_left () sum by (job, instance) (rate(http_requests_total[5m]))
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case, Expression
from tocsin.checks.problem import Problem
from tocsin.promql.matching import extra, meets
from tocsin.promql.tree import SETS, Binary

ID = "promql/many-to-many"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each operator that finds several partners, where their labels are known to differ."""
    for expression in case.expressions:
        for node, _ in expression.nodes():
            if isinstance(node, Binary) and node.op not in SETS:
                message = _judge(expression, node)
                if message:
                    yield expression.problem(ID, node.operator, message)


def _judge(expression: Expression, node: Binary) -> str:
    left, right = expression.shapes[node.left], expression.shapes[node.right]
    if left.kind != "vector" or right.kind != "vector" or not meets(node, left.labels, right.labels):
        return ""
    lefts, rights = (", ".join(extra(node, side.labels)) for side in (left, right))
    if node.group is not None:
        one = rights if node.group == "left" else lefts
        what = f"group_{node.group} wants one series on the other side, where several differ in {one}"
        return f"{what}: aggregate that side first" if one else ""
    if lefts and rights:
        return f"the left side differs in {lefts} and the right in {rights}, so many pair with many: aggregate one side"
    if lefts or rights:
        side, names = ("left", lefts) if lefts else ("right", rights)
        return f"several series of the {side} side, which differ in {names}, pair with one: write group_{side} ()"
    return ""
