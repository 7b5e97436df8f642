"""An alert promises to ring sooner than it can.

The time is counted that passes in any case: until what stopped has left the window of `rate(...) == 0`, or until
`time() - last > N` has come to N; then `for`; then one evaluation.

## Why it matters

*within* is the promise that is proven with every drill. One that cannot be kept is found there, an hour later.

## Bad

```python
Alert(
    "SalesStalled",
    when="sum(rate(sales_total[10m])) == 0",
    lasting="5m",
    within="12m",
    severity="warning",
    because="Nobody knows what was sold.",
    rings_on=Silence(Counter("sales_total", "Sales.")),
    runbook="runbooks/sales-stalled.md",
)
Counter("sales_total", "Sales.")
```

## Good

```python
Alert(
    "SalesStalled",
    when="sum(rate(sales_total[10m])) == 0",
    lasting="5m",
    within="17m",
    severity="warning",
    because="Nobody knows what was sold.",
    rings_on=Silence(Counter("sales_total", "Sales.")),
    runbook="runbooks/sales-stalled.md",
)
Counter("sales_total", "Sales.")
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.condition import soonest
from tocsin.checks.problem import Problem

ID = "alert/late"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each alert whose promise is shorter than its conditions take."""
    for rule in case.alerts:
        if rule.within is None or not rule.faults:
            continue
        least = soonest(rule.expression) + rule.lasting + rule.interval
        if least > rule.within:
            message = f"it promises to ring within {rule.within:g} s, but takes {least:g} s at least: promise less"
            yield rule.problem(ID, message)
