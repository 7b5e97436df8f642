"""An average over time is taken of what is NaN whenever nothing happens.

## Why it matters

A ratio of two rates is 0/0 in an idle minute. One NaN makes the average or sum of the whole window NaN, for as long as
the window is: an objective over 30 days is blind for 30 days after one quiet night.

## Bad

```yaml
- record: checkout:errors:ratio1d
  expr: avg_over_time((sum(rate(failures_total[5m])) / sum(rate(tries_total[5m])))[1d:5m])
```

## Good

```yaml
- record: checkout:errors:ratio1d
  expr: avg_over_time((sum(rate(failures_total[5m])) / (sum(rate(tries_total[5m])) > 0))[1d:5m])
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.promql.tree import Call

ID = "objective/nan-on-idle"

_SPOILT = ("avg_over_time", "sum_over_time", "stddev_over_time", "stdvar_over_time")


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each average that one idle moment spoils."""
    for expression in case.expressions:
        for node, _ in expression.nodes():
            if isinstance(node, Call) and node.function in _SPOILT and expression.shapes[node.args[0]].idle:
                inner = expression.part(node.args[0].span)
                shown = inner if len(inner) <= 40 else f"{inner[:37]}..."  # noqa: PLR2004 - what a line has room for
                message = f"one idle moment makes it NaN for the whole window: let {shown} be empty then, with `> 0`"
                yield expression.problem(ID, node.span, message)
