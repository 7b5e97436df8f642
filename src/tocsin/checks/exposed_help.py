"""The help text of a metric is another than was declared.

## Why it matters

It is what people read where they choose a metric. Two texts for one metric let them doubt that it is one. A full stop
at the end does not count.

## Bad

```text
# HELP payments_total TODO
# TYPE payments_total counter
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

ID = "conform/help"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each signal that is described in other words."""
    for each in held(case):
        if each.chosen and _plain(each.family.help) != _plain(each.signal.help):
            message = f"its help is {each.family.help!r}: write {each.signal.help!r}"
            yield each.problem(ID, message, "warning")


def _plain(text: str) -> str:
    return " ".join(text.split()).removesuffix(".")
