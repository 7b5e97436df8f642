"""A comment allows what is not found any more.

It belongs to the rule, the panel or the declaration that it stands above or in.

## Why it matters

It would hide the next mistake of the same kind.

## Bad

```yaml
# tocsin: allow promql/syntax because the file is written for a newer Prometheus
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

ID = "check/unused-allowance"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each comment that nothing needed."""
    for allowance in case.unused:
        if allowance.check in checks.CHECKS:
            said = f"{allowance.check} finds nothing there: remove the comment, or put it above what it is about"
            passage = Passage.at("", allowance.place)
            yield Problem(ID, allowance.check, said, allowance.check, "warning", passage)
