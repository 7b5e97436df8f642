"""A label is used that what lies below cannot have: an aggregation dropped it, or it never was there.

## Why it matters

Grouping by a label that is not there gives one group; group_left of it takes over nothing. Prometheus says nothing,
and the label is missing where somebody counts on it: in a route, in a panel, in the next rule.

## Bad

```promql
sum by (route) (sum by (method) (rate(http_requests_total[5m])))
```

## Good

```promql
sum by (route) (sum by (method, route) (rate(http_requests_total[5m])))
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.absent_label import losing
from tocsin.checks.case import Case, Expression
from tocsin.checks.problem import Problem, Severity
from tocsin.checks.uses import Use, uses
from tocsin.promql.tree import Aggregate

ID = "promql/dropped-label"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each label that is used and cannot be there."""
    for expression in case.expressions:
        for use in uses(expression):
            if losing(expression, use) is None:
                dropping = _dropping(expression, use)
                why = f"the {dropping.op} below drops it" if dropping else "what lies below never has it"
                # A scrape may add labels that no file tells of.
                severity: Severity = "error" if dropping or case.plan else "warning"
                message = f"{use.label} is used {use.how}, but {why}: keep it or leave it out"
                yield expression.problem(ID, use.span, message, severity)


def _dropping(expression: Expression, use: Use) -> Aggregate | None:
    """Return the aggregation below a use that drops its label."""
    for node in use.of.walk():
        if isinstance(node, Aggregate) and not expression.shapes[node.expr].labels.impossible(use.label):
            return node
    return None
