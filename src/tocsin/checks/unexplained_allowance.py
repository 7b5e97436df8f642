"""A comment allows something without a reason.

## Why it matters

Whoever comes next cannot tell whether it still holds, and nobody dares to remove it.

## Bad

```yaml
# tocsin: allow alert/no-comparison
- alert: Watchdog
  expr: checkout:always
```

## Good

```yaml
# tocsin: allow alert/no-comparison because it has to ring always
- alert: Watchdog
  expr: checkout:always
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.model import Passage

ID = "check/unexplained-allowance"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each comment that gives no reason."""
    for allowance in case.observation.allowances:
        if allowance.check and not allowance.because:
            said = f"say why: `tocsin: allow {allowance.check} because REASON`"
            yield Problem(ID, allowance.check, said, allowance.check, passage=Passage.at("", allowance.place))
