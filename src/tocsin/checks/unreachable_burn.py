"""A burn rate's threshold, its factor times the error budget, is 1 or more.

What Tocsin derives from an objective stops at 0.9.

## Why it matters

No more than all events can be bad: the ratio never passes 1. An objective of 90 % has a budget of 0.1, and 14.4 times
that is 1.44. The page for the total outage never comes.

## Bad

```yaml
- alert: ErrorBudgetBurn
  expr: slo:sli_error:ratio_rate1h{slo="search"} > 14.4 * 0.1
```

## Good

```yaml
- alert: ErrorBudgetBurn
  expr: slo:sli_error:ratio_rate1h{slo="search"} > 0.9
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.checks.case import Case, Expression
from tocsin.checks.problem import Problem
from tocsin.promql.interval import verdict
from tocsin.promql.tree import Binary, Selector, bare

ID = "objective/unreachable-burn"

_ERROR_RATIO = re.compile(r"error.*ratio|ratio.*error|error_rate|sli_error")


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each comparison of an error ratio with 1 or more."""
    for rule in case.alerts:
        for node, _ in rule.expression.nodes():
            if isinstance(node, Binary) and node.op in (">", ">=") and node.filters:
                yield from _judge(rule.expression, node)


def _judge(expression: Expression, node: Binary) -> Iterator[Problem]:
    ratio = bare(node.left)
    limit = expression.shapes[node.right].values
    if not isinstance(ratio, Selector) or ":" not in ratio.metric or not _ERROR_RATIO.search(ratio.metric):
        return
    proven = verdict(expression.shapes[ratio].values, node.op, limit) is not None
    out_of_reach = limit.low >= 1 if node.op == ">" else limit.low > 1
    if limit.single and out_of_reach and not proven:
        message = f"no error ratio passes {limit.low:g}: the budget is too large for this factor, use at most 0.9"
        yield expression.problem(ID, node.span, message)
