"""A declared metric is on no board and in no rule.

## Why it matters

It costs memory in the service and in Prometheus, and nobody looks at it: when it tells of a fault, nobody hears.

## Bad

```python
Counter("letters_total", "Letters.")
```

## Good

```python
LETTERS = Counter("letters_total", "Letters.")
LETTERS
Panel("Letters", (Query(f"sum(rate({LETTERS}[5m])) * 60"),), unit="cpm", help="A fall means that nobody writes.")
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.promql.tree import Selector

ID = "board/unseen-metric"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each metric that a service declares and that nothing reads."""
    if case.plan is None:
        return
    read = {node.metric for each in case.expressions for node, _ in each.nodes() if isinstance(node, Selector)}
    for service in case.plan.catalog.services:
        for signal in service.signals:
            if read.isdisjoint((signal.name, *signal.series_names)):
                message = "no panel and no rule reads it: draw it, alert on it, or remove it"
                yield Problem(ID, f"{service.name}/{signal.name}", message, signal.name, "warning")
