"""The route of an alert goes to a channel that is not for its severity.

Judged where the routes are known, as those of a catalog are: critical is for PagerDuty, warning for Slack.

## Why it matters

A page that goes to a chat is read in the morning, and a warning that wakes somebody is soon ignored, and the next
page with it.

## Bad

The routes of a catalog of the team `shop`, which has alerts of both severities.

```text
slack severity=critical team=shop
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

from tocsin.checks.case import Case
from tocsin.checks.no_route import route
from tocsin.checks.problem import Problem

ID = "alert/severity-at-odds"

_MEANT = {"critical": "pagerduty", "warning": "slack"}


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each alert that the wrong channel is told of."""
    if case.plan is None:
        return
    for rule in case.alerts:
        severity, taken = rule.labels["severity"].text, route(case.plan, rule)
        if taken is not None and severity in _MEANT and taken.channel != _MEANT[severity]:
            yield rule.problem(ID, f"its severity is {severity}, but its route goes to {taken.channel}")
