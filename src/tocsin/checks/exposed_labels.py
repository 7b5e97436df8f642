"""The series of a metric have other labels than were declared.

## Why it matters

A rule that selects by a label that is missing finds nothing; one that is too much makes a series of its own of each of
its values. What the scrape puts on, such as `service`, Prometheus would call `exported_service`.

## Bad

```text
# HELP payments_total Payments tried.
# TYPE payments_total counter
payments_total{outcome="taken",shop="berlin"} 12
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
from tocsin.checks.exposed import held, some
from tocsin.checks.problem import Problem
from tocsin.model import TARGET_LABELS

ID = "conform/labels"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each signal whose series lack a label, and for each that have one too many."""
    for each in held(case):
        declared = [label.name for label in each.signal.labels]
        lacking = [(name, sample) for sample in each.family.samples for name in declared if name not in sample.labels]
        if lacking:
            names, first = dict(lacking), lacking[0][1]
            message = f"there are series without {some(names)}: give every series its {', '.join(declared)}"
            yield each.problem(ID, message, sample=first)
        beyond = [(name, s) for s in each.family.samples for name in each.labels(s) if name not in declared]
        if beyond:
            names, first = dict(beyond), beyond[0][1]
            why = "the scrape puts on" if names.keys() <= set(TARGET_LABELS) else "nobody declares"
            yield each.problem(ID, f"there are series with {some(names)}, which {why}: leave that out", sample=first)
