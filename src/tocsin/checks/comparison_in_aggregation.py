"""An aggregation adds up or averages only those series that pass a comparison.

## Why it matters

A comparison drops the series that do not pass it before they are added up. `sum(x > 5)` is no question about the sum:
ten series of 4 each give nothing, though together they are 40.

## Bad

```promql
sum(rate(payments_total[5m]) > 5)
```

## Good

```promql
sum(rate(payments_total[5m])) > 5
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.comparisons import comparisons
from tocsin.checks.problem import Problem
from tocsin.promql.tree import Aggregate, bare

ID = "promql/comparison-in-aggregation"

_MIXING = frozenset(("sum", "avg", "stddev", "stdvar", "quantile"))


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each aggregation right above a comparison with a number other than 0."""
    for expression in case.expressions:
        above = {
            bare(node.expr): node
            for node, _ in expression.nodes()
            if isinstance(node, Aggregate) and node.op in _MIXING
        }
        for found in comparisons(expression):
            node = above.get(found.node)
            ordered = found.op not in ("==", "!=") and found.node.filters
            if node is not None and ordered and found.bound != 0:
                yield expression.problem(
                    ID,
                    found.node.operator,
                    f"this {node.op} leaves out the series that do not pass: compare the {node.op} itself, "
                    "or count() those that pass",
                    "warning",
                )
