"""Two alerts have the same name and the same labels, and can be about the same series.

Alerts may share a name: those of several severities, of several services, and the several windows of one burn rate do.

## Why it matters

Alertmanager knows an alert by its labels. Two rules that ring with the same ones are one alert to it: when either ends,
it says that all is well, and then that it is not.

## Bad

```yaml
- alert: ManyErrors
  expr: sum(rate(http_errors_total[5m])) > 1
  labels: {severity: warning}
- alert: ManyErrors
  expr: sum(rate(sync_errors_total[5m])) > 10
  labels: {severity: warning}
```

## Good

```yaml
- alert: ManyHttpErrors
  expr: sum(rate(http_errors_total[5m])) > 1
  labels: {severity: warning}
- alert: ManySyncErrors
  expr: sum(rate(sync_errors_total[5m])) > 10
  labels: {severity: warning}
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.checks.case import Case, Rule
from tocsin.checks.problem import Problem
from tocsin.promql.labels import Labels
from tocsin.promql.shape import Shape

ID = "alert/same-name"

_NUMBERS = re.compile(r"\d+(?:\.\d+)?(?:ms|[smhdwy])?")

_COMPARED = 20
"""Alerts of one name before another that it is compared with."""


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each alert that another one before it may be taken for."""
    alike: dict[tuple[str, frozenset[tuple[str, str]]], list[Rule]] = {}
    for rule in case.alerts:
        labels = frozenset((name, text.text) for name, text in rule.labels.items())
        alike.setdefault((rule.name, labels), []).append(rule)
    for rules in alike.values():
        for index, other in enumerate(rules):
            before = rules[max(index - _COMPARED, 0) : index]
            message = next((found for one in before if (found := _clash(one, other))), "")
            if message:
                yield other.problem(ID, message, "warning")


def _clash(one: Rule, other: Rule) -> str:
    first, second = one.expression, other.expression
    if first.tree is None or second.tree is None:
        return ""
    if first.part(first.tree.span) == second.part(second.tree.span):
        where = f"in the group {one.group!r}" if one.group != other.group else "in the same group"
        return f"the same alert stands {where} already: remove one"
    if _windows(first.text) == _windows(second.text):
        return ""
    if _meet(first.shapes[first.tree], second.shapes[second.tree]):
        return "another alert has its name and its labels, and can ring for the same series: name them apart"
    return ""


def _windows(text: str) -> str:
    """Return an expression without its windows and thresholds."""
    return _NUMBERS.sub("#", " ".join(text.split()))


def _meet(one: Shape, other: Shape) -> bool:
    """Tell whether both can have a result with the same labels, as far as that is certain."""
    names = {*one.labels.known, *other.labels.known} - {"__name__"}
    for name in names:
        left, right = one.labels.values(name), other.labels.values(name)
        if left is not None and right is not None and left.isdisjoint(right):
            return False
    return bool(one.from_ & other.from_) or (_fixed(one.labels) and _fixed(other.labels))


def _fixed(labels: Labels) -> bool:
    return not labels.others and all(values is not None and len(values) == 1 for values in labels.known.values())
