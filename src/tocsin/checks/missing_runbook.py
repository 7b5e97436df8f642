"""An alert names a runbook page that does not exist.

## Why it matters

Somebody is woken at night and follows a link to nowhere.

## Bad

```python
Alert("SalesSyncStalled", runbook="runbooks/sales-sink-stalled.md", ...)
```

## Good

```python
Alert("SalesSyncStalled", runbook="runbooks/sales-sync-stalled.md", ...)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.derive import AlertRule

ID = "alert/no-runbook"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each page that alerts name, that was looked for and not found."""
    plan, observation = case.plan, case.observation
    if plan is None or observation.runbooks is None:
        return
    missing: dict[str, list[AlertRule]] = {}
    for rule in plan.alerts:
        own = f"{rule.service}/{rule.runbook}"
        if own not in observation.runbooks and rule.runbook not in observation.runbooks:
            missing.setdefault(rule.runbook, []).append(rule)
    for page, rules in missing.items():
        others = f" (nor for {len(rules) - 1} other alerts)" if rules[1:] else ""
        yield Problem(
            ID, rules[0].subject, f"its runbook {page} does not exist{others}: write that page", rules[0].name
        )
