"""A runbook is no alert's: nothing leads to it.

## Why it matters

It was written for an alert that is gone or has another name now; whoever is woken by that finds less than there is.

## Bad

```text
runbooks/service-down.md
checkout/runbooks/printer-down.md
```

## Good

```text
runbooks/service-down.md
checkout/runbooks/payments-stall.md
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.checks.written import runbooks

ID = "runbook/no-alert"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each page that no alert names."""
    for page in runbooks(case):
        if not page.rules:
            yield page.problem(ID, "no alert names it: name it as the runbook of one, or remove it", severity="warning")
