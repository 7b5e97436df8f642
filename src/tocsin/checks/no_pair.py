"""Two sides of an operator have no series that could be a pair.

## Why it matters

Prometheus pairs series whose labels are the same. Where one side has a label that the other lacks, or never with the
same value, nothing is paired, and the result is empty without a word: the alert can never ring.

## Bad

```promql
sum(rate(payments_total{outcome="refused"}[5m])) / sum by (outcome) (rate(payments_total[5m]))
```

## Good

```promql
sum(rate(payments_total{outcome="refused"}[5m])) / sum(rate(payments_total[5m]))
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.promql.labels import Labels
from tocsin.promql.matching import strangers
from tocsin.promql.tree import Binary

ID = "promql/no-pair"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each operator whose sides can never meet."""
    for expression in case.expressions:
        for node, _ in expression.nodes():
            if not isinstance(node, Binary) or node.op == "or":
                continue
            left, right = expression.shapes[node.left], expression.shapes[node.right]
            if not left.kind == right.kind == "vector" or "never" in (left.presence, right.presence):
                continue
            why = "; ".join(
                _why(name, left.labels, right.labels) for name in strangers(node, left.labels, right.labels)
            )
            if why:
                yield expression.problem(
                    ID, node.operator, f"no series of the two sides can be a pair: {why}; leave out or ignore it"
                )


def _why(name: str, left: Labels, right: Labels) -> str:
    if left.impossible(name) or right.impossible(name):
        return f"only the {'right' if left.impossible(name) else 'left'} side has {name}"
    return f"both sides never have the same {name}"
