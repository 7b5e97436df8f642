"""A counter's value is used as it is, with no rate() or increase() of it.

## Why it matters

The value says how much was counted since the process began, which depends on when that was: it falls to 0 with each
restart and each deployment, and an average of it is one over the whole life of the process.

## Bad

```promql
sum(payments_total)
```

## Good

```promql
sum(rate(payments_total[5m]))
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case, Expression
from tocsin.checks.problem import Problem
from tocsin.promql.interval import exactly
from tocsin.promql.tree import Aggregate, Binary, Call, Node, Paren, Selector, Subquery, Unary, bare

ID = "promql/counter-without-rate"

_COUNTING = frozenset(("count", "group"))
_PASSING = frozenset(
    [
        "abs",
        "ceil",
        "floor",
        "round",
        "clamp",
        "clamp_min",
        "clamp_max",
        "exp",
        "ln",
        "log2",
        "log10",
        "sqrt",
        "scalar",
        "label_replace",
        "label_join",
        "sort",
        "sort_desc",
        "sort_by_label",
        "sort_by_label_desc",
        "avg_over_time",
        "min_over_time",
        "max_over_time",
        "sum_over_time",
        "quantile_over_time",
        "stddev_over_time",
    ]
)
"""Functions that make their values of those that they are given."""


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each counter whose value goes into what an expression gives."""
    for expression in case.expressions:
        for node in _values(expression, expression.tree) if expression.tree else ():
            yield expression.problem(
                ID,
                node.span,
                f"{node.metric} is a counter: its value says how long the process runs; ask for its rate()",
                "warning",
            )


def _values(expression: Expression, node: Node) -> Iterator[Selector]:
    """Yield the counters of which *node* makes its values, and not only its labels or whether there is a result."""
    if isinstance(node, Selector):
        shape = expression.shapes[node]
        if shape.nature in ("counter", "bucket") and shape.presence != "never":
            yield node
    elif isinstance(node, Paren | Unary | Subquery) or (isinstance(node, Aggregate) and node.op not in _COUNTING):
        yield from _values(expression, node.expr)
    elif isinstance(node, Call) and node.function in _PASSING:
        for arg in node.args:
            yield from _values(expression, arg)
    elif isinstance(node, Binary):
        for side in _sides(expression, node):
            yield from _values(expression, side)


def _sides(expression: Expression, node: Binary) -> tuple[Node, ...]:
    if node.op == "and":  # of the right side only what is compared is a value
        asked = bare(node.right)
        return (node.left, asked) if isinstance(asked, Binary) and asked.compares else (node.left,)
    if node.op == "unless":  # what is new is no value
        before, now = bare(node.right), bare(node.left)
        same = isinstance(before, Selector) and isinstance(now, Selector) and before.metric == now.metric
        return () if same else (node.left,)
    if node.compares and "scalar" in (expression.shapes[node.left].kind, expression.shapes[node.right].kind):
        both = (node.left, node.right)  # of counters alone promql/counter-compared speaks
        return tuple(side for side in both if expression.shapes[side].nature not in ("counter", "bucket"))
    if node.op == "*" and any(expression.shapes[side].values == exactly(0) for side in (node.left, node.right)):
        return ()  # x * 0: only its labels count
    return (node.left, node.right)
