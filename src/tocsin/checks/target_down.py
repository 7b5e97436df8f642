"""A running Prometheus cannot scrape a target, or has none for a service.

## Why it matters

Nothing is known of it: every rule about it is silent, and every panel empty.

## Bad

```text
up{job="checkout"} 0
```

## Good

```text
up{job="checkout"} 1
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem

ID = "live/target-down"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each target that is down, and for each service without one."""
    live = case.observation.live
    if live is None:
        return
    jobs = {service.name for service in case.plan.catalog.services} if case.plan else None
    for target in live.targets:
        if target.why and (jobs is None or target.job in jobs):
            yield Problem(ID, f"{target.job}/{target.instance}", f"its last scrape failed: {target.why}", target.job)
    for missing in sorted((jobs or set()) - {target.job for target in live.targets}):
        yield Problem(ID, missing, f"Prometheus has no target of the job {missing}: add it to what is scraped", missing)
