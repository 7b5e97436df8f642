"""A service may come to more series than its budget.

Counted is the worst case of what it declares: every value of each closed label, the limit of each open one, all of
them together, and for a histogram each bucket. The budget is `Service(series=...)`, 10,000 where it is not given.

## Why it matters

Prometheus keeps every series in memory, and a query reads all of them. Labels multiply: three with 40 values each are
64,000 series, of which one bad day makes all.

## Bad

```python
Histogram(
    "render_seconds", "Time to render.", (Label("template"), Label("theme")), buckets=(0.1, 0.5, 1, 5)
)
```

## Good

```python
Histogram(
    "render_seconds",
    "Time to render.",
    (Label("template", limit=50), Label("theme", ("light", "dark"))),
    buckets=(0.1, 0.5, 1, 5),
)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.derive.cost import worst_case
from tocsin.model import SERIES

ID = "metric/too-many-series"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each service, or each exposition, that is over its budget."""
    if case.plan is None:
        yield from _exposed(case)
        return
    for service in case.plan.catalog.services:
        worst = {signal.name: worst_case(signal) for signal in service.recorded}
        if sum(worst.values()) > service.series:
            largest = max(worst, key=lambda name: worst[name])
            message = (
                f"it may come to {sum(worst.values()):,} series, {worst[largest]:,} of them of {largest}, but its "
                f"budget is {service.series:,}: close or limit a label, or raise Service(series=...)"
            )
            yield Problem(ID, f"{service.name}/{largest}", message, largest, "warning")


def _exposed(case: Case) -> Iterator[Problem]:
    found = case.observation.metrics or {}
    total = sum(metric.series for metric in found.values())
    if total > SERIES:
        largest = max(found.values(), key=lambda metric: metric.series)
        message = f"{total:,} series are exposed, {largest.series:,} of them of this metric: leave a label out"
        yield Problem(ID, largest.name, message, largest.name, "warning")
