"""What ate an error budget: the stretches in which it was spent faster than promised, and which events spent it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tocsin.console.metrics import Away, Metrics, Window
from tocsin.derive.plan import Share
from tocsin.derive.sli import indicator
from tocsin.model import PERIOD, Objective, Service, seconds

MOST = 5
"""Stretches that are told, those that spent most."""

_PARTS = 4
_LOOKBACK = 300.0
_APART = 2.5
_SUMMED = "instance, job, le, service, team"

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Part:
    """So many bad events with these labels."""

    labels: tuple[tuple[str, str], ...]
    events: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bite:
    """A stretch from *start* to *end*, in seconds since the epoch, in which the budget burnt.

    *peak* is how many times faster than promised it did at most, *spent* the share of the period's whole budget that
    went, if there always were as many events. It is *open* while it goes on.
    """

    start: float
    end: float
    peak: float
    spent: float
    open: bool
    parts: tuple[Part, ...] = ()


def bites(burning: Points, window: Window) -> tuple[Bite, ...]:
    """Return the stretches in which *burning* was above 1, those that spent most first."""
    found = sorted(_stretches(burning, window.step), key=lambda stretch: -sum(burn for _, burn in stretch))
    return tuple(
        Bite(
            start=stretch[0][0] - window.step,
            end=stretch[-1][0],
            peak=max(burn for _, burn in stretch),
            spent=sum(burn for _, burn in stretch) * window.step / seconds(PERIOD),
            open=stretch[-1][0] >= window.end - window.step,
        )
        for stretch in found[:MOST]
    )


async def parts(metrics: Metrics, service: Service, objective: Objective, bite: Bite) -> tuple[Part, ...]:
    """Return which events were bad in a stretch, the most first; none where the labels do not tell."""
    share = indicator(service, objective, {}).share
    if not isinstance(share, Share):
        return ()
    window = f"{bite.end - bite.start + _LOOKBACK:.0f}s"
    bad = f"sum without ({_SUMMED}) (increase({share.bad}[{window}]))"
    if share.less is not None:
        bad = f"{bad} - sum without ({_SUMMED}) (increase({share.less}[{window}]))"
    told = await metrics.instant(f"topk({_PARTS}, {bad} >= 0.5)", bite.end)
    if isinstance(told, Away):
        return ()
    found = [
        Part(tuple(sorted((name, value) for name, value in each.labels.items() if name != "__name__")), each.value)
        for each in told
    ]
    return tuple(sorted((part for part in found if part.labels), key=lambda part: -part.events))


async def eaten(
    metrics: Metrics, service: Service, objective: Objective, burning: Points, window: Window
) -> tuple[Bite, ...]:
    """Return what ate the budget, with the events that did."""
    found = bites(burning, window)
    spent = await asyncio.gather(*(parts(metrics, service, objective, bite) for bite in found))
    return tuple(replace(bite, parts=each) for bite, each in zip(found, spent, strict=True))


def _stretches(burning: Points, step: float) -> Iterator[list[tuple[float, float]]]:
    stretch: list[tuple[float, float]] = []
    for at, burn in burning:
        if burn <= 1:
            continue
        if stretch and at - stretch[-1][0] > _APART * step:
            yield stretch
            stretch = []
        stretch.append((at, burn))
    if stretch:
        yield stretch
