"""An alert does not say on which fault it rings.

## Why it matters

Nothing can be proved of it: nobody knows what it is for, and it may never ring at all.

## Bad

```python
Alert(
    "NothingSold",
    when="sum(rate(sales_total[10m])) < 0.1",
    within="12m",
    severity="warning",
    because="Nobody buys.",
    runbook="runbooks/nothing-sold.md",
)
Counter("sales_total", "Sales.")
```

## Good

```python
Alert(
    "NothingSold",
    when="sum(rate(sales_total[10m])) < 0.1",
    within="12m",
    severity="warning",
    because="Nobody buys.",
    rings_on=Silence(Counter("sales_total", "Sales.")),
    runbook="runbooks/nothing-sold.md",
)
Counter("sales_total", "Sales.")
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem

ID = "alert/no-fault"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each declared alert without a fault."""
    for service in case.plan.catalog.services if case.plan else ():
        for alert in service.alerts:
            if not alert.faults:
                yield Problem(
                    ID,
                    f"{service.name}/{alert.name}",
                    "no fault makes it ring: say which one in rings_on, like rings_on=Errors(0.5)",
                    alert.name,
                )
