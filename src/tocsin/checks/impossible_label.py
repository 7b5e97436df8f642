"""An annotation writes a label that no result of the expression can have.

`$labels` holds the labels of the expression's result, and nothing else: an aggregation drops those that it does not
name, and neither the labels that the rule itself adds (like severity) nor alertname are among them.

## Why it matters

Prometheus writes an empty text for it. Whoever is woken reads "High error rate on " and has to find out where.

## Bad

```yaml
- alert: HighErrorRate
  expr: sum by (service) (rate(http_requests_total{status_code=~"5.."}[5m])) > 3
  annotations:
    summary: High error rate on {{ $labels.instance }}
```

## Good

```yaml
- alert: HighErrorRate
  expr: sum by (service) (rate(http_requests_total{status_code=~"5.."}[5m])) > 3
  annotations:
    summary: High error rate on {{ $labels.service }}
```
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from tocsin.checks import templates
from tocsin.checks.case import Case, Rule
from tocsin.checks.problem import Problem
from tocsin.model import Passage
from tocsin.promql.shape import Shape

ID = "alert/impossible-label"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each label that a template writes and that cannot be there."""
    for rule in case.alerts:
        tree = rule.expression.tree
        if tree is None:
            continue
        shape = rule.expression.shapes[tree]
        if shape.presence != "never":
            for where, name, text in _texts(rule):
                yield from _judge(rule, shape, f"its {where} {name!r}", text)


def _texts(rule: Rule) -> Iterator[tuple[str, str, Passage]]:
    own = (("label", name, text) for name, text in rule.labels.items())
    return chain(own, (("annotation", name, text) for name, text in rule.annotations.items()))


def _judge(rule: Rule, shape: Shape, where: str, text: Passage) -> Iterator[Problem]:
    template = templates.read(text.text)
    if template.fault is not None:
        return
    for use in templates.labels(template):
        if shape.labels.impossible(use.label):
            there = ", ".join(sorted(name for name in shape.labels.known if not shape.labels.impossible(name)))
            why = f"the result has {there}" if there and not shape.labels.others else "the result has no such label"
            if not there and not shape.labels.others:
                why = "the result has no labels at all"
            message = f"{where} writes $labels.{use.label}, which is always empty: {why}"
            yield rule.problem(ID, message, about=text, span=use.span)
