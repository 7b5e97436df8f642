"""A counter's name does not end with `_total`.

Judged in expositions; a catalog refuses to declare such a counter.

## Why it matters

Whoever reads the name takes it for a gauge, and draws or compares it without `rate()`. OpenMetrics exposes it with
`_total` all the same, so that the name changes with the format of the scrape.

## Bad

```text
# TYPE payments counter
payments 4
```

## Good

```text
# TYPE payments_total counter
payments_total 4
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.metrics import metrics
from tocsin.checks.problem import Problem

ID = "metric/counter-total"

_WITHOUT = ("_total", "_created", "_info")


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each counter that does not look like one."""
    for metric in metrics(case):
        if metric.kind == "counter" and not metric.name.endswith(_WITHOUT):
            yield metric.problem(ID, f"it is a counter: call it {metric.name}_total")
