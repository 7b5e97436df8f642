"""A matcher says nothing, or contradicts what else is known of its label.

## Why it matters

`{route=~".*"}` matches everything, also series without the label: it looks like a choice and is none. Two matchers of
which one says what the other excludes, or a label that must be empty though every series has it, select nothing at all.

## Bad

```promql
sum(rate(http_requests_total{route=~".*"}[5m]))
```

## Good

```promql
sum(rate(http_requests_total{route=~"/cart/.*"}[5m]))
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem, Severity
from tocsin.promql.labels import Labels, matches
from tocsin.promql.tree import Matcher, Selector

ID = "promql/redundant-matcher"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each matcher that matches everything or nothing."""
    for expression in case.expressions:
        for node, _ in expression.nodes():
            if isinstance(node, Selector):
                known = case.world.metrics.get(node.metric)
                for matcher in node.matchers:
                    for severity, message in _judge(node, matcher, known.labels if known else Labels()):
                        yield expression.problem(ID, matcher.span, message, severity)


def _judge(node: Selector, matcher: Matcher, labels: Labels) -> Iterator[tuple[Severity, str]]:
    label = matcher.label
    if (matcher.operator, matcher.value) == ("=~", ".*"):
        yield "warning", f"every {label} matches, and none too: leave it out, or write .+ for those that have one"
    elif (matcher.operator, matcher.value) == ("!~", ".*"):
        yield "error", f"nothing is left: every {label} matches .*"
    elif _empty(matcher) and labels.certain(label):
        yield "error", f"every series of {node.metric} has a {label}, so none is left"
    for other in node.matchers:
        if other is not matcher and other.label == label and other.operator == "=":
            if not matches(matcher, other.value):
                if matcher.operator != "=" or matcher.span.start > other.span.start:
                    yield "error", f'nothing is left: {label}="{other.value}" does not match this'
            elif matcher.operator != "=" or matcher.span.start > other.span.start:
                yield "warning", f'{label}="{other.value}" says it already: leave this out'


def _empty(matcher: Matcher) -> bool:
    """Tell whether only a missing label matches."""
    return (matcher.operator, matcher.value) in (("=", ""), ("=~", ""), ("!~", ".+"))
