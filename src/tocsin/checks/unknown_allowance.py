"""A comment allows a check that does not exist, or says something else than `allow`.

## Why it matters

It was meant to allow something and does not; or the check has another name, and the comment has no effect.

## Bad

```yaml
# tocsin: allow promql/syntaxx because the file is written for a newer Prometheus
- record: checkout:up
  expr: sum(up)
```

## Good

```yaml
- record: checkout:up
  expr: sum(up)
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin import checks
from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.model import Passage

ID = "check/unknown-allowance"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each comment that names no check."""
    for allowance in case.observation.allowances:
        if allowance.check not in checks.CHECKS:
            said = (
                f"there is no check {allowance.check!r}: `tocsin explain` without a name lists them"
                if allowance.check
                else "write `tocsin: allow CHECK because REASON`"
            )
            passage = Passage.at("", allowance.place)
            yield Problem(ID, allowance.check or "tocsin:", said, allowance.check, passage=passage)
