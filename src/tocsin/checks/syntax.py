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
from tocsin.checks.case import Case
from tocsin.checks.problem import Problem

ID = "promql/syntax"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each expression that cannot be parsed, or only by some versions."""
    for expression in case.expressions:
        if expression.tree is not None:
            for span, message in promql.newer(expression.text):
                yield expression.problem(ID, span, message, "warning")
        elif problem := promql.syntax_problem(expression.text):
            yield expression.problem(ID, problem.span, problem.message)
