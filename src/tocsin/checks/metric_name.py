"""A metric's name breaks Prometheus's conventions.

A name is in snake_case, without the type of the metric in it, without a colon (which is for recording rules), and
without the endings that belong to other types: `_total` to counters, `_bucket`, `_count` and `_sum` to histograms and
summaries.

## Why it matters

Whoever writes a query guesses the name and the type from the convention; so do Grafana, OpenMetrics parsers and
these checks.

## Bad

```python
Gauge("queueLength", "Letters in the queue.")
```

## Good

```python
Gauge("queue_length", "Letters in the queue.")
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.metrics import Metric, metrics
from tocsin.checks.problem import Problem

ID = "metric/name"

_CAMEL = re.compile(r"[a-z][A-Z]")
_KINDS = ("counter", "gauge", "histogram", "summary")
_OF_HISTOGRAMS = ("_bucket", "_count", "_sum")


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each name that misleads."""
    for metric in metrics(case):
        for message in _wrong(metric):
            yield metric.problem(ID, message)


def _wrong(metric: Metric) -> Iterator[str]:
    name, kind = metric.name, metric.kind
    if ":" in name:
        yield "its name has a colon, which is for recording rules: use an underscore"
    if _CAMEL.search(name):
        yield "its name is in camelCase: write it in snake_case"
    if kind in _KINDS and kind in name.lower().split("_"):
        yield f"its name holds its type: leave {kind!r} out"
    if kind in ("gauge", "histogram", "summary") and name.endswith("_total"):
        yield f"it is a {kind}, but _total is the ending of counters"
    for ending in _OF_HISTOGRAMS:
        if kind in ("counter", "gauge") and name.endswith(ending):
            yield f"it is a {kind}, but {ending} is an ending of histograms and summaries"
