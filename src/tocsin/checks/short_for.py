"""An alert must last for less than one evaluation.

Judged where the interval is known: that of a catalog, or the one that a group of rules names.

## Why it matters

Rules are looked at once in an interval. `for: 10s` with an interval of 30 seconds is `for: 30s`, and whoever wrote it
believed in something that cannot be.

## Bad

```yaml
- alert: QueueFull
  expr: queue_length > 1000
  for: 10s
```

## Good

```yaml
- alert: QueueFull
  expr: queue_length > 1000
  for: 2m
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem

ID = "alert/short-for"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each alert that an evaluation is too slow for."""
    for rule in case.alerts:
        if rule.paced and 0 < rule.lasting < rule.interval:
            message = (
                f"it must last {rule.lasting:g} s, but is looked at once in {rule.interval:g} s: "
                "leave `for` out, or make it longer than that"
            )
            yield rule.problem(ID, message, "warning")
