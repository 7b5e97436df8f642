"""A service does not expose a metric that it promises.

## Why it matters

Its alerts, objectives and boards ask for it, find nothing, and stay silent. Mostly it is registered where `/metrics`
does not look: prom-client puts a metric into its global registry unless it is told `registers: [register]`.

## Bad

```text
# HELP payment_total Payments tried.
# TYPE payment_total counter
payment_total{outcome="taken"} 12
```

## Good

```text
# HELP payments_total Payments tried.
# TYPE payments_total counter
payments_total{outcome="taken"} 12
payments_total{outcome="refused"} 0
payments_total{outcome="other"} 0
```
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Case
from tocsin.checks.exposed import looked_at, promised
from tocsin.checks.problem import Problem, Severity
from tocsin.model import PROCESS, Signal

ID = "conform/missing"


def check(case: Case) -> Iterator[Problem]:
    """Yield a problem for each signal of which an exposition says nothing."""
    found = looked_at(case)
    if found is None:
        return
    service, exposed = found
    for signal in promised(service):
        if signal.name not in exposed.families:
            severity: Severity = "warning" if signal in PROCESS else "error"
            message = f"it is not exposed: {_what_to_do(signal)}"
            yield Problem(ID, f"{service.name}/{signal.name}", message, signal.name, severity)


def _what_to_do(signal: Signal) -> str:
    if signal in PROCESS:
        return "let the client library collect what it knows of the process"
    registered = f"register the {signal.kind} where /metrics looks"
    return registered if signal.closed else f"{registered}, and ask the service for something first"
