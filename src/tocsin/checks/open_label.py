"""A label takes whatever it is given: paths, queries, identifiers, texts of errors.

## Why it matters

Each new value is a new series, for ever: Prometheus's memory grows with every customer, every typing error and every
attack. And a series that is born at 1 has no increase, so that the first error of its kind is never seen.

## Bad

```python
Counter("lookups_total", "Lookups.", (Label("query"),))
```

## Good

```python
Counter("lookups_total", "Lookups.", (Label("outcome", ("found", "empty")),))
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.metrics import Metric, metrics
from tocsin.checks.problem import Problem

ID = "metric/open-label"

_OPEN = re.compile(
    r"(?:(?:request|raw|full|http)_?)?(?:path|url|uri)|query(?:_?string)?|sql|statement"
    r"|(?:error_?)?message|exception_?message|error_?text|stack(?:_?trace)?"
    r"|(?:request|trace|span|order|sale|transaction|message|job_run|correlation|event)_?id|uuid|guid|timestamp|user_?agent|referr?er",
    re.IGNORECASE,
)
_RAW = re.compile(
    r"/\d{2,}(?:/|$)|\?\w+=|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}|\b[0-9a-f]{16,}\b|\s\w+\s\w+\s", re.IGNORECASE
)
_MANY = 50


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each label without end."""
    for metric in metrics(case):
        for name, values in metric.labels.items():
            if values is None and _OPEN.fullmatch(name) and _endless(metric, name):
                message = f"its label {name!r} has no end of values: name a closed set, or leave it out"
                yield metric.problem(ID, message)


def _endless(metric: Metric, name: str) -> bool:
    """Tell whether a label that was seen had many values or raw ones; one that is declared without any has."""
    seen = metric.seen.get(name)
    return seen is None or len(seen) > _MANY or any(_RAW.search(value) for value in seen)
