"""A bucket is asked for by a bound in a spelling that it does not have.

## Why it matters

`le` is a text. OpenMetrics and Prometheus 3 write the bound 1 as `1.0`; a matcher `le="1"` finds nothing there, and
whatever is counted with it stays empty.

## Bad

```promql
sum(rate(http_request_duration_seconds_bucket{le="1"}[5m]))
```

## Good

```promql
sum(rate(http_request_duration_seconds_bucket{le="1.0"}[5m]))
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem, Severity
from tocsin.model import le
from tocsin.promql.labels import matches
from tocsin.promql.shape import Shape
from tocsin.promql.tree import Matcher, Selector

ID = "promql/le-spelling"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each bound that is spelled otherwise; only a warning where nobody knows who exposes it."""
    severity: Severity = "error" if case.plan else "warning"
    for expression in case.expressions:
        for node, shape in expression.nodes():
            if isinstance(node, Selector) and (node.metric.endswith("_bucket") or shape.nature == "bucket"):
                for matcher in node.matchers:
                    for short in _short(matcher, shape):
                        yield expression.problem(
                            ID,
                            matcher.span,
                            f"OpenMetrics and Prometheus 3 write this bound as {le(float(short))}: match that too, "
                            f'as le=~"{short}|{le(float(short))}"'
                            if not case.plan
                            else f"this bound is written {le(float(short))}, so {short} matches nothing",
                            severity,
                        )


def _short(matcher: Matcher, shape: Shape) -> list[str]:
    """Return the bounds that only their shorter spelling matches."""
    if matcher.label != "le" or matcher.operator not in ("=", "=~"):
        return []
    bounds = shape.bounds or _asked(matcher)
    spelled = [(f"{bound:.15g}", le(bound)) for bound in bounds]
    return [
        short for short, full in spelled if short != full and matches(matcher, short) and not matches(matcher, full)
    ]


def _asked(matcher: Matcher) -> tuple[float, ...]:
    try:
        return (float(matcher.value),)
    except ValueError:
        return ()
