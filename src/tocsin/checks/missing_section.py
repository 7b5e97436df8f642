"""A runbook lacks one of its sections, has nothing in it, or has one that no page shows.

The sections are *What it means for customers*, *First looks*, *Likely causes*, *Mitigation* and *When to escalate*.

## Why it matters

Somebody who is woken reads from top to bottom, half asleep. An empty heading is where they begin to guess.

## Bad

```markdown
# QueueFull

The queue holds more than it should.

## What it means for customers

Letters arrive late.

## First looks

## Likely causes

- The printer is out of paper.

## Mitigation

Fill it up.

## Contacts

The caretaker.
```

## Good

```markdown
# QueueFull

The queue holds more than it should.

## What it means for customers

Letters arrive late.

## First looks

1. The printer's panel.

## Likely causes

- The printer is out of paper.

## Mitigation

Fill it up.

## When to escalate

After an hour, to the caretaker.
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.checks.written import Runbook, runbooks
from tocsin.derive.prose import HEADINGS, Prose
from tocsin.promql.tokens import Span

ID = "runbook/missing-section"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each page that lacks sections, for each empty one, and for each that no page shows."""
    for page in runbooks(case):
        yield from _page(page)


def _page(page: Runbook) -> Iterator[Problem]:
    sections = Prose.of(page.passage.text).sections
    missing = [heading for heading in HEADINGS if heading not in {section.heading for section in sections}]
    if missing:
        message = f"it lacks {' and '.join(f'“{heading}”' for heading in missing)}: write what belongs there"
        yield page.problem(ID, message, severity="warning")
    for section in sections:
        span = Span(section.start, section.start + len(f"## {section.heading}"))
        if section.heading not in HEADINGS:
            message = f"“{section.heading}” is no section that a page shows: take one of {', '.join(HEADINGS)}"
            yield page.problem(ID, message, span, "warning")
        elif not section.text:
            yield page.problem(ID, f"“{section.heading}” is empty: write what belongs there", span, "warning")
