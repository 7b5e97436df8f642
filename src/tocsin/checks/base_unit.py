"""A metric is measured in a unit that is no base unit.

Prometheus's conventions ask for seconds, bytes, ratios from 0 to 1, celsius, meters, volts, amperes, joules and grams.

## Why it matters

One service counts milliseconds, the next one seconds, and a threshold copied from one to the other is wrong by a
thousand. Grafana scales base units by itself.

## Bad

```python
Histogram("render_duration_milliseconds", "Time to render.", buckets=(10, 100, 1000))
```

## Good

```python
Histogram("render_duration_seconds", "Time to render.", buckets=(0.01, 0.1, 1))
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.metrics import metrics
from tocsin.checks.problem import Problem

ID = "metric/base-unit"

_ENDINGS = re.compile(r"_(?:total|sum|count|bucket|created|info)$")
_INSTEAD = {
    **dict.fromkeys(("milliseconds", "millis", "msec", "ms", "microseconds", "nanoseconds", "ns"), "seconds"),
    **dict.fromkeys(("minutes", "hours", "days", "secs", "sec"), "seconds"),
    **dict.fromkeys(("bits", "kilobytes", "megabytes", "gigabytes", "kb", "mb", "gb", "tb", "kib", "mib"), "bytes"),
    **dict.fromkeys(("gib", "tib"), "bytes"),
    **dict.fromkeys(("percent", "percentage", "pct"), "ratio"),
    "fahrenheit": "celsius",
    **dict.fromkeys(("kilometers", "centimeters", "millimeters", "miles", "inches", "feet"), "meters"),
    **dict.fromkeys(("kilograms", "pounds"), "grams"),
}
"""Words that say a unit, and the base unit that Prometheus's conventions ask for in its place."""


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each metric whose name says another unit."""
    for metric in metrics(case):
        name = metric.name.lower()
        while (shorter := _ENDINGS.sub("", name)) != name:
            name = shorter
        word = name.rpartition("_")[2]
        if word in _INSTEAD:
            yield metric.problem(ID, f"it is measured in {word}: use {_INSTEAD[word]}, and say so in its name")
