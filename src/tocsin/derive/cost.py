"""What a catalog costs: how many series, samples and bytes of logs its services come to in a month.

A month has 30 days, as in Google Cloud's own examples ("Google Cloud Observability pricing examples"). The arithmetic
stands in docs/cost.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod

from tocsin.derive.plan import Plan, Recording
from tocsin.model import (
    HTTP_DURATION,
    HTTP_REQUESTS,
    PERIOD,
    SDK_DROPPED,
    UNMATCHED,
    Gauge,
    Histogram,
    Service,
    Signal,
    seconds,
)

MONTH = seconds(PERIOD)
REQUEST_LINE = 720
"""Bytes of the line of an answered request, within a tenth; tests/sdk/test_request_line.py measures them."""

LEAST_ROW = 1024
"""Bytes that BigQuery counts for a streamed row at least (its pricing page, "Streaming inserts")."""

RECORDED = "(recording rules)"
"""What stands in the place of a metric's name for the series that rules record, one for each rule."""


@dataclass(frozen=True, slots=True)
class MetricCost:
    """The series of a metric in all instances: in the worst case, and on a declared day.

    Each gets a sample *every* so many seconds.
    """

    metric: str
    kind: str
    worst: int
    typical: int
    every: float

    @property
    def samples(self) -> tuple[float, float]:
        """Samples in a month, in the worst case and on declared days."""
        return self.worst * MONTH / self.every, self.typical * MONTH / self.every


@dataclass(frozen=True, slots=True)
class LabelCost:
    """The series that go if a label is dropped from *metrics*; alerts that read it are *read_by*."""

    label: str
    metrics: tuple[str, ...]
    worst: int
    typical: int
    built_in: bool
    read_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceCost:
    """What a service comes to; *labels* are in the order in which they are worth dropping.

    *requests* are those of a month.
    """

    service: str
    metrics: tuple[MetricCost, ...]
    labels: tuple[LabelCost, ...]
    requests: float

    @property
    def worst(self) -> int:
        """Series in the worst case."""
        return sum(metric.worst for metric in self.metrics)

    @property
    def typical(self) -> int:
        """Series on a declared day."""
        return sum(metric.typical for metric in self.metrics)

    @property
    def samples(self) -> tuple[float, float]:
        """Samples in a month, in the worst case and on declared days."""
        worst, typical = zip(*(metric.samples for metric in self.metrics), strict=True)
        return sum(worst), sum(typical)

    @property
    def log_bytes(self) -> float:
        """Bytes of the lines of a month's answered requests."""
        return self.requests * REQUEST_LINE

    @property
    def streamed_bytes(self) -> float:
        """Bytes of these lines as BigQuery counts rows that are streamed."""
        return self.requests * max(REQUEST_LINE, LEAST_ROW)


def costs(plan: Plan, instances: int = 1) -> tuple[ServiceCost, ...]:
    """Return what each service comes to with so many instances of it."""
    return tuple(_of(plan, service, instances) for service in plan.catalog.services)


def worst_case(signal: Signal) -> int:
    """Return how many series *signal* can come to; an open label has one more for what is over its limit."""
    return _each(signal) * prod(len(label.domain) if label.closed else label.limit + 1 for label in signal.labels)


def typical_case(service: Service, signal: Signal) -> int:
    """Return how many series *signal* has on a day as the service declares it."""
    return _each(signal) * len(_typical(service, signal))


def _typical(service: Service, signal: Signal) -> set[tuple[str, ...]]:
    """Return the values of its labels on a declared day.

    Those of a closed signal are all there from the start, but `other` of a gauge; so are the failures of each route,
    and of what no route matches. Of others there are those of the requests that the traffic makes, or of what the
    behaviour names; at least one for each value of its closed labels.
    """
    names = [label.name for label in signal.labels]
    if signal.name == HTTP_REQUESTS.name:
        unmatched = ((method, UNMATCHED, "500") for method in signal.labels[0].domain)
        return {*product(("GET",), service.traffic.routes, ("200", "500")), *unmatched}
    if signal.name == HTTP_DURATION.name:
        return set(product(("GET",), service.traffic.routes, ("200", "500") if service.traffic.errors else ("200",)))
    named = {
        tuple(profile.labels[name] for name in names)
        for profile in service.behaviour
        if profile.signal.name == signal.name
    }
    if named and not signal.closed:
        return named
    start = (label.values if isinstance(signal, Gauge) else label.domain for label in signal.labels)
    return set(product(*(values or ("",) for values in start)))


def _each(signal: Signal) -> int:
    """Return how many series a histogram, or any other signal, has for each set of labels."""
    return len(signal.buckets) + 3 if isinstance(signal, Histogram) else 1


def _of(plan: Plan, service: Service, instances: int) -> ServiceCost:
    scrape, evaluation = seconds(plan.scrape_interval), seconds(plan.evaluation_interval)
    exposed = (*service.exposed, SDK_DROPPED)
    metrics = [
        MetricCost(
            signal.name, signal.kind, instances * worst_case(signal), instances * typical_case(service, signal), scrape
        )
        for signal in exposed
    ]
    own = (rule for group in plan.groups if group.owner == service.name for rule in group.rules)
    recorded = sum(isinstance(rule, Recording) for rule in own)
    metrics.append(MetricCost(RECORDED, "recording", recorded, recorded, evaluation))
    return ServiceCost(
        service=service.name,
        metrics=tuple(metrics),
        labels=tuple(_labels(plan, service, exposed, instances)),
        requests=service.traffic.rps * MONTH,
    )


def _labels(plan: Plan, service: Service, exposed: Sequence[Signal], instances: int) -> list[LabelCost]:
    """Return what each label costs: declared ones first, the dearest on a declared day before others."""
    bearing: dict[tuple[str, bool], list[Signal]] = {}
    for signal in exposed:
        for label in signal.labels:
            bearing.setdefault((label.name, signal not in service.signals), []).append(signal)
    found = (
        LabelCost(
            label=name,
            metrics=tuple(signal.name for signal in signals),
            worst=instances * sum(worst_case(signal) - worst_case(_without(signal, name)) for signal in signals),
            typical=instances * sum(_spared(service, signal, name) for signal in signals),
            built_in=built_in,
            read_by=tuple(dict.fromkeys(_readers(plan, service, name, signals))),
        )
        for (name, built_in), signals in bearing.items()
    )
    return sorted(found, key=lambda each: (each.built_in, -each.typical, -each.worst, each.label))


def _without(signal: Signal, name: str) -> Signal:
    return replace(signal, labels=tuple(label for label in signal.labels if label.name != name))


def _spared(service: Service, signal: Signal, name: str) -> int:
    """Return how many series of a declared day a signal loses with a label."""
    index = [label.name for label in signal.labels].index(name)
    there = _typical(service, signal)
    return _each(signal) * (len(there) - len({values[:index] + values[index + 1 :] for values in there}))


def _readers(plan: Plan, service: Service, label: str, signals: Sequence[Signal]) -> Iterator[str]:
    """Yield the alerts of a service whose expressions speak of a label of these signals."""
    word = re.compile(rf"\b{re.escape(label)}\b")
    for rule in plan.alerts:
        if rule.service == service.name and word.search(rule.expr) and any(each.name in rule.expr for each in signals):
            yield rule.name
