"""A link of a runbook leads nowhere: to a page that there is not for the same service, or to a section it has not.

Links to others of the catalog's runbooks are names of their files, `sales-stalled.md`, with a section or without.

## Why it matters

The page that explains the cause is the one that is needed next, and it is not there.

## Bad

```markdown
When the queue is full, go on with [the printer](printer-down.md).
```

## Good

```markdown
When the queue is full, go on with [the service](service-down.md#first-looks).
```
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.checks.written import Runbook, links, runbooks
from tocsin.derive.prose import HEADINGS, anchor

ID = "runbook/dead-link"

_ANCHORS = {"", *map(anchor, HEADINGS)}


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each relative link that leads to no page, or to no section of one."""
    for page in runbooks(case):
        for address, span in links(page):
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            if parts.fragment not in _ANCHORS:
                yield page.problem(ID, f"there is no section #{parts.fragment}: name one that runbooks have", span)
            if parts.path and (lacking := _lacking(page, parts.path, case)):
                message = f"{parts.path} is no runbook of {lacking}: name the file of another of its alerts' pages"
                yield page.problem(ID, message, span)


def _lacking(page: Runbook, path: str, case: Case) -> str:
    """Return which of the services whose page this is has no alert with the page that is linked."""
    plan = case.plan
    rules = tuple(plan.alerts) if plan else ()
    for service in sorted({rule.service for rule in page.rules}):
        if path not in {rule.runbook.rpartition("/")[2] for rule in rules if rule.service == service}:
            return service
    return ""
