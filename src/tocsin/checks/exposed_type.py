"""A metric is exposed as one of another type than was declared.

## Why it matters

A rule takes the rate of a counter and the value of a gauge: of the other, either is a number without meaning, and
nothing complains.

## Bad

```text
# HELP payments_total Payments tried.
# TYPE payments_total gauge
payments_total{outcome="taken"} 12
payments_total{outcome="refused"} 0
payments_total{outcome="other"} 0
```

## Good

```text
# HELP payments_total Payments tried.
# TYPE payments_total counter
payments_total{outcome="taken"} 12
payments_total{outcome="refused"} 0
payments_total{outcome="other"} 0
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.exposed import held
from tocsin.checks.problem import Problem

ID = "conform/type"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each signal that is exposed as another type, or as none."""
    for each in held(case):
        seen, asked = each.family.kind, each.signal.kind
        if seen != asked:
            said = f"as a {seen}" if seen else "without its type"
            yield each.problem(ID, f"it is exposed {said}, and declared as a {asked}: make it a {asked}")
