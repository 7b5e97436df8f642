"""A panel over time draws every series there is.

Found where a label is declared without its values, or where the labels declared or seen have more than 30 values
together, and the expression neither sums up, nor chooses, nor asks for one value.

## Why it matters

A person can follow a handful of lines. Requests by route, status and instance are hundreds, the colours repeat, and
the one that matters lies below them.

## Bad

```json
{
  "title": "Requests",
  "panels": [
    {
      "title": "Request rate", "type": "timeseries",
      "targets": [{"expr": "rate(http_requests_total[5m])"}],
      "fieldConfig": {"defaults": {"unit": "reqps"}}
    }
  ]
}
```

## Good

```json
{
  "title": "Requests",
  "panels": [
    {
      "title": "Request rate", "type": "timeseries",
      "targets": [{"expr": "sum by (status_code) (rate(http_requests_total[5m]))"}],
      "fieldConfig": {"defaults": {"unit": "reqps"}}
    }
  ]
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case, Expression
from tocsin.checks.problem import Problem
from tocsin.model import TARGET_LABELS
from tocsin.promql.tree import Aggregate, Node, Selector

ID = "board/too-many-lines"

_DRAWN = ("timeseries", "graph")
_READABLE = 30
_NOT_COUNTED = frozenset((*TARGET_LABELS, "__name__"))


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each expression that draws more lines than somebody can read."""
    for board in case.boards:
        for panel in board.panels:
            if panel.kind not in _DRAWN:
                continue
            for expression in panel.expressions:
                names = _many(case, expression)
                if names:
                    message = f"it draws a line for each {' x '.join(names)}: sum them up by what somebody compares"
                    yield panel.problem(ID, message, "warning")
                    break


def _many(case: Case, expression: Expression) -> list[str]:
    """Return the labels that make too many lines."""
    tree = expression.tree
    if tree is None or any(isinstance(node, Aggregate) for node in tree.walk()):
        return []
    asked = _asked(tree)
    sizes = {
        name: _size(case, expression, name, values)
        for name, values in expression.shapes[tree].labels.known.items()
        if name not in _NOT_COUNTED and name not in asked
    }
    lines = 1
    for size in sizes.values():
        lines *= size
    return sorted(name for name, size in sizes.items() if size > 1) if lines > _READABLE else []


def _asked(tree: Node) -> set[str]:
    """Return the labels that the expression asks for, with a value or a variable."""
    selectors = (node for node in tree.walk() if isinstance(node, Selector))
    return {matcher.label for node in selectors for matcher in node.matchers if matcher.operator in ("=", "=~")}


def _size(case: Case, expression: Expression, name: str, values: frozenset[str] | None) -> int:
    """Return how many values a label has: those declared, those seen, too many where it is declared as open."""
    if values is not None:
        return len(values)
    if case.observation.metrics is None:
        return _READABLE + 1 if case.plan is not None else 1
    metrics = expression.shapes[expression.tree].from_ if expression.tree is not None else frozenset[str]()
    seen = (case.observation.metrics.get(metric) for metric in metrics)
    return max((len(metric.labels.get(name, ())) for metric in seen if metric is not None), default=1)
