"""The text of an alert promises a time at which the rule cannot ring.

What stops is seen only when the window of its rate holds nothing any more, and then `for` begins. An alert that looks
at the present alone, like `up == 0`, rings after its `for`.

## Why it matters

Who reads "No sales in 15 minutes" looks for a fault 15 minutes ago. It began at least 25 minutes ago.

## Bad

```yaml
- alert: SalesSyncStalled
  expr: sum(rate(sales_synced_total[10m])) == 0 or absent(sales_synced_total)
  for: 15m
  annotations:
    summary: No sales synced in 15 minutes
```

## Good

```yaml
- alert: SalesSyncStalled
  expr: sum(rate(sales_synced_total[10m])) == 0 or absent(sales_synced_total)
  for: 15m
  annotations:
    summary: No sales synced in 25 minutes
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.checks.case import Case, Rule
from tocsin.checks.condition import age, conditions, moving, selectors, soonest, window
from tocsin.checks.problem import Problem
from tocsin.promql.tokens import Span
from tocsin.promql.tree import Subquery

ID = "alert/text-delay"

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SAID = re.compile(
    r"\b(?P<how>for|in|during|within|since|last|past)\s+(?:the\s+)?(?:last\s+|past\s+)?"
    r"(?:more than\s+|over\s+|at least\s+|about\s+|longer than\s+)?(?P<count>\d+(?:\.\d+)?)[ -]?"
    r"(?P<unit>s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?)\b",
    re.IGNORECASE,
)
_TOLERATED = 0.1


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each time in a text at which the rule cannot ring."""
    for rule in case.alerts:
        known = _known(rule)
        for name, text in rule.annotations.items() if known else ():
            for said in _SAID.finditer(text.text):
                time = float(said["count"]) * _SECONDS[said["unit"][0].lower()]
                if _inside_action(text.text, said.start()) or any(_close(time, each) for each in known):
                    continue
                if _idle(rule) or said["how"].lower() == "for":
                    message = f"{name} says {said[0]!r}, but {_why(rule)}"
                    yield rule.problem(ID, message, "warning", text, Span(said.start(), said.end()))
                    break


def _inside_action(text: str, at: int) -> bool:
    return text.rfind("{{", 0, at) > text.rfind("}}", 0, at)


def _close(time: float, other: float) -> bool:
    return abs(time - other) <= _TOLERATED * other


def _known(rule: Rule) -> set[float]:
    """Return the times that the text may name, in seconds; none where nobody can tell."""
    idle = _idle(rule)
    if idle:
        return {idle, idle + rule.lasting}
    return {rule.lasting} if _plain(rule) else set()


def _plain(rule: Rule) -> bool:
    """Tell whether the rule looks at nothing but the present, so that `for` alone decides when it rings."""
    tree = rule.expression.tree
    if tree is None or not rule.lasting or any(isinstance(node, Subquery) for node in tree.walk()):
        return False
    found = selectors(tree)
    now = all(each.range is None and not each.offset and ":" not in each.metric for each in found)
    bounds = [condition.bound for condition in conditions(rule.expression)]
    return bool(found) and now and all(bound in (0.0, 1.0) for bound in bounds) and not _aged(rule)


def _aged(rule: Rule) -> bool:
    return any(age(condition) is not None for condition in conditions(rule.expression))


def _idle(rule: Rule) -> float:
    """Return the window that must pass without an event before `for` begins, 0 if the rule waits for no such thing."""
    calls = (
        moving(condition)
        for condition in conditions(rule.expression)
        if condition.bound == 0 and condition.op in ("==", "<=")
    )
    return min((window(call) for call in calls if call is not None), default=0.0)


def _why(rule: Rule) -> str:
    idle = _idle(rule)
    if not idle:
        return f"it rings after {_spelled(rule.lasting)}"
    least = _spelled(soonest(rule.expression) + rule.lasting)
    return f"it rings after {least} at the soonest: {_spelled(idle)} without an event, then `for`"


def _spelled(time: float) -> str:
    for unit, size in (("h", 3600), ("m", 60)):
        if time and time % size == 0:
            return f"{time / size:g}{unit}"
    return f"{time:g}s"
