"""No route takes an alert of this severity.

Judged where the routes are known, as those of a catalog are.

## Why it matters

Alertmanager hands what matches no route to the default receiver, which is often nobody.

## Bad

The routes of a catalog of the team `shop`, which has alerts of both severities.

```text
slack severity=warning team=shop
```

## Good

```text
pagerduty severity=critical team=shop
slack severity=warning team=shop
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case, Rule
from tocsin.checks.problem import Problem
from tocsin.derive import Plan, Route

ID = "alert/no-route"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each alert that nobody is told of."""
    if case.plan is None:
        return
    for rule in case.alerts:
        if route(case.plan, rule) is None:
            severity = rule.labels["severity"].text
            team = rule.labels["team"].text
            message = f"no route takes alerts of severity {severity} of the team {team}: nobody is told"
            yield rule.problem(ID, message)


def route(plan: Plan, rule: Rule) -> Route | None:
    """Return the route that an alert takes."""
    labels = {"alertname": rule.name, **{name: text.text for name, text in rule.labels.items()}}
    return next((each for each in plan.routes if each.labels.items() <= labels.items()), None)
