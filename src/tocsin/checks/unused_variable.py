"""A dashboard has a variable that nothing uses.

## Why it matters

Whoever chooses another value at the top of the board sees the same lines, and believes that they are about it.

## Bad

```json
{
  "title": "Queue",
  "templating": {"list": [{"name": "queue", "type": "query", "query": "label_values(queue_length, queue)"}]},
  "panels": [
    {"title": "Letters that wait", "type": "timeseries", "targets": [{"expr": "sum(queue_length)"}]}
  ]
}
```

## Good

```json
{
  "title": "Queue",
  "templating": {"list": [{"name": "queue", "type": "query", "query": "label_values(queue_length, queue)"}]},
  "panels": [
    {"title": "Letters that wait", "type": "timeseries", "targets": [{"expr": "sum(queue_length{queue='$queue'})"}]}
  ]
}
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.checks.case import Board, Case
from tocsin.checks.problem import Problem

ID = "board/unused-variable"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each variable of no effect; one without a definition filters by itself."""
    for board in case.boards:
        for name, definition in board.variables.items():
            if definition and not _used(board, name):
                message = f"nothing uses its variable {name!r}: use it in a query, or remove it"
                yield Problem(ID, board.title, message, board.declared, "warning", board.passage)


def _used(board: Board, name: str) -> bool:
    """Tell whether a text names a variable: as $x, ${x}, [[x]], in a link, or alone, as what repeats a panel does."""
    spelled = re.escape(name)
    use = re.compile(rf"\$\{{?{spelled}\b|\[\[{spelled}\b|\bvar-{spelled}\b|^{spelled}$", re.MULTILINE)
    others = (definition for other, definition in board.variables.items() if other != name)
    return any(use.search(text) for text in (board.uses, *others))
