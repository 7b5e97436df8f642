"""A file that holds a key or an address for Alertmanager is missing.

## Why it matters

Alertmanager and amtool accept the configuration all the same; the page fails when it is due.

## Bad

The files in the folder of secrets, of a catalog with the team `shop`.

```text
heartbeat-token
shop-slack-url
```

## Good

```text
heartbeat-token
shop-pagerduty-key
shop-slack-url
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem

ID = "delivery/missing-secret"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each secret that was looked for and not found."""
    plan, observation = case.plan, case.observation
    if plan is None or observation.secrets is None:
        return
    for name in (route.secret for route in plan.routes):
        if name not in observation.secrets:
            yield Problem(
                ID, name, "the file is missing from the folder of secrets: put the key or address there", name
            )
