"""Failures are counted, but not compared with all events.

Either the objective's bad events are no part of its total, or an alert named a rate or ratio compares failures a second
with a number between 0 and 1, as if that were a share.

## Why it matters

Failures a second say nothing by themselves: 0.05 is one in a thousand on a busy day, and never reached in a quiet
night though every request fails. And where a total leaves the bad events out, there is none when all are bad.

## Bad

```yaml
- alert: HighErrorRate
  expr: sum(rate(http_requests_total{status_code=~"5.."}[5m])) > 0.05
```

## Good

```yaml
- alert: HighErrorRate
  expr: sum(rate(http_requests_total{status_code=~"5.."}[5m])) / sum(rate(http_requests_total[5m])) > 0.05
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin import promql
from tocsin.checks.case import Case, Rule
from tocsin.checks.condition import Condition, conditions
from tocsin.checks.problem import Problem
from tocsin.model import Ratio, Selector
from tocsin.promql.part import is_part
from tocsin.promql.tree import Aggregate, Call, Node, bare
from tocsin.promql.tree import Selector as Series

ID = "objective/no-denominator"

_SHARE = re.compile(r"rate|ratio|percent|share", re.IGNORECASE)
_FAILING = re.compile(r"error|fail", re.IGNORECASE)
_STATUS = re.compile(r"code|status|outcome|result", re.IGNORECASE)


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each objective or alert that lacks a total."""
    yield from _objectives(case)
    for rule in case.alerts:
        for condition in conditions(rule.expression):
            if _looks_like_a_share(rule, condition):
                message = (
                    f"it compares failures a second with {condition.bound:g}, which looks like a share: "
                    "divide by the rate of all events"
                )
                yield rule.expression.problem(ID, condition.node.span, message, "warning")


def _objectives(case: Case) -> Iterator[Problem]:
    for service in case.plan.catalog.services if case.plan else ():
        for objective in service.objectives:
            if not isinstance(objective, Ratio):
                continue
            bad, total = objective.bad, objective.total
            if _counter(bad) != _counter(total):
                continue
            subject = f"{service.name}/{objective.name}"
            if str(bad) == str(total):
                yield Problem(
                    ID, subject, "every event is a bad one: its total counts the bad events alone", objective.name
                )
            elif not is_part(promql.parse(str(bad)), promql.parse(str(total))):
                message = f"its bad events {bad} are no part of its total {total}: count all events there"
                yield Problem(ID, subject, message, objective.name)


def _counter(of: object) -> object:
    return of.signal if isinstance(of, Selector) else of


def _looks_like_a_share(rule: Rule, condition: Condition) -> bool:
    if condition.op not in (">", ">=") or condition.bound is None or not 0 < condition.bound < 1:
        return False
    series = _rate_of(condition.value)
    if series is None or not _SHARE.search(rule.name):
        return False
    by_status = any(_STATUS.search(matcher.label) for matcher in series.matchers)
    return by_status or bool(_FAILING.search(series.metric))


def _rate_of(node: Node) -> Series | None:
    """Return the series whose rate is taken, and summed, and no more."""
    node = bare(node)
    while isinstance(node, Aggregate) and node.op in ("sum", "avg", "max"):
        node = bare(node.expr)
    if not isinstance(node, Call) or node.function not in ("rate", "irate"):
        return None
    inner = bare(node.args[0])
    return inner if isinstance(inner, Series) else None
