"""An alert has no runbook, or names a page of one that does not exist.

Any annotation whose name holds `runbook` will do. Where no alert of a file has one, that is said once.

## Why it matters

Somebody is woken at night and follows a link to nowhere.

## Bad

```yaml
- alert: QueueFull
  expr: queue_length > 1000
  annotations:
    summary: The queue holds {{ $value }} letters
```

## Good

```yaml
- alert: QueueFull
  expr: queue_length > 1000
  annotations:
    summary: The queue holds {{ $value }} letters
    runbook_url: https://runbooks.example/queue-full
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case, Rule
from tocsin.checks.problem import Problem
from tocsin.derive import AlertRule

ID = "alert/no-runbook"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each page that alerts lack, or name and that was looked for and not found."""
    files: dict[str, list[Rule]] = {}
    for rule in case.alerts:
        files.setdefault(rule.expression.passage.file, []).append(rule)
    for rules in files.values():
        yield from _unnamed(rules)
    yield from _dead(case)


def _unnamed(rules: list[Rule]) -> Iterator[Problem]:
    bare = [rule for rule in rules if not _has_runbook(rule)]
    if len(bare) > 1 and bare == rules:
        message = f"none of the {len(rules)} alerts of this file has a runbook_url: say for each what to do"
        yield bare[0].problem(ID, message, "warning")
        return
    for rule in bare:
        yield rule.problem(ID, "it has no runbook_url: say in an annotation where it is written what to do", "warning")


def _has_runbook(rule: Rule) -> bool:
    return any("runbook" in name.lower() and text.text.strip() for name, text in rule.annotations.items())


def _dead(case: Case) -> Iterator[Problem]:
    plan, observation = case.plan, case.observation
    if plan is None or observation.runbooks is None:
        return
    missing: dict[str, list[AlertRule]] = {}
    for rule in plan.alerts:
        own = f"{rule.service}/{rule.runbook}"
        if rule.runbook and own not in observation.runbooks and rule.runbook not in observation.runbooks:
            missing.setdefault(rule.runbook, []).append(rule)
    for page, rules in missing.items():
        others = f" (nor for {len(rules) - 1} other alerts)" if rules[1:] else ""
        yield Problem(
            ID, rules[0].subject, f"its runbook {page} does not exist{others}: write that page", rules[0].name
        )
