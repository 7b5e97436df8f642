"""What a service exposes beside what its catalog says, signal by signal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem, Severity
from tocsin.derive import Plan
from tocsin.model import (
    PROCESS,
    SCRAPE,
    Exposed,
    Histogram,
    Observation,
    Passage,
    SeenFamily,
    SeenSample,
    Service,
    Signal,
)
from tocsin.model.forms import redact_forms
from tocsin.promql.shape import World

SHOWN = 5
"""How many of several things a message names."""

_OWN_LABELS = {"histogram": "le", "gaugehistogram": "le", "summary": "quantile"}
"""The labels that a type brings with it."""


@dataclass(frozen=True, slots=True)
class Held:
    """A declared *signal*, and the lines about it in an exposition."""

    service: str
    signal: Signal
    family: SeenFamily

    @property
    def chosen(self) -> bool:
        """Whether it is no library that writes its help."""
        return self.signal not in PROCESS

    def labels(self, sample: SeenSample) -> Mapping[str, str]:
        """Return the labels of a series, without the one that its type brings with it."""
        own = _OWN_LABELS.get(self.family.kind, "")
        return {name: value for name, value in sample.labels.items() if name != own}

    def problem(
        self, check: str, message: str, severity: Severity = "error", sample: SeenSample | None = None
    ) -> Problem:
        """Return a problem with the signal, at a *sample* of it or else where it begins."""
        passage = at(sample) if sample else of(self.family)
        return Problem(check, f"{self.service}/{self.signal.name}", message, self.signal.name, severity, passage)


def from_exposition(plan: Plan, observation: Observation) -> Case:
    """Return the case of a service's exposition, which has no rules and no boards."""
    return Case(rules=(), boards=(), world=World(), observation=observation, plan=plan)


def looked_at(case: Case) -> tuple[Service, Exposed] | None:
    """Return the service whose exposition was looked at, and the exposition."""
    exposed = case.observation.exposed
    if exposed is None or case.plan is None:
        return None
    service = next((each for each in case.plan.catalog.services if each.name == exposed.service), None)
    return (service, exposed) if service else None


def promised(service: Service) -> Iterator[Signal]:
    """Yield the signals that the service exposes itself."""
    return (signal for signal in service.exposed if signal not in SCRAPE)


def held(case: Case) -> Iterator[Held]:
    """Yield each signal that is exposed."""
    found = looked_at(case)
    if found is None:
        return
    service, exposed = found
    for signal in promised(service):
        family = exposed.families.get(signal.name)
        if family is not None:
            yield Held(service.name, signal, family)


def held_histograms(case: Case) -> Iterator[tuple[Held, Histogram]]:
    """Yield each histogram that is exposed as one."""
    for each in held(case):
        if isinstance(each.signal, Histogram) and each.family.kind == "histogram":
            yield each, each.signal


def at(sample: SeenSample) -> Passage:
    """Return where a sample stands; the line is not shown if it holds personal data."""
    shown = sample.name if not any(personal(value) for value in sample.labels.values()) else ""
    return Passage.at(shown, sample.place)


def of(family: SeenFamily) -> Passage:
    """Return where a family begins."""
    return Passage.at(family.name if family.kind or family.help else "", family.place)


def personal(value: str) -> bool:
    """Tell whether a text holds what is personal or secret by its form."""
    return redact_forms(value) != value


def some(values: Iterable[str]) -> str:
    """Return the first of several texts, and how many more there are."""
    every = list(values)
    more = f" and {len(every) - SHOWN} more" if every[SHOWN:] else ""
    return f"{', '.join(every[:SHOWN])}{more}"
