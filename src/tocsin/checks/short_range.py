"""A rate is taken over fewer than four scrapes.

## Why it matters

A rate needs two samples. Over less than two scrapes there is never a result, and over less than four a single scrape
that fails or comes late takes it away: graphs have holes, and an alert's `for` begins anew.

## Bad

```promql
sum(rate(payments_total[30s]))
```

## Good

```promql
sum(rate(payments_total[1m]))
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem
from tocsin.model import duration
from tocsin.promql.functions import DELTAS, RATES
from tocsin.promql.tree import Call, Selector, bare

ID = "promql/short-range"

_ENOUGH, _LEAST = 4, 2
"""Scrapes that a range should hold, and that it must."""


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each rate or delta whose range holds too few scrapes."""
    scrape = case.world.scrape
    if not scrape:
        return
    for expression in case.expressions:
        for node, _ in expression.nodes():
            if not (isinstance(node, Call) and node.function in RATES | DELTAS):
                continue
            for arg in map(bare, node.args):
                if (
                    isinstance(arg, Selector)
                    and arg.range is not None
                    and arg.range < _ENOUGH * scrape
                    and arg.metric in expression.shapes[arg].from_  # what is recorded keeps another time
                ):
                    never = arg.range < _LEAST * scrape
                    yield expression.problem(
                        ID,
                        arg.span,
                        f"{_spelled(arg.range)} hold {'less than two scrapes' if never else 'too few scrapes'}, of one "
                        f"each {_spelled(scrape)}: take {_spelled(_ENOUGH * scrape)} or more",
                        "error" if never else "warning",
                    )


def _spelled(seconds: float) -> str:
    return duration(round(seconds * 1000))
