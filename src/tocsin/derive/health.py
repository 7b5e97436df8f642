"""What every HTTP service gets for nothing: recordings of its golden signals, and its alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tocsin.derive.clauses import down, down_though_there, holds, unless_down
from tocsin.derive.plan import AlertRule, Criterion, Evidence, Recording, Ring, Share
from tocsin.derive.rings import RUSH, detection, ring
from tocsin.model import (
    HTTP_REQUESTS,
    PROBE,
    Down,
    Errors,
    Latency,
    Selector,
    Service,
    Slow,
    Unreachable,
    Vanish,
    matching,
)

ERROR_RATIO = 0.05
LATENCY_BOUND = 10.0
"""Seconds, for a service that promises no latency of its requests."""
LATENCY_RATIO = 0.95
MIN_FAILURES = 5
"""Failures within five minutes below which a ratio proves nothing."""

WINDOW = 300.0
"""Seconds over which the ratios of these alerts are taken."""

ABOVE, BELOW = 1.2, 0.8
"""Times a threshold that just makes an alert ring, and that just does not."""

QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


def recordings(service: Service) -> Iterator[Recording]:
    """Record request rate, error ratio and latency quantiles over five minutes."""
    own = {"service": service.name}
    me = f'{{service="{service.name}"}}'
    requests = HTTP_REQUESTS.where(service=service.name)
    buckets = service.http_duration.where(service=service.name).bucket
    yield Recording("service:http_requests:rate5m", f"sum(rate({requests}[5m]))", own)
    yield Recording("service:http_errors:rate5m", f"sum(rate({_errors(service)}[5m])) or vector(0)", own)
    yield Recording(
        "service:http_errors:ratio_rate5m",
        f"service:http_errors:rate5m{me} / (service:http_requests:rate5m{me} > 0)",
        own,
    )
    for name, quantile in QUANTILES.items():
        yield Recording(
            f"service:http_request_duration_seconds:{name}_rate5m",
            f"histogram_quantile({quantile:g}, sum by (le) (rate({buckets}[5m])))",
            own,
        )


def alerts(service: Service) -> Iterator[AlertRule]:
    """Ring when the service is gone, cannot be reached, fails, or is slow."""
    yield _service_down(service)
    if service.public_url:
        yield _public_url_down(service)
    yield _high_error_rate(service)
    yield _high_latency(service)


def _service_down(service: Service) -> AlertRule:
    return AlertRule(
        name="ServiceDown",
        expr=_gone(service),
        lasting="2m",
        within="3m",
        severity="critical",
        service=service.name,
        team=service.team,
        summary=f"{service.name} is down: no instance answers",
        because=service.because,
        runbook="runbooks/service-down.md",
        rings=tuple(
            Ring(fault=fault, within="3m", not_before="2m", silent_within="1m")
            for fault in ((Down(),) if service.idles else (Down(), Vanish()))
        ),
    )


def _gone(service: Service) -> str:
    """Select something when the service is down; one that idles may also not be there."""
    return down_though_there(service.name) if service.idles else down(service.name)


def _public_url_down(service: Service) -> AlertRule:
    told = f"unless on () ({_gone(service)})" if service.idles else unless_down(service.name)
    return AlertRule(
        name="PublicUrlDown",
        expr=holds(f"{PROBE.where(job=service.probe)} == 0", told),
        lasting="2m",
        within="3m",
        severity="critical",
        service=service.name,
        team=service.team,
        summary=f"{service.public_url} does not answer, though {service.name} is not down",
        because=service.because,
        runbook="runbooks/public-url-down.md",
        rings=(Ring(fault=Unreachable(), within="3m", not_before="2m", silent_within="1m"),),
    )


def _high_error_rate(service: Service) -> AlertRule:
    ratio = f'service:http_errors:ratio_rate5m{{service="{service.name}"}} > {ERROR_RATIO:g}'
    failures = f"and on () (sum(increase({_errors(service)}[5m])) >= {MIN_FAILURES})"
    return AlertRule(
        name="HighErrorRate",
        expr=holds(ratio, failures),
        lasting="5m",
        within="8m",
        severity="critical",
        service=service.name,
        team=service.team,
        summary=f"{{{{ $value | humanizePercentage }}}} of the requests to {service.name} fail",
        because=f"More than {ERROR_RATIO:.0%} of what people ask of {service.name} is answered with an error.",
        runbook="runbooks/high-error-rate.md",
        rings=tuple(_rings(Errors, ERROR_RATIO, (0.5, ERROR_RATIO * ABOVE), 300)),
        quiet=(Errors(ERROR_RATIO * BELOW),),
        evidence=Evidence(MIN_FAILURES, "5m", _failed(service)),
        criteria=(
            Criterion(
                Share(HTTP_REQUESTS.where(service=service.name), _failed(service)),
                ERROR_RATIO,
                ("5m",),
                Errors(0.5),
                MIN_FAILURES,
            ),
        ),
    )


def _high_latency(service: Service) -> AlertRule:
    bound, ratio = latency_promise(service)
    requests = service.http_duration.where(service=service.name)
    slow = f"1 - sum(rate({requests.at_most(bound)}[5m])) / (sum(rate({requests.count}[5m])) > 0) > {1 - ratio:.6g}"
    late = f"sum(increase({requests.count}[5m])) - sum(increase({requests.at_most(bound)}[5m]))"
    return AlertRule(
        name="HighLatency",
        expr=holds(slow, f"and on () ({late} >= {MIN_FAILURES})", unless_down(service.name)),
        lasting="10m",
        within="13m",
        severity="critical",
        service=service.name,
        team=service.team,
        summary=f"{{{{ $value | humanizePercentage }}}} of the requests to {service.name} take over {bound:g} seconds",
        because=f"People wait: the P{ratio * 100:g} of {service.name} is above {bound:g} seconds.",
        runbook="runbooks/high-latency.md",
        rings=tuple(
            _rings(lambda share: Slow(bound * 1.5, share), 1 - ratio, (1.0, min(1.0, (1 - ratio) * ABOVE)), 600)
        ),
        quiet=(Slow(bound * 1.5, (1 - ratio) * BELOW),),
        evidence=Evidence(MIN_FAILURES, "5m", requests.count, requests.at_most(bound)),
        criteria=(
            Criterion(
                Share(requests.count, requests.count, requests.at_most(bound)),
                1 - ratio,
                ("5m",),
                Slow(bound * 1.5),
                MIN_FAILURES,
            ),
        ),
    )


def _rings(
    fault: Callable[[float], Errors | Slow], threshold: float, shares: tuple[float, float], lasting: float
) -> Iterator[Ring]:
    """Yield the rings for each share that is spoilt, and for the last of them also in a rush."""
    for share, visits in (*((each, 1.0) for each in shares), (shares[-1], RUSH)):
        after = detection(WINDOW, threshold, share, visits)
        yield ring(fault(share), after, lasting=lasting, visits=visits)


def latency_promise(service: Service) -> tuple[float, float]:
    """Return the seconds, and the share of the requests that take no longer, above which HighLatency rings."""
    promises = [(o.below, o.ratio) for o in service.objectives if isinstance(o, Latency) and o.of is None]
    return promises[0] if promises else (LATENCY_BOUND, LATENCY_RATIO)


def _errors(service: Service) -> str:
    return str(_failed(service))


def _failed(service: Service) -> Selector:
    return HTTP_REQUESTS.where(service=service.name, status_code=matching("5.."))
