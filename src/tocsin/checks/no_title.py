"""A panel has no title.

## Why it matters

It is read at night, by somebody who did not make it.

## Bad

```json
{
  "title": "Queue",
  "panels": [
    {"title": "", "type": "timeseries", "targets": [{"expr": "queue_length"}]}
  ]
}
```

## Good

```json
{
  "title": "Queue",
  "panels": [
    {"title": "Letters that wait", "type": "timeseries", "targets": [{"expr": "queue_length"}]}
  ]
}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem

ID = "board/no-title"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each panel that does not say what it shows."""
    for board in case.boards:
        for panel in board.panels:
            if panel.expressions and not panel.title.strip():
                shown = panel.expressions[0].text.strip()
                yield panel.problem(ID, f"the panel that shows {shown[:60]} has no title: say what it shows", "warning")
