"""A file, or a part of it, that Prometheus or Grafana would refuse to load.

A list of rules without `groups:`, a group without a name or with a name that is there twice, a field that rules do not
have, a key that is there twice, a duration without a unit, YAML or JSON that is not well formed.

## Why it matters

Prometheus does not start with such a file, and after a reload it goes on with its old rules: whatever was changed in
any file has no effect, and only a log line tells.

## Bad

```yaml
- alert: InstanceDown
  expr: up == 0
  for: 5m
```

## Good

```yaml
groups:
- name: instances
  rules:
  - alert: InstanceDown
    expr: up == 0
    for: 5m
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.model import Passage

ID = "file/refused"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each part of a file that would be refused."""
    for refused in case.observation.refused:
        yield Problem(ID, refused.place.file, refused.why, "", passage=Passage.at("", refused.place))
