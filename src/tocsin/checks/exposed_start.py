"""A series of a counter is not there before its first event.

## Why it matters

Prometheus does not see a series that is born at 1 grow: the first error after a deploy is no increase, and rings
nothing. Each series that is known beforehand has to be there at 0, from the start.

## Bad

```text
# HELP payments_total Payments tried.
# TYPE payments_total counter
payments_total{outcome="taken"} 12
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

import itertools
from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.exposed import held, some
from tocsin.checks.problem import Problem
from tocsin.model import Gauge

ID = "conform/uninitialised"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each counter and histogram that lacks a series of which all labels are known."""
    for each in held(case):
        signal = each.signal
        if signal.closed and not isinstance(signal, Gauge):
            names = [label.name for label in signal.labels]
            seen = {tuple(sample.labels.get(name, "") for name in names) for sample in each.family.samples}
            asked = itertools.product(*(label.domain for label in signal.labels))
            missing = [values for values in asked if values not in seen]
            if missing:
                yield each.problem(ID, _message(names, missing))


def _message(names: list[str], missing: list[tuple[str, ...]]) -> str:
    if not names:
        return "it has no series yet: start it at 0"
    spelled = (",".join(f'{name}="{value}"' for name, value in zip(names, values, strict=True)) for values in missing)
    return f"there is no series with {some(spelled)}: start each at 0 when the service starts"
