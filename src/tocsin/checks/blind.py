"""An alert waits for something to stop, and is silent when its series vanish.

It compares how often something happens (`rate(x[10m]) == 0`), how long ago it last did
(`time() - x_last_success_timestamp_seconds > 900`), or the `up` of one job, and nothing else speaks when there is no
such series at all: no alert on `absent()` of one of its metrics or of `up`, and none on `up` of every job.

## Why it matters

A process that is gone exposes nothing. The expression is then empty, which is what it is in good times too: the
alert for the worst case is silent in the worst case.

## Bad

```yaml
- alert: SalesSyncStalled
  expr: rate(sales_synced_total[10m]) == 0
  for: 15m
```

## Good

```yaml
- alert: SalesSyncStalled
  expr: sum(rate(sales_synced_total[10m])) == 0 or absent(sales_synced_total)
  for: 15m
```
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.checks.case import Case, Expression
from tocsin.checks.condition import Condition, age, conditions, moving, selectors
from tocsin.checks.problem import Problem
from tocsin.promql.tree import Aggregate, Call, Node, Selector, bare

ID = "alert/blind"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each alert that nothing stands in for when its series are gone."""
    cover = _cover(case)
    for rule in case.alerts:
        for condition in conditions(rule.expression):
            watched = _watched(rule.expression, condition)
            if watched and not any(cover.speaks_for(selector) for selector in watched):
                names = dict.fromkeys(selector.metric for selector in watched)
                message = (
                    f"it is silent when {' and '.join(names)} is gone, as after a crash or a lost target: "
                    f"add `or absent({_spelled(rule.expression, watched[0])})`, or an alert on it"
                )
                yield rule.expression.problem(ID, condition.node.span, message, "warning")
                break


def _spelled(expression: Expression, selector: Selector) -> str:
    return expression.part(selector.span).partition("[")[0]


def _watched(expression: Expression, condition: Condition) -> list[Selector]:
    """Return what the condition waits for to stop; none if it waits for anything else."""
    if expression.shapes[condition.value].presence == "always":
        return []
    found = moving(condition) or age(condition)
    if found is None and condition.op in ("==", "<", "<="):
        node = bare(condition.value)
        while isinstance(node, Aggregate) and node.op in ("sum", "max", "min", "avg"):
            node = bare(node.expr)
        found = node if isinstance(node, Selector) and _of_one_job(node) else None
    return [selector for selector in selectors(found) if selector.metric] if found is not None else []


def _of_one_job(selector: Selector) -> bool:
    return selector.metric == "up" and _job(selector) is not None


def _job(selector: Selector) -> str | None:
    exact = (each.value for each in selector.matchers if each.label in ("job", "service") and each.operator == "=")
    return next(exact, None)


@dataclass(frozen=True, slots=True)
class _Cover:
    """What alerts say of series that are gone: the metrics of absent(), and the jobs whose `up` is watched."""

    metrics: frozenset[str]
    absent_jobs: frozenset[str | None]
    jobs: frozenset[str | None]

    def speaks_for(self, selector: Selector) -> bool:
        """Tell whether an alert rings when *selector* has no series; a job's `up` goes with its list of targets."""
        if selector.metric in self.metrics:
            return True
        job = _job(selector)
        known = self.absent_jobs if selector.metric == "up" else self.absent_jobs | self.jobs
        return job in known or None in known or (job is None and bool(self.absent_jobs))


def _cover(case: Case) -> _Cover:
    gone: list[Selector] = []
    down: list[Selector] = []
    for rule in case.alerts:
        for node, _ in rule.expression.nodes():
            if isinstance(node, Call) and node.function in ("absent", "absent_over_time"):
                gone.extend(selectors(node))
        down.extend(_ups(rule.expression))
    metrics = frozenset(selector.metric for selector in gone if selector.metric != "up")
    absent = frozenset(_job(selector) for selector in gone if selector.metric == "up")
    return _Cover(metrics, absent, frozenset(_job(selector) for selector in down))


def _ups(expression: Expression) -> list[Selector]:
    return [found for condition in conditions(expression) for found in _reading_up(condition.value)]


def _reading_up(node: Node) -> list[Selector]:
    return [selector for selector in selectors(node) if selector.metric == "up"]
