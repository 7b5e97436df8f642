"""The page of objectives: what is left of each error budget, how fast it burns, and which events ate it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from tocsin.console.alerts import history
from tocsin.console.alerts.history import Episode
from tocsin.console.asking import sentences
from tocsin.console.metrics import Away, Line, Sample, Window
from tocsin.console.objectives.eaten import Bite, eaten
from tocsin.console.sources import Sources
from tocsin.derive.burn import FAST, SLOW
from tocsin.model import PERIOD, Mean, Severity, seconds

SPANS: Mapping[str, float] = {"1h": 3600, "6h": 21_600, "1d": 86_400, "7d": 604_800, "30d": 2_592_000}
"""The spans that may be looked at, in seconds."""

_USUAL = "6h"
_ALARMS: dict[str, tuple[float, Severity]] = {
    window: (burn.factor, alert.severity)
    for alert in (SLOW, FAST)
    for burn in alert.burns
    for window in (burn.long, burn.short)
}
RATIOS = '{__name__=~"slo:sli_error:ratio_rate.+",sloth_window!=""}'
_REMAINING = "slo:period_error_budget_remaining:ratio"
_POINTS = 200

Key = tuple[str, str]
"""A service and the name of one of its objectives."""


@dataclass(frozen=True, slots=True)
class Burn:
    """How many times faster than promised a window spends the budget; above *limit* an alert may ring."""

    window: str
    rate: float
    limit: float | None
    severity: str

    @property
    def above(self) -> bool:
        """Whether it is."""
        return self.limit is not None and self.rate > self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A promise: *ratio* of the events are good.

    *remaining* is the part of the budget that is left, below 0 where it is overspent and None while nothing is known.
    *bad* and *total* count the events of the span, where they are *counted*: an objective of a mean has none.
    """

    service: str
    name: str
    ratio: float
    because: str
    remaining: float | None
    burns: tuple[Burn, ...]
    counted: bool
    bad: float | None
    total: float | None

    @property
    def key(self) -> str:
        """What tells it from all others in the address of the page."""
        return f"{self.service}/{self.name}"

    @property
    def named(self) -> Key:
        """The service, and the name."""
        return self.service, self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Objectives:
    """What the page shows, the worst first: of the *chosen* one what was left, and its burn, over the *span*.

    The span is from *start* to *end*, seconds since the epoch. *eaten* is what ate the budget in it, and *episodes* are
    those of the objective's alerts.
    """

    objectives: tuple[Objective, ...]
    period: str
    span: str
    start: float
    end: float
    chosen: str
    eaten: tuple[Bite, ...]
    episodes: tuple[Episode, ...]
    remaining: tuple[tuple[float, float], ...]
    burning: tuple[tuple[float, float], ...]
    away: tuple[str, ...]


async def look(sources: Sources, query: QueryParams) -> Objectives:
    """Look at all objectives, and at the one that the address names, or the worst, over a span."""
    span = query.get("span", "")
    span = span if span in SPANS else _USUAL
    metrics = sources.metrics
    length = SPANS[span] / sources.speed
    left, ratios, bad, total = await asyncio.gather(
        metrics.instant(_REMAINING),
        metrics.instant(RATIOS),
        metrics.instant(_events("bad", length)),
        metrics.instant(_events("total", length)),
    )
    known = _by_key(left)
    counts = _by_key(bad), _by_key(total)
    burns = () if isinstance(ratios, Away) else ratios
    found = sorted(_objectives(sources, known, burns, counts), key=_worth)
    chosen = next((each for each in found if each.key == query.get("objective")), found[0] if found else None)
    window = Window.last(length, _POINTS)
    remaining, burning = await _history(sources, chosen, window) if chosen else ((), ())
    past = await history.look(sources, QueryParams({"from": f"{window.start * 1000:.0f}"}))
    return Objectives(
        objectives=tuple(found),
        period=PERIOD,
        span=span,
        start=window.start,
        end=window.end,
        chosen=chosen.key if chosen else "",
        eaten=await _eaten(sources, chosen, _points(burning), window) if chosen else (),
        episodes=tuple(each for each in past.episodes if chosen and (each.service, each.slo) == chosen.named),
        remaining=_points(remaining),
        burning=_points(burning),
        away=sentences(left, ratios, bad, total, remaining, burning),
    )


def _events(kind: str, length: float) -> str:
    return f"sum_over_time(slo:sli_{kind}:rate5m[{length:g}s])"


async def _history(
    sources: Sources, chosen: Objective, window: Window
) -> tuple[tuple[Line, ...] | Away, tuple[Line, ...] | Away]:
    mine = f'{{service="{chosen.service}",slo="{chosen.name}"}}'
    return await asyncio.gather(
        sources.metrics.span(f"{_REMAINING}{mine}", window),
        sources.metrics.span(f"slo:current_burn_rate:ratio{mine}", window),
    )


async def _eaten(
    sources: Sources, chosen: Objective, burning: tuple[tuple[float, float], ...], window: Window
) -> tuple[Bite, ...]:
    service = next(each for each in sources.plan.catalog.services if each.name == chosen.service)
    promise = next(each for each in service.objectives if each.name == chosen.name)
    return await eaten(sources.metrics, service, promise, burning, window)


def _objectives(
    sources: Sources,
    left: Mapping[Key, float],
    ratios: tuple[Sample, ...],
    counts: tuple[Mapping[Key, float], Mapping[Key, float]],
) -> list[Objective]:
    bad, total = counts
    step = seconds(sources.plan.evaluation_interval)
    return [
        Objective(
            service=service.name,
            name=objective.name,
            ratio=objective.ratio,
            because=objective.because,
            remaining=left.get(key),
            burns=tuple(_burns(ratios, key, objective.budget)),
            counted=not isinstance(objective, Mean),
            bad=_times(bad.get(key), step),
            total=_times(total.get(key), step),
        )
        for service in sources.plan.catalog.services
        for objective in service.objectives
        for key in [(service.name, objective.name)]
    ]


def _burns(ratios: tuple[Sample, ...], key: Key, budget: float) -> list[Burn]:
    """Return the burn over each window, the shortest first."""
    found = [
        (sample.labels["sloth_window"], sample.value / budget)
        for sample in ratios
        if _key(sample) == key and math.isfinite(sample.value)
    ]
    return [
        Burn(window, rate, *_ALARMS.get(window, (None, "")))
        for window, rate in sorted(found, key=lambda each: seconds(each[0]))
    ]


def _times(rates: float | None, step: float) -> float | None:
    """Return how many events there were, of the sum of their rates at each step."""
    return None if rates is None else rates * step


def _by_key(found: tuple[Sample, ...] | Away) -> dict[Key, float]:
    samples = () if isinstance(found, Away) else found
    return {_key(sample): sample.value for sample in samples if math.isfinite(sample.value)}


def _key(sample: Sample) -> Key:
    return sample.labels.get("service", ""), sample.labels.get("slo", "")


def _points(lines: tuple[Line, ...] | Away) -> tuple[tuple[float, float], ...]:
    if isinstance(lines, Away):
        return ()
    return tuple((at, value) for line in lines[:1] for at, value in line.points if math.isfinite(value))


def _worth(objective: Objective) -> tuple[bool, float]:
    """Sort by what is left; those of which nothing is known come last."""
    return objective.remaining is None, objective.remaining or 0.0
