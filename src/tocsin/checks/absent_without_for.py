"""An alert on absent() rings at once, with no `for`.

## Why it matters

Right after Prometheus starts, before its first scrape, everything is absent; so is a service while it is being
replaced. Each restart pages somebody for nothing.

## Bad

```yaml
- alert: CheckoutGone
  expr: absent(up{job="checkout"})
```

## Good

```yaml
- alert: CheckoutGone
  expr: absent(up{job="checkout"})
  for: 5m
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.promql.tree import Call, results

ID = "promql/absent-without-for"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each alert that can ring on absent() at once."""
    for rule in case.alerts:
        if rule.lasting > 0 or rule.expression.tree is None:
            continue
        for node in results(rule.expression.tree):
            if isinstance(node, Call) and node.function in ("absent", "absent_over_time"):
                yield rule.expression.problem(
                    ID,
                    node.named,
                    f"{node.function}() holds whenever Prometheus has just started: give the alert a `for`, like 5m",
                    "warning",
                )
