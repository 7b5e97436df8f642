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

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem

ID = "board/unused-variable"

_NAMED = re.compile(r"\$\{?(\w+)|\[\[(\w+)|\bvar-(\w+)|^(\w+)$", re.MULTILINE)


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each variable of no effect; one without a definition filters by itself."""
    for board in case.boards:
        named = {name: _named(definition) for name, definition in board.variables.items()}
        used = _named(board.uses)
        for name, definition in board.variables.items():
            elsewhere = used.union(*(names for other, names in named.items() if other != name))
            if definition and name not in elsewhere:
                message = f"nothing uses its variable {name!r}: use it in a query, or remove it"
                yield Problem(ID, board.title, message, board.declared, "warning", board.passage)


def _named(text: str) -> frozenset[str]:
    """Return what a text names: as $x, ${x}, [[x]], in a link, or alone on a line, as what repeats a panel does."""
    return frozenset(name for found in _NAMED.findall(text) for name in found if name)
