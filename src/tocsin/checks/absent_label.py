"""A label is asked of absent() that it cannot know.

## Why it matters

What is absent has no labels. absent() takes them from the selector, and only those that it asks for by `=`: one that is
asked for by a pattern, or that comes of an aggregation or a comparison, is not there, and whatever is grouped or paired
by it comes out empty or as one.

## Bad

```promql
max by (job) (absent(up{job=~"checkout|orders"}))
```

## Good

```promql
max by (job) (absent(up{job="checkout"}) or absent(up{job="orders"}))
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case, Expression
from tocsin.checks.problem import Problem
from tocsin.checks.uses import Use, uses
from tocsin.promql.tree import Aggregate, Call, Node, Selector

ID = "promql/absent-label"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each label that is used above an absent() that lost it."""
    for expression in case.expressions:
        for use in uses(expression):
            if (found := losing(expression, use)) is not None:
                yield expression.problem(
                    ID,
                    found.span,
                    f"absent() cannot tell {use.label}, which is used {use.how}: it knows only what a selector asks "
                    "for by =",
                )


def losing(expression: Expression, use: Use) -> Node | None:
    """Return the absent() below a use of a label that it asks for, and that its result cannot have."""
    for node in use.of.walk():
        absent = isinstance(node, Call) and node.function in ("absent", "absent_over_time")
        if absent and expression.shapes[node].labels.impossible(use.label) and _asks(node, use.label):
            return node
    return None


def _asks(node: Node, label: str) -> bool:
    return any(
        (isinstance(part, Selector) and any(matcher.label == label for matcher in part.matchers))
        or (isinstance(part, Aggregate) and label in (part.by or ()))
        for part in node.walk()
    )
