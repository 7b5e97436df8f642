"""A label of an alert holds the value of its expression.

## Why it matters

An alert is known by its labels. With every evaluation the value changes, a new alert begins and the old one ends: with
`for` none ever lasts long enough to ring, and without it each one sends another message.

## Bad

```yaml
- alert: QueueFull
  expr: queue_length > 1000
  for: 5m
  labels:
    severity: warning
    length: "{{ $value }}"
```

## Good

```yaml
- alert: QueueFull
  expr: queue_length > 1000
  for: 5m
  labels:
    severity: warning
  annotations:
    summary: The queue holds {{ $value }} letters
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks import templates
from tocsin.checks.case import Case
from tocsin.checks.problem import Problem

ID = "alert/value-in-labels"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each label that changes with the value."""
    for rule in case.alerts:
        effect = "it never lasts long enough to ring" if rule.lasting else "each evaluation makes a new alert"
        for name, text in rule.labels.items():
            span = templates.writes_value(templates.read(text.text))
            if span is not None:
                message = f"its label {name!r} changes with the value, so {effect}: write the value into an annotation"
                yield rule.problem(ID, message, about=text, span=span)
