"""A comparison always holds, whatever the metrics say.

## Why it matters

It keeps every series: an alert with it rings from the first evaluation on, and nobody believes it when it matters.

## Bad

```promql
up >= 0
```

## Good

```promql
up == 0
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.checks.unreachable import decided, spelled
from tocsin.promql.tree import Aggregate, Binary, Call, Node

ID = "promql/always-true"

_ABSENT = ("absent", "absent_over_time", "present_over_time")


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each comparison that is true for all values of its sides."""
    for expression in case.expressions:
        for node, _ in expression.nodes():
            if isinstance(node, Binary) and node.compares and not _told(node) and decided(expression, node):
                left = expression.shapes[node.left]
                yield expression.problem(
                    ID,
                    node.span,
                    f"{expression.part(node.left.span)} is {spelled(left)}, so it is always {node.op} "
                    f"{expression.part(node.right.span)}",
                    "warning",
                )


def _told(node: Binary) -> bool:
    """Tell whether a result is there only under a condition, as in `count(up == 0) > 0` or `absent(up) == 1`."""
    return any(_conditional(part) for side in node.children() for part in side.walk())


def _conditional(node: Node) -> bool:
    if isinstance(node, Binary):
        return node.filters or node.op in ("and", "unless")
    if isinstance(node, Call):
        return node.function in _ABSENT
    return isinstance(node, Aggregate) and node.op in ("count", "group", "count_values")
