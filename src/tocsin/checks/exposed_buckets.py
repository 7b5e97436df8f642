"""A histogram has other buckets than were declared.

## Why it matters

An objective counts what lies below its bound by the bucket that ends there; without that bucket it counts nothing.
Instances with different buckets cannot be added up.

## Bad

```text
# HELP fraud_score How sure we are.
# TYPE fraud_score histogram
fraud_score_bucket{le="0.1"} 3
fraud_score_bucket{le="1"} 3
fraud_score_bucket{le="+Inf"} 3
fraud_score_sum 1.2
fraud_score_count 3
```

## Good

```text
# HELP fraud_score How sure we are.
# TYPE fraud_score histogram
fraud_score_bucket{le="0.1"} 3
fraud_score_bucket{le="0.5"} 3
fraud_score_bucket{le="0.9"} 3
fraud_score_bucket{le="+Inf"} 3
fraud_score_sum 1.2
fraud_score_count 3
```
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from tocsin.checks.case import Case
from tocsin.checks.exposed import held_histograms
from tocsin.checks.problem import Problem

ID = "conform/buckets"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each histogram whose series have other bounds."""
    for each, histogram in held_histograms(case):
        bounds = {_bound(sample.labels) for sample in each.family.samples} - {None}
        finite = tuple(sorted(bound for bound in bounds if bound is not None and math.isfinite(bound)))
        if bounds and finite != tuple(map(float, histogram.buckets)):
            message = f"its buckets end at {_spelled(finite)}: let them end at {_spelled(histogram.buckets)}"
            yield each.problem(ID, message)


def _spelled(bounds: Iterable[float]) -> str:
    return ", ".join(f"{bound:g}" for bound in bounds) or "no bound"


def _bound(labels: Mapping[str, str]) -> float | None:
    try:
        return float(labels["le"])
    except (KeyError, ValueError):
        return None
