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

from tocsin import promql
from tocsin.checks.expressions import expressions
from tocsin.checks.problem import Problem
from tocsin.derive import Plan
from tocsin.model import TARGET_LABELS, Histogram, Observation

ID = "promql/undeclared"

Domains = dict[str, tuple[str, ...]]
"""The values of each label; empty where the label is open."""


def check(plan: Plan, _: Observation) -> Iterator[Problem]:
    """Yield a problem for each selector that can match nothing declared."""
    known = _declared(plan)
    for expression in expressions(plan):
        if promql.syntax_problem(expression.text):
            continue
        for message in dict.fromkeys(_unknown(expression.text, known)):
            yield Problem(ID, expression.subject, message, expression.declared)


def _unknown(expr: str, known: dict[str, Domains]) -> Iterator[str]:
    for read in promql.reads(expr):
        labels = known.get(read.metric)
        if labels is None:
            yield f"nobody declares the metric {read.metric!r}"
            continue
        for name, value in read.labels:
            if name not in labels:
                yield f"{read.metric} has no label {name!r}"
            elif value is not None and labels[name] and value not in labels[name]:
                yield f"{read.metric} never has {name}={value!r}"


def _declared(plan: Plan) -> dict[str, Domains]:
    targets: Domains = dict.fromkeys(TARGET_LABELS, ())
    known: dict[str, Domains] = {}
    for signal in (signal for service in plan.catalog.services for signal in service.exposed):
        domains = targets | {label.name: label.domain for label in signal.labels}
        for name in signal.series_names:
            known[name] = domains | {"le": ()} if isinstance(signal, Histogram) else domains
    for recording in plan.recordings:
        known.setdefault(recording.name, {}).update(dict.fromkeys(recording.labels, ()))
    return known
