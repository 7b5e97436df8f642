"""An expression reads a metric, a label, or a value of a closed label that nobody declares.

## Why it matters

Prometheus answers with an empty vector, not with an error: the alert can never ring, and nobody is told.

## Bad

```promql
sum(rate(http_request_total[5m]))
```

## Good

```promql
sum(rate(http_requests_total{status_code="500"}[5m]))
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.promql.labels import matches
from tocsin.promql.shape import Shape
from tocsin.promql.tokens import Span
from tocsin.promql.tree import Selector

ID = "promql/undeclared"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each selector that can match nothing there is."""
    if not case.world.complete:
        return
    for expression in case.expressions:
        for node, _ in expression.nodes():
            if isinstance(node, Selector) and node.metric and node.metric not in case.world.bases:
                known = case.world.metrics.get(node.metric)
                if known is None:
                    yield expression.problem(ID, node.named, f"nobody declares the metric {node.metric!r}")
                else:
                    for span, message in _unknown(node, known):
                        yield expression.problem(ID, span, message)


def _unknown(node: Selector, known: Shape) -> Iterator[tuple[Span, str]]:
    for matcher in node.matchers:
        values = known.labels.values(matcher.label)
        if matcher.operator not in ("=", "=~") or values is None or matcher.value == "":
            continue
        if known.labels.impossible(matcher.label):
            yield matcher.span, f"{node.metric} has no label {matcher.label!r}"
        elif not any(matches(matcher, value) for value in values):
            yield matcher.span, f"{node.metric} never has {matcher.label}={matcher.value!r}"
