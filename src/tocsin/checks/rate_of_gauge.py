"""rate(), irate() or increase() is asked of something that is no counter.

## Why it matters

They take each fall of a value for a restart, and count what it fell to as growth: of a gauge that only went up and
down they tell of a growth that never was. What is a rate already has no rate that means anything either.

## Bad

```promql
rate(process_resident_memory_bytes[5m])
```

## Good

```promql
deriv(process_resident_memory_bytes[5m])
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.promql.functions import RATES
from tocsin.promql.shape import Nature
from tocsin.promql.tree import Call

ID = "promql/rate-of-gauge"

_WHAT: dict[Nature, str] = {
    "gauge": "a gauge: deriv() tells how fast it changes, delta() by how much",
    "timestamp": "a time: changes() tells how often it moved on",
    "boolean": "0 or 1: changes() tells how often it changed",
    "quantile": "a summary's quantile: ask for the rate of its _sum and _count",
    "estimate": "a quantile: ask for the rate below histogram_quantile(), of the buckets",
    "rate": "a rate already: average it with avg_over_time()",
    "bucket rate": "a rate already: average it with avg_over_time()",
}


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each rate of what is no counter."""
    for expression in case.expressions:
        for node, _ in expression.nodes():
            if isinstance(node, Call) and node.function in RATES and node.args:
                shape = expression.shapes[node.args[0]]
                if shape.nature in _WHAT and shape.presence != "never":
                    yield expression.problem(
                        ID,
                        node.args[0].span,
                        f"{node.function}() is for counters, and this is {_WHAT[shape.nature]}",
                    )
