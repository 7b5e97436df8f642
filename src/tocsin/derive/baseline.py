"""What an objective's indicator is on a healthy day: the share of bad events that traffic and behaviour declare."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.model import (
    HTTP_REQUESTS,
    Availability,
    Counter,
    Distribution,
    Flow,
    Histogram,
    Latency,
    Objective,
    Ratio,
    Selector,
    Service,
    Spread,
)


def baseline(service: Service, objective: Objective) -> float:
    """Return the share of an objective's events that is bad though nothing is wrong; 0 where nothing is declared."""
    match objective:
        case Availability():
            return service.traffic.errors
        case Ratio(bad=bad, total=total):
            return _ratio(service, bad, total)
        case Latency(below=below, of=None):
            return 1 - Distribution(service.traffic.p50, service.traffic.p95).up_to(below)
        case Latency(below=below, of=Histogram() as histogram):
            return _slow(service, histogram, below)
        case _:
            return 0.0


def _ratio(service: Service, bad: Counter | Selector, total: Counter | Selector) -> float:
    selector = bad if isinstance(bad, Selector) else Selector(bad)
    if selector.signal.name == HTTP_REQUESTS.name:
        return service.traffic.errors
    whole = sum(_rates(service, total))
    return sum(_rates(service, bad)) / whole if whole else 0.0


def _rates(service: Service, of: Counter | Selector) -> Iterator[float]:
    selector = of if isinstance(of, Selector) else Selector(of)
    own = dict(service.target)
    for flow in (each for each in service.behaviour if isinstance(each, Flow)):
        if flow.signal.name == selector.signal.name and selector.selects({**own, **flow.labels}):
            yield flow.per_second


def _slow(service: Service, histogram: Histogram, below: float) -> float:
    spreads = [each for each in service.behaviour if isinstance(each, Spread) and each.signal.name == histogram.name]
    whole = sum(each.per_second for each in spreads)
    late = sum(each.per_second * (1 - each.distribution.up_to(below)) for each in spreads)
    return late / whole if whole else 0.0
