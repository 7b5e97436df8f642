"""A rate is taken of counters that were added up before.

## Why it matters

When one process restarts, the sum falls by what that one had counted, and rate() takes the fall for a restart of all:
it counts what is left of the sum as growth. Take the rate of each counter first, and add up the rates.

## Bad

```promql
rate(sum(payments_total)[5m:1m])
```

## Good

```promql
sum(rate(payments_total[5m]))
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.promql.functions import RATES
from tocsin.promql.tree import Call

ID = "promql/rate-of-sum"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each rate of aggregated counters, be they recorded or in a subquery."""
    for expression in case.expressions:
        for node, _ in expression.nodes():
            if isinstance(node, Call) and node.function in (*RATES, "resets") and node.args:
                shape = expression.shapes[node.args[0]]
                if shape.nature in ("counter", "bucket") and shape.summed:
                    yield expression.problem(
                        ID,
                        node.args[0].span,
                        f"each restart among these counters looks like growth of the whole sum: take the "
                        f"{node.function}() of each, then add them up",
                    )
