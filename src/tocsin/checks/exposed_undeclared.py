"""A service exposes a metric that its catalog does not name.

## Why it matters

Nobody promised it: it may change its name tomorrow, it has no panel, and no check knows its labels. Let through is what
client libraries add (`process_`, `nodejs_`, `go_`, `jvm_` and their like), what begins with `tocsin_`, and what
`--libraries` names.

## Bad

```text
# HELP payments_total Payments tried.
# TYPE payments_total counter
payments_total{outcome="taken"} 12
payments_total{outcome="refused"} 0
payments_total{outcome="other"} 0
# TYPE payments_tried_total counter
payments_tried_total 12
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
from tocsin.checks.exposed import looked_at, of, promised
from tocsin.checks.metrics import UNDECLARED
from tocsin.checks.problem import Problem

ID = "conform/undeclared"

_CREATED = "_created"
"""What some libraries expose beside a metric: when each of its series was born."""


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each metric that nobody declares."""
    found = looked_at(case)
    if found is None:
        return
    service, exposed = found
    declared = {signal.name for signal in promised(service)}
    known = declared | {f"{name.removesuffix('_total')}{_CREATED}" for name in declared}
    for family in exposed.families.values():
        if family.name not in known and not family.name.startswith((*UNDECLARED, *exposed.libraries)):
            subject = f"{service.name}/{family.name}"
            message = "nobody declares it: add it to the service's signals, or expose it no longer"
            yield Problem(ID, subject, message, family.name, "warning", of(family))
