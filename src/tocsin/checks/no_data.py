"""A rule or a panel reads series that a running Prometheus does not have, or draws nothing.

Asked for are the names that it reads, of the jobs and services that it names, within the last hour; and of a panel
that compares nothing, its own expressions.

## Why it matters

The alert can never ring, and the panel is empty on the day when somebody looks.

## Bad

```text
count(last_over_time(payments_total{}[1h])) 0
```

## Good

```text
count(last_over_time(payments_total{}[1h])) 3
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case, Expression
from tocsin.checks.problem import Problem
from tocsin.checks.questions import draws, reads

ID = "live/no-data"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each rule and panel to which Prometheus answers with nothing."""
    live = case.observation.live
    if live is None:
        return
    for rule in case.rules:
        if gone := _gone(case, rule.expression):
            yield rule.problem(ID, f"Prometheus has no series of {gone} within the last hour", "warning")
    for board in case.boards:
        for panel in board.panels:
            gone = next((found for each in panel.expressions if (found := _gone(case, each))), "")
            drawn = draws(panel)
            if gone:
                yield panel.problem(ID, f"Prometheus has no series of {gone} within the last hour", "warning")
            elif drawn and all(live.answers.get(text) == 0 for text in drawn):
                yield panel.problem(ID, "Prometheus has nothing to draw in it now", "warning")


def _gone(case: Case, expression: Expression) -> str:
    """Return the first selector that Prometheus knows no series of."""
    answers = case.observation.live.answers if case.observation.live else {}
    missing = (text for text in reads(case, expression) if answers.get(text) == 0)
    return next((text.removeprefix("last_over_time(").removesuffix("[1h])").removesuffix("{}") for text in missing), "")
