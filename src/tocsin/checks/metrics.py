"""The metrics that are judged: those that services declare, and those of an exposition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem, Severity
from tocsin.model import Signal

LIBRARIES = (
    "go_",
    "process_",
    "promhttp_",
    "python_",
    "jvm_",
    "nodejs_",
    "dotnet_",
    "scrape_",
    "prometheus_",
    "otel_",
    "target_info",
)
"""How the names begin that client libraries choose, not whoever uses them."""

UNDECLARED = (*LIBRARIES, "tocsin_", "up")
"""How the names begin of what nobody declares, and which is let through all the same."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric; *labels* with the values that they can have, or that were seen, None where nobody limits them."""

    name: str
    kind: str
    labels: Mapping[str, frozenset[str] | None]
    seen: Mapping[str, frozenset[str]]
    subject: str

    def problem(self, check: str, message: str, severity: Severity = "warning") -> Problem:
        """Return a problem with the metric."""
        return Problem(check, self.subject, message, self.name, severity)


def metrics(case: Case) -> Iterator[Metric]:
    """Yield every metric whose name and labels somebody chose."""
    if case.plan is not None:
        for service in case.plan.catalog.services:
            for signal in service.signals:
                yield _declared(service.name, signal)
        return
    for seen in (case.observation.metrics or {}).values():
        if not seen.name.startswith(LIBRARIES):
            yield Metric(seen.name, seen.kind, dict.fromkeys(seen.labels), seen.labels, seen.name)


def _declared(service: str, signal: Signal) -> Metric:
    labels = {label.name: frozenset(label.domain) if label.closed else None for label in signal.labels}
    return Metric(signal.name, signal.kind, labels, {}, f"{service}/{signal.name}")
