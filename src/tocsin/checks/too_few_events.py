"""At the traffic that a service declares, its objective pages later than it says.

The page for a fast burn looks at one hour, and waits for `min_failures` failures in it.

## Why it matters

With few requests, the budget of an hour is less than one failure. The page then comes only when many times as much
has been spent as the policy allows, and nobody knows that.

## Bad

```python
Traffic(rps=0.05)
Availability(0.999)
```

## Good

```python
Traffic(rps=0.05)
Availability(0.95)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.model import Availability, Latency, Objective

ID = "objective/too-few-events"

_FACTOR = 14.4
_HOUR = 3600


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each objective on requests of which there are too few."""
    for service in case.plan.catalog.services if case.plan else ():
        for objective in service.objectives:
            if not _on_requests(objective):
                continue
            allowed = service.traffic.rps * _HOUR * min(_FACTOR * objective.budget, 1)
            if allowed < objective.min_failures:
                message = (
                    f"at {service.traffic.rps:g} requests a second a fast burn is {allowed:.2g} failures an hour, but "
                    f"it pages after {objective.min_failures}: promise less than {objective.ratio:g}, or lower "
                    "min_failures"
                )
                yield Problem(ID, f"{service.name}/{objective.name}", message, objective.name, "warning")


def _on_requests(objective: Objective) -> bool:
    return isinstance(objective, Availability) or (isinstance(objective, Latency) and objective.of is None)
