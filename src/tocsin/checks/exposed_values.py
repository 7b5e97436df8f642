"""A label has a value that was not declared, or more values than it may have.

## Why it matters

A rule that adds up the declared values does not see it, and a board does not show it. A set that grows without a bound
is one series more for each value, until Prometheus is out of memory.

## Bad

```text
# HELP payments_total Payments tried.
# TYPE payments_total counter
payments_total{outcome="taken"} 12
payments_total{outcome="refused"} 0
payments_total{outcome="declined"} 3
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
from tocsin.checks.exposed import Held, held, personal, some
from tocsin.checks.problem import Problem
from tocsin.model import OTHER, Label

ID = "conform/values"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each label with values that it never has, or with too many."""
    for each in held(case):
        for label in each.signal.labels:
            yield from _closed(each, label) if label.closed else _open(each, label)


def _closed(each: Held, label: Label) -> Iterator[Problem]:
    found = [sample for sample in each.family.samples if sample.labels.get(label.name, OTHER) not in _known(label)]
    strange = [sample for sample in found if not personal(sample.labels[label.name])]
    if strange:
        values = some(repr(value) for value in dict.fromkeys(sample.labels[label.name] for sample in strange))
        message = f"its label {label.name!r} never is {values}: count that as {OTHER!r}, or declare it"
        yield each.problem(ID, message, sample=strange[0])


def _known(label: Label) -> frozenset[str]:
    return frozenset((*label.domain, OTHER))


def _open(each: Held, label: Label) -> Iterator[Problem]:
    values = {sample.labels.get(label.name, OTHER) for sample in each.family.samples} - {OTHER}
    if len(values) > label.limit:
        message = (
            f"its label {label.name!r} has {len(values)} values, and may have {label.limit}: "
            "give it fewer, such as templates of routes for their paths, or raise its limit"
        )
        yield each.problem(ID, message)
