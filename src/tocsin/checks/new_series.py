"""changes() or increase() is asked of a time that each instance has of its own, to find restarts.

## Why it matters

When a container is replaced, its successor has another id and so another series, which begins anew. The old series
never changes, the new one has not changed yet: changes() says 0, however often containers are replaced.

## Bad

```yaml
- alert: CheckoutRestarts
  expr: sum by (job) (changes(process_start_time_seconds{container_id=~"checkout-.+"}[15m])) > 2
```

## Good

```yaml
- alert: CheckoutRestarts
  expr: count by (job) (time() - process_start_time_seconds{container_id=~"checkout-.+"} < 900) > 2
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case, Expression
from tocsin.checks.problem import Problem
from tocsin.promql.tree import Aggregate, Call, Selector, bare

ID = "promql/new-series"

_OF_ONE_LIFE = frozenset(("container_id", "instance_id", "revision_name", "uid"))
"""Labels whose value is another one after each restart; a pod keeps its own, since its containers restart in it."""
_CHANGE = frozenset(("changes", "increase", "rate", "delta", "idelta", "resets", "deriv"))
_BORN = ("start_time_seconds", "_created")


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each change of a time of birth, in series that are known to end with their instance."""
    for expression in case.expressions:
        grouped = {label for node, _ in expression.nodes() if isinstance(node, Aggregate) for label in (node.by or ())}
        for node, _ in expression.nodes():
            if isinstance(node, Call) and node.function in _CHANGE and node.args:
                series = bare(node.args[0])
                if isinstance(series, Selector) and series.metric.endswith(_BORN):
                    label = _mortal(expression, series, grouped)
                    if label:
                        yield expression.problem(
                            ID,
                            node.span,
                            f"each new {label} is a new series, in which this does not change: count those that began "
                            f"lately, as count(time() - {series.metric} < 900)",
                            "warning",
                        )


def _mortal(expression: Expression, series: Selector, grouped: set[str]) -> str:
    labels = expression.shapes[series].labels
    asked = {matcher.label for matcher in series.matchers}
    there = {name for name in _OF_ONE_LIFE if name in asked | grouped or labels.certain(name)}
    return min((name for name in there if not labels.impossible(name)), default="")
