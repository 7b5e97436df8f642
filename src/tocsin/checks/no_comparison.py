"""An alert's expression is a value, with no comparison that could make it empty.

A comparison with `bool` is one too: it gives 0 or 1, and an alert rings on 0 as well. `vector(1)`, which reads no
metric, is let through: that alert rings always because it should.

## Why it matters

Prometheus rings for every series that the expression returns, whatever its value is. The alert rings from the first
evaluation on, until somebody silences it, and then nobody looks at it any more.

## Bad

```yaml
- alert: HighErrorRate
  expr: sum(rate(http_requests_total{status_code=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))
```

## Good

```yaml
- alert: HighErrorRate
  expr: sum(rate(http_requests_total{status_code=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) > 0.05
```
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.promql.tree import Aggregate, Binary, Call, Node, Paren, Selector, Subquery, Unary, bare

ID = "alert/no-comparison"

_ABSENT = ("absent", "absent_over_time")


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each alert that rings as soon as its series are there."""
    recorded: dict[str, bool] = {}
    for rule in case.recordings:
        tree = rule.expression.tree
        recorded[rule.name] = recorded.get(rule.name, True) and (tree is None or _filters(tree, {}))
    for rule in case.alerts:
        tree = rule.expression.tree
        if (
            not rule.compares
            or tree is None
            or _filters(tree, recorded)
            or not any(isinstance(node, Selector) for node in tree.walk())
        ):
            continue
        yes_or_no = any(isinstance(node, Binary) and node.yields for node in tree.walk())
        why = "its comparison with `bool` gives 0 where it does not hold" if yes_or_no else "it compares nothing"
        yield rule.problem(ID, f"it rings whenever its series are there: {why}; keep what is wrong with a comparison")


def _filters(node: Node, recorded: Mapping[str, bool]) -> bool:
    """Tell whether an expression has no result, or fewer series, while nothing is wrong."""
    if isinstance(node, Selector):
        return _condition(node, recorded)
    if isinstance(node, Call):
        arguments = [arg for arg in node.args if node.function not in ("vector", "scalar")]
        return node.function in _ABSENT or any(_filters(arg, recorded) for arg in arguments)
    if isinstance(node, Binary):
        return _binary(node, recorded)
    if isinstance(node, Aggregate | Subquery | Paren | Unary):
        return _filters(node.expr, recorded)
    return False


def _binary(node: Binary, recorded: Mapping[str, bool]) -> bool:
    sides = (_filters(node.left, recorded), _filters(node.right, recorded))
    if node.op == "or":
        return all(sides)
    if node.op == "unless":  # what is left out while all is well is a condition; what is left out in trouble is none
        return sides[0] or not sides[1] or not _metrics(node.left).isdisjoint(_metrics(node.right))
    if node.op == "and":  # series that are bare may be there only while something is wrong
        return any(sides) or isinstance(bare(node.right), Selector)
    return node.filters or any(sides)


def _metrics(node: Node) -> set[str]:
    return {each.metric for each in node.walk() if isinstance(each, Selector)}


def _condition(node: Selector, recorded: Mapping[str, bool]) -> bool:
    """Tell whether the series themselves are there only while something is wrong, as far as that is known."""
    if node.metric in ("ALERTS", "ALERTS_FOR_STATE"):
        return True
    if any(matcher.label == "__name__" for matcher in node.matchers):
        return False
    return recorded.get(node.metric, False)
