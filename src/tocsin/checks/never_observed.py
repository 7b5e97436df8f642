"""A declared metric has no series in a running Prometheus, though its service is scraped.

## Why it matters

The code never records it, under this name at least. Rules and panels that read it are silent and empty.

## Bad

```text
up{job="checkout"} 1
count(payments_total{job="checkout"}) 3
```

## Good

```text
up{job="checkout"} 1
count(payments_total{job="checkout"}) 3
count(fraud_score_bucket{job="checkout"}) 4
count(fraud_score_sum{job="checkout"}) 1
count(fraud_score_count{job="checkout"}) 1
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem

ID = "live/never-observed"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each signal that a service which is up does not expose."""
    live = case.observation.live
    if case.plan is None or live is None or live.series is None:
        return
    healthy = {target.job for target in live.targets if not target.why}
    for service in case.plan.catalog.services:
        for signal in service.signals if service.name in healthy else ():
            if not any(live.series.get((service.name, name)) for name in signal.series_names):
                maybe = "" if signal.closed else ", or nothing has happened yet"
                message = f"{service.name} is scraped, but does not expose it: the code never records it{maybe}"
                yield Problem(ID, f"{service.name}/{signal.name}", message, signal.name, "warning")
