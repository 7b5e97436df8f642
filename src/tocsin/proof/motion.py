"""How the series of a service move, as the sum over its instances, with so many visits and under some faults.

The metrics agree with each other as those of a real service do: the requests are the histogram's observations, its
buckets add up, and what is in flight follows from both (Little's law).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from tocsin.model import (
    HTTP_IN_FLIGHT,
    HTTP_REQUESTS,
    LOG_RECORDS,
    PROCESS,
    Beats,
    Becomes,
    Counter,
    Distribution,
    Errors,
    Fault,
    Flow,
    Gauge,
    Histogram,
    Level,
    Profile,
    Scale,
    Selector,
    Service,
    Shift,
    Signal,
    Silence,
    Slow,
    Spread,
    seconds,
)

Labels = tuple[tuple[str, str], ...]

SELDOM = 1e-6
"""Events a second, about one in eleven days, that no rehearsal sees."""

_OK, _FAILED = "200", "500"


@dataclass(frozen=True, slots=True)
class Moving:
    """A series: a `counter` that grows by *value* a second, a `gauge` at *value*, or one that `beats` every *value* s.

    A counter is shared by all instances, a gauge stands in each; `born` is when the instance's life began. A *late* one
    is not there before it first moves, or before its histogram has *observed* anything.
    """

    name: str
    labels: Labels
    kind: Literal["counter", "gauge", "beats", "born"]
    value: float
    late: bool = False
    observed: bool = False


@lru_cache(maxsize=4096)
def motion(service: Service, visits: float, faults: tuple[Fault, ...]) -> Mapping[str, tuple[Moving, ...]]:
    """Return every series that a service exposes by its metric, the target's own labels left out."""
    found: dict[str, list[Moving]] = {}
    for moving in _everything(service, visits, faults):
        found.setdefault(moving.name, []).append(moving)
    return {name: tuple(series) for name, series in found.items()}


def _everything(service: Service, visits: float, faults: Sequence[Fault]) -> Iterator[Moving]:
    if HTTP_REQUESTS in service.exposed:
        yield from _http(service, visits, faults)
    if PROCESS[0] in service.exposed:
        yield from _process(service, visits)
    flows = _flows(service, visits, faults)
    for signal in service.recorded:
        if isinstance(signal, Counter):
            of_it = ((labels, rate) for (name, labels), rate in flows.items() if name == signal.name)
            yield from (Moving(signal.name, labels, "counter", rate) for labels, rate in of_it)
        elif isinstance(signal, Histogram):
            yield from _histogram(service, signal, flows, faults)
        elif isinstance(signal, Gauge):
            yield from _gauge(service, signal, faults)


def _http(service: Service, visits: float, faults: Sequence[Fault]) -> Iterator[Moving]:
    spread = Distribution(service.traffic.p50, service.traffic.p95)
    for fault in faults:
        if isinstance(fault, Slow) and fault.of is None:
            spread = spread.delayed(fault.seconds, fault.share)
    each = service.traffic.rps * visits / len(service.traffic.routes)
    for route in service.traffic.routes:
        failing = _failing(service, route, faults)
        for status, share in ((_OK, 1 - failing), (_FAILED, failing)):
            labels = (("method", "GET"), ("route", route), ("status_code", status))
            yield Moving(HTTP_REQUESTS.name, labels, "counter", each * share, late=True)
            yield from _buckets(service.http_duration, labels, each * share, spread, late=True)
    yield Moving(HTTP_IN_FLIGHT.name, (), "gauge", service.traffic.rps * visits * spread.mean)


def _failing(service: Service, route: str, faults: Sequence[Fault]) -> float:
    share = service.traffic.errors
    place = {"method": "GET", "route": route, "status_code": _FAILED, **dict(service.target)}
    for fault in faults:
        if isinstance(fault, Errors) and (fault.bad is None or _hits(fault.bad, HTTP_REQUESTS, place)):
            share = fault.ratio
    return share


def _hits(of: Signal | Selector, signal: Signal, labels: Mapping[str, str]) -> bool:
    selector = of if isinstance(of, Selector) else Selector(of)
    return selector.signal.name == signal.name and selector.selects(labels)


def _process(service: Service, visits: float) -> Iterator[Moving]:
    yield Moving("process_cpu_seconds_total", (), "counter", 0.02 + 0.002 * service.traffic.rps * visits)
    yield Moving("process_resident_memory_bytes", (), "gauge", 80e6)
    yield Moving("process_virtual_memory_bytes", (), "gauge", 400e6)
    yield Moving("process_start_time_seconds", (), "born", 0)
    yield Moving("process_open_fds", (), "gauge", 20)
    yield Moving("process_max_fds", (), "gauge", 1024)


def _flows(service: Service, visits: float, faults: Sequence[Fault]) -> dict[tuple[str, Labels], float]:
    """Return how many events a second each series of a counter counts, and each of a histogram observes."""
    rates = {(signal.name, labels): 0.0 for signal in service.recorded for labels in _known(signal)}
    for profile in service.behaviour:
        if isinstance(profile, Flow | Spread):
            rates[profile.signal.name, _ordered(profile)] = profile.per_second * (1 if profile.steady else visits)
    for key, rate in _request_lines(service, visits, faults):
        if key in rates:
            rates[key] += rate
    for fault in faults:
        match fault:
            case Silence(signal):
                rates.update({key: 0.0 for key in rates if key[0] == signal.name})
            case Scale(signal, factor):
                rates.update({key: rate * factor for key, rate in rates.items() if key[0] == signal.name})
            case Becomes(of, value):
                rates.update(dict.fromkeys(_selected(service, rates, of), value))
            case Errors(ratio, bad, of) if bad is not None and of is not None:
                rates.update(_spoilt(service, rates, bad, of, ratio))
    return rates


def _request_lines(
    service: Service, visits: float, faults: Sequence[Fault]
) -> Iterator[tuple[tuple[str, Labels], float]]:
    """Yield how many log records a second answered requests make of a severity, route by route."""
    each = service.traffic.rps * visits / len(service.traffic.routes)
    for route in service.traffic.routes:
        failing = _failing(service, route, faults)
        yield (LOG_RECORDS.name, (("severity", "INFO"),)), each * (1 - failing)
        yield (LOG_RECORDS.name, (("severity", "ERROR"),)), each * failing


def _known(signal: Signal) -> Iterator[Labels]:
    """Yield the labels of every series that a counter has from the start."""
    if isinstance(signal, Counter) and signal.closed:
        for values in itertools.product(*(label.domain for label in signal.labels)):
            yield tuple((label.name, value) for label, value in zip(signal.labels, values, strict=True))


def _selected(
    service: Service, rates: Iterable[tuple[str, Labels]], of: Counter | Selector
) -> list[tuple[str, Labels]]:
    selector, own = of if isinstance(of, Selector) else Selector(of), dict(service.target)
    return [key for key in rates if key[0] == selector.signal.name and selector.selects({**own, **dict(key[1])})]


def _spoilt(
    service: Service,
    rates: Mapping[tuple[str, Labels], float],
    bad: Counter | Selector,
    of: Counter | Selector,
    ratio: float,
) -> dict[tuple[str, Labels], float]:
    """Return the rates that change when a share of the events *of* a counter turns *bad*."""
    whole, worse = _selected(service, rates, of), _selected(service, rates, bad)
    total = sum(rates[key] for key in whole)
    before = sum(rates[key] for key in worse)
    good = total - sum(rates[key] for key in whole if key in worse)
    changed = {key: rates[key] * total * (1 - ratio) / good for key in whole if key not in worse and good}
    for key in worse:
        changed[key] = total * ratio * (rates[key] / before if before else 1 / len(worse))
    return changed if any(key in worse for key in whole) else {key: changed[key] for key in worse}


def _histogram(
    service: Service, signal: Histogram, rates: Mapping[tuple[str, Labels], float], faults: Sequence[Fault]
) -> Iterator[Moving]:
    profiles = [each for each in service.behaviour if isinstance(each, Spread) and each.signal.name == signal.name]
    for profile in profiles:
        spread = profile.distribution
        labels = {**profile.labels, **dict(service.target)}
        for fault in faults:
            match fault:
                case Shift() if fault.signal.name == signal.name:
                    spread = Distribution.point(fault.mean)
                case Slow(of=of) if of is not None and _hits(of, signal, labels):
                    spread = spread.delayed(fault.seconds, fault.share)
        yield from _buckets(signal, _ordered(profile), rates[signal.name, _ordered(profile)], spread)
    if not profiles and not signal.labels:
        yield from _buckets(signal, (), 0.0, Distribution.point(0.0))


def _buckets(
    signal: Histogram, labels: Labels, rate: float, spread: Distribution, *, late: bool = False
) -> Iterator[Moving]:
    observed = rate > SELDOM
    for bound, spelled in signal.bounds:
        share = spread.up_to(bound)
        yield Moving(f"{signal.name}_bucket", (*labels, ("le", spelled)), "counter", rate * share, late, observed)
    yield Moving(f"{signal.name}_bucket", (*labels, ("le", "+Inf")), "counter", rate, late, observed)
    yield Moving(f"{signal.name}_sum", labels, "counter", rate * spread.mean, late, observed)
    yield Moving(f"{signal.name}_count", labels, "counter", rate, late, observed)


def _gauge(service: Service, signal: Gauge, faults: Sequence[Fault]) -> Iterator[Moving]:
    for profile in service.behaviour:
        if profile.signal.name != signal.name:
            continue
        if isinstance(profile, Beats):
            every = seconds(profile.every)
            silent = any(isinstance(fault, Silence) and fault.signal.name == signal.name for fault in faults)
            yield Moving(signal.name, _ordered(profile), "beats", 0.0 if silent else every)
        elif isinstance(profile, Level):
            value, labels = profile.value, {**profile.labels, **dict(service.target)}
            for fault in faults:
                if isinstance(fault, Shift) and fault.signal.name == signal.name:
                    value = fault.mean
                elif isinstance(fault, Becomes) and _hits(fault.of, signal, labels):
                    value = fault.value
            yield Moving(signal.name, _ordered(profile), "gauge", value)


def _ordered(profile: Profile) -> Labels:
    labels = profile.labels
    return tuple((label.name, labels[label.name]) for label in profile.signal.labels)
