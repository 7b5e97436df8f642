"""An alert's series are chosen by topk() or its like.

## Why it matters

Which series are chosen changes from one evaluation to the next. Whenever one falls out, its `for` begins anew, or it is
said to be resolved: the alert flaps, or does not ring at all.

## Bad

```yaml
- alert: RouteFails
  expr: topk(3, sum by (route) (rate(http_requests_total{status_code=~"5.."}[5m]))) > 3
```

## Good

```yaml
- alert: RouteFails
  expr: sum by (route) (rate(http_requests_total{status_code=~"5.."}[5m])) > 3
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.promql.tree import Aggregate, results

ID = "promql/topk-in-alert"

_CHOOSING = frozenset(("topk", "bottomk", "limitk", "limit_ratio"))


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each alert whose own series are chosen anew each time."""
    for rule in case.alerts:
        for node in results(rule.expression.tree) if rule.expression.tree else ():
            if isinstance(node, Aggregate) and node.op in _CHOOSING:
                yield rule.expression.problem(
                    ID,
                    node.named,
                    f"{node.op}() chooses other series each time, so the alert flaps: alert on all that pass",
                    "warning",
                )
