"""Two things are added or compared that are measured in different units.

## Why it matters

Milliseconds are a thousand times as many as seconds, and bytes are no seconds at all: the comparison is decided by the
units, not by what is measured.

## Bad

```promql
process_virtual_memory_bytes - process_start_time_seconds
```

## Good

```promql
process_virtual_memory_bytes - process_resident_memory_bytes
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.promql.tree import Binary

ID = "promql/mixed-units"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each sum, difference or comparison of two known units that differ."""
    for expression in case.expressions:
        for node, _ in expression.nodes():
            if isinstance(node, Binary) and (node.compares or node.op in ("+", "-", "%")):
                left, right = (expression.shapes[side].unit for side in (node.left, node.right))
                if left is not None and right is not None and left.differs(right):
                    yield expression.problem(
                        ID, node.operator, f"the left side is measured in {left}, the right in {right}: convert one"
                    )
