"""A service exposes a metric that nobody declares.

What Prometheus, the SDK and the runtime's own libraries add is let through.

## Why it matters

Nobody promised it: it may change its name tomorrow, it has no panel, and no check knows its labels.

## Bad

```text
up{job="checkout"} 1
count(payment_total{job="checkout"}) 3
count(payments_total{job="checkout"}) 3
count(fraud_score_count{job="checkout"}) 1
```

## Good

```text
up{job="checkout"} 1
count(payments_total{job="checkout"}) 3
count(fraud_score_count{job="checkout"}) 1
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.metrics import UNDECLARED
from tocsin.checks.problem import Problem

ID = "live/undeclared"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each metric of a service that its declarations do not name."""
    live = case.observation.live
    if case.plan is None or live is None or live.series is None:
        return
    services = {service.name for service in case.plan.catalog.services}
    for job, name in sorted(live.series):
        known = name in case.world.metrics or name.removesuffix("_created") in case.world.bases
        if job in services and not known and not name.startswith(UNDECLARED):
            yield Problem(ID, f"{job}/{name}", f"{job} exposes it, and nobody declares it", job, "warning")
