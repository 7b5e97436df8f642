"""A service has more series in a running Prometheus than its budget.

## Why it matters

Some label has more values than anybody thought, and each new one stays in memory for hours.

## Bad

```text
up{job="checkout"} 1
count(payments_total{job="checkout"}) 20000
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

from collections.abc import Iterator, Mapping

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.model import SERIES

ID = "live/too-many-series"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each service over its budget, or for each job over the usual one."""
    live = case.observation.live
    if live is None or live.series is None:
        return
    for job, (budget, names) in _budgets(case, live.series).items():
        counts = {
            name: count for (of, name), count in live.series.items() if of == job and (not names or name in names)
        }
        if sum(counts.values()) > budget:
            largest = max(counts, key=lambda name: counts[name])
            message = (
                f"it has {sum(counts.values()):,} series, {counts[largest]:,} of them of {largest}, "
                f"but its budget is {budget:,}"
            )
            yield Problem(ID, job, message, job, "warning")


def _budgets(case: Case, series: Mapping[tuple[str, str], int]) -> dict[str, tuple[int, frozenset[str]]]:
    """Return the budget of each job, and the names that it is for, all if none is given."""
    if case.plan is None:
        return {job: (SERIES, frozenset()) for job, _ in series}
    return {
        service.name: (service.series, frozenset(name for signal in service.recorded for name in signal.series_names))
        for service in case.plan.catalog.services
    }
