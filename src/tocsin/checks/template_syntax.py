"""The template of a label or an annotation cannot be read.

Known are Go's actions and functions, those of Prometheus, and the variables `$labels`, `$value`, `$externalLabels` and
`$externalURL`.

## Why it matters

Prometheus refuses the whole rule file, or (where the rules come by another way) sends
`<error expanding template: ...>` to whoever is woken.

## Bad

```yaml
- alert: QueueFull
  expr: queue_length > 1000
  annotations:
    summary: "{{ $label.queue }} holds {{ $value }} letters"
```

## Good

```yaml
- alert: QueueFull
  expr: queue_length > 1000
  annotations:
    summary: "{{ $labels.queue }} holds {{ $value }} letters"
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks import templates
from tocsin.checks.case import Case
from tocsin.checks.problem import Problem

ID = "alert/template-syntax"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each template that Prometheus refuses."""
    for rule in case.alerts:
        for name, text in (*rule.labels.items(), *rule.annotations.items()):
            fault = templates.read(text.text).fault
            if fault is not None:
                yield rule.problem(ID, f"{name}: {fault.message}", about=text, span=fault.span)
