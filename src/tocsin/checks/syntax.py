"""An expression is no PromQL, or only newer versions of Prometheus would read it.

## Why it matters

Prometheus refuses the whole rule file, and every alert in it is silent.

## Bad

```promql
sum(rate(http_requests_total[5]))
```

## Good

```promql
sum(rate(http_requests_total[5m]))
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin import promql
from tocsin.checks.expressions import expressions
from tocsin.checks.problem import Problem
from tocsin.derive import Plan
from tocsin.model import Observation

ID = "promql/syntax"


def check(plan: Plan, _: Observation) -> Iterator[Problem]:
    """Yield a problem for each expression that cannot be parsed."""
    for expression in expressions(plan):
        if problem := promql.syntax_problem(expression.text):
            yield Problem(ID, expression.subject, f"{problem.message}: {expression.text}", expression.declared)
