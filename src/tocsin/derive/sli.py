"""Service level indicators: how much of what happened was bad, over any window, for each kind of objective."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from tocsin.derive.plan import Recording, Share, Slices
from tocsin.model import (
    HTTP_REQUESTS,
    PERIOD,
    Availability,
    Errors,
    Fault,
    Flapping,
    Latency,
    Mean,
    Objective,
    Ratio,
    Selector,
    Service,
    Shift,
    Slow,
    matching,
)

BAD = "slo:sli_bad:rate5m"
TOTAL = "slo:sli_total:rate5m"
SLICE = "slo:sli_slice:bad5m"
SLICE_SECONDS = 300.0

THERE, SPOILT = 20, 22
"""Minutes for which a mean is spoilt at a time, and for which its slices, which look back, are bad then."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """The expressions of one SLI, each a function of a window, and the fault that spoils it.

    *error_ratio* has no series where nothing happened. *failures* counts bad events, where events are counted at all.
    *fault* spoils the share that it is given; *delay* is by how many seconds it may come to bear, and cease to, later.
    *share* is what it means; *least* is how many bad events of it must lie within a burn rate's long window, of slices
    how many events within a slice.
    """

    inputs: tuple[Recording, ...]
    error_ratio: Callable[[str], str]
    period_ratio: str
    failures: Callable[[str], str] | None
    fault: Callable[[float], Fault]
    share: Share | Slices
    least: int
    delay: float = 0.0


def indicator(service: Service, objective: Objective, labels: dict[str, str]) -> Indicator:
    """Return the indicator of an objective; *labels* go on what it records."""
    match objective:
        case Availability():
            requests = HTTP_REQUESTS.where(service=service.name)
            failed = requests.where(status_code=matching("5.."))
            return _failing(Share(requests, failed), objective, Errors, labels)
        case Latency():
            histogram = (objective.of or service.http_duration).where(service=service.name)
            return _slow(histogram, objective, labels)
        case Mean():
            return _slices(objective, labels)
        case Ratio():
            bad, of = objective.bad, objective.total
            return _failing(Share(of, bad), objective, lambda ratio: Errors(ratio, bad, of), labels)
        case _:
            raise AssertionError(f"no indicator for {type(objective).__name__}")


def _failing(share: Share, objective: Objective, fault: Callable[[float], Fault], labels: dict[str, str]) -> Indicator:
    return _events(
        lambda function, window: f"(sum({function}({share.bad}[{window}])) or vector(0))",
        share,
        objective.min_failures,
        fault,
        labels,
    )


def _slow(histogram: Selector, objective: Latency, labels: dict[str, str]) -> Indicator:
    fast = histogram.at_most(objective.below)
    return _events(
        lambda function, window: f"(sum({function}({histogram.count}[{window}])) - sum({function}({fast}[{window}])))",
        Share(histogram.count, histogram.count, fast),
        objective.min_failures,
        lambda share: Slow(objective.below * 1.5, share, objective.of),
        labels,
    )


def _events(
    bad: Callable[[str, str], str],
    share: Share,
    least: int,
    fault: Callable[[float], Fault],
    labels: dict[str, str],
) -> Indicator:
    mine, total = _matchers(labels), share.total
    return Indicator(
        inputs=(
            Recording(BAD, bad("rate", "5m"), labels),
            Recording(TOTAL, f"sum(rate({total}[5m]))", labels),
        ),
        error_ratio=lambda window: f"{bad('rate', window)} / (sum(rate({total}[{window}])) > 0)",
        period_ratio=f"sum_over_time({BAD}{mine}[{PERIOD}]) / (sum_over_time({TOTAL}{mine}[{PERIOD}]) > 0)",
        failures=lambda window: bad("increase", window),
        fault=fault,
        share=share,
        least=least,
    )


def _slices(objective: Mean, labels: dict[str, str]) -> Indicator:
    histogram = objective.signal
    mean = f"sum(rate({histogram.sum}[5m])) / sum(rate({histogram.count}[5m]))"
    busy = f"sum(increase({histogram.count}[5m])) >= {objective.min_events}"
    mine = _matchers(labels)
    return Indicator(
        inputs=(Recording(SLICE, f"({mean} < bool {objective.at_least:g})\nand on () ({busy})", labels),),
        error_ratio=lambda window: f"avg_over_time({SLICE}{mine}[{window}])",
        period_ratio=f"avg_over_time({SLICE}{mine}[{PERIOD}])",
        failures=None,
        fault=lambda share: _for_a_share(Shift(histogram, objective.at_least / 2), share),
        share=Slices(histogram, objective.at_least, objective.min_events, "5m"),
        least=objective.min_events,
        delay=SLICE_SECONDS,
    )


def _for_a_share(fault: Fault, share: float) -> Fault:
    """Let a fault that spoils every slice be there for a share of the time."""
    if share == 1:
        return fault
    return Flapping(fault, f"{THERE}m", f"{math.ceil(SPOILT / share) - THERE}m")


def _matchers(labels: dict[str, str]) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}"
