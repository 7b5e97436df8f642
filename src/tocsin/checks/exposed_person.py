"""The value of a label holds personal data, or a secret.

## Why it matters

Every scrape copies it into a database that many can read, that keeps it for months, and from which nothing can be
deleted for one person. Found are e-mail addresses, phone numbers, card numbers (by Luhn's check digit), tokens, and
passwords in addresses; the same forms as are redacted in logs.

## Bad

```text
# HELP payments_total Payments tried.
# TYPE payments_total counter
payments_total{outcome="jane.doe@example.com"} 1
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
from tocsin.checks.exposed import looked_at, personal
from tocsin.checks.problem import Problem
from tocsin.model import Passage
from tocsin.model.forms import redact_forms

ID = "conform/personal-data"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each label that has such values; what they are is not said again."""
    found = looked_at(case)
    if found is None:
        return
    service, exposed = found
    for family in exposed.families.values():
        held = {name: s for s in reversed(family.samples) for name, value in s.labels.items() if personal(value)}
        for name, sample in held.items():
            shown = redact_forms(sample.labels[name])
            message = f"its label {name!r} holds what is personal or secret, like {shown!r}: leave it out"
            place = Passage.at("", sample.place)
            yield Problem(ID, f"{service.name}/{family.name}", message, family.name, "error", place)
