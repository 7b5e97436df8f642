"""The services at a glance: the sick ones first, each with its signals, what is left of its budgets, and what rings."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from starlette.datastructures import QueryParams

from tocsin.console.metrics import Away, Metrics, Sample
from tocsin.console.overview.reasons import reasons
from tocsin.console.overview.signals import Signal, Signals, ages, measured, short
from tocsin.console.sources import Sources
from tocsin.model import Service, seconds

_UP = "min by (service) (up)"
_BUDGETS = "min by (service, slo) (slo:period_error_budget_remaining:ratio)"
_FIRING = 'ALERTS{alertstate="firing",severity!="none"}'
_SINCE = "max by (alertname, service, slo) (ALERTS_FOR_STATE)"
_BURNS = "max by (service, slo) (slo:current_burn_rate:ratio)"
_STARTED = "max by (service) (process_start_time_seconds)"

_DOWN = "down"

State = Literal["critical", "warning", "unknown", "ok"]
_ORDER: tuple[State, ...] = ("critical", "warning", "unknown", "ok")


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert that rings, since so many seconds after the epoch, if that is known."""

    name: str
    severity: str
    slo: str
    since: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How a service fares, and in a few words why, if it does badly.

    *signals* are over a window of *over* seconds. *budgets* maps each objective to the share that is left of what may
    go wrong. *started* is when its oldest process was, in seconds since the epoch.
    """

    service: str
    state: State
    word: str
    reasons: tuple[str, ...]
    signals: tuple[Signal, ...]
    over: float
    budgets: Mapping[str, float]
    firing: tuple[Firing, ...]
    started: float | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The services, the sickest first; *away* says why nobody knows. *at* is the minute in which it was looked."""

    services: tuple[Seen, ...]
    at: float
    away: str = ""

    @property
    def sentence(self) -> str:
        """What a person should read first."""
        sick = [each.service for each in self.services if each.state in {"critical", "warning"}]
        if sick:
            need = "needs" if len(sick) == 1 else "need"
            return f"{len(sick)} of {len(self.services)} services {need} somebody: {', '.join(sick)}."
        unknown = [each.service for each in self.services if each.state == "unknown"]
        if unknown:
            return f"Nothing is known of {', '.join(unknown)}: is it scraped?"
        return f"All {len(self.services)} services are well."


async def look(sources: Sources, _: QueryParams) -> Overview:
    """Look at every service of the catalog."""
    every = seconds(sources.plan.scrape_interval)
    told, signals = await asyncio.gather(_moments(sources.metrics), _signals(sources.metrics, every))
    minute = time.time() // 60 * 60
    if isinstance(told, Away):
        return Overview((), minute, told.sentence)
    if isinstance(signals, Away):
        return Overview((), minute, signals.sentence)
    rings = firings(told.firing, told.since)
    seen = [_seen(service, told, rings.get(service.name, ()), signals) for service in sources.plan.catalog.services]
    return Overview(tuple(sorted(seen, key=_worth)), minute)


@dataclass(frozen=True, slots=True)
class _Moments:
    """What was asked of the moment, of all services."""

    up: Sequence[Sample]
    budgets: Sequence[Sample]
    burns: Sequence[Sample]
    firing: Sequence[Sample]
    since: Sequence[Sample]
    started: Sequence[Sample]


async def _moments(metrics: Metrics) -> _Moments | Away:
    asked = (_UP, _BUDGETS, _BURNS, _FIRING, _SINCE, _STARTED)
    found = await asyncio.gather(*map(metrics.instant, asked))
    away = next((each for each in found if isinstance(each, Away)), None)
    return away or _Moments(*(each for each in found if not isinstance(each, Away)))


@dataclass(frozen=True, slots=True)
class _Signals:
    """The signals over the usual window; and over a shorter one, of the services that are *young*."""

    usual: Signals
    early: Signals
    young: Collection[str]

    def of(self, service: str) -> tuple[tuple[Signal, ...], float]:
        """Return the signals of a service, and the seconds that they are over."""
        found = self.early if service in self.young else self.usual
        return found.of(service), found.over


async def _signals(metrics: Metrics, every: float) -> _Signals | Away:
    first, usual = await asyncio.gather(ages(metrics, every), measured(metrics, None, every))
    if isinstance(first, Away):
        return first
    if isinstance(usual, Away):
        return usual
    now = time.time()
    windows = {each.labels.get("service", ""): short(now - each.value, every) for each in first}
    young = {service: over for service, over in windows.items() if over is not None}
    early = await measured(metrics, min(young.values()), every) if young else usual
    return early if isinstance(early, Away) else _Signals(usual, early, young)


def _seen(service: Service, told: _Moments, rings: tuple[Firing, ...], signals: _Signals) -> Seen:
    mine, over = signals.of(service.name)
    budgets, burns = (
        {each.labels.get("slo", ""): each.value for each in of(samples, service.name)}
        for samples in (told.budgets, told.burns)
    )
    state, word = _state(of(told.up, service.name), rings)
    sick = state in {"critical", "warning"} and word != _DOWN
    return Seen(
        service=service.name,
        state=state,
        word=word,
        reasons=reasons(service, mine, budgets, burns) if sick else ("no instance answers",) if word == _DOWN else (),
        signals=mine,
        over=over,
        budgets=budgets,
        firing=rings,
        started=next((each.value for each in of(told.started, service.name)), None),
    )


def _worth(seen: Seen) -> tuple[int, bool, int]:
    """Sort by what is to be looked at first."""
    return _ORDER.index(seen.state), seen.word != _DOWN, -len(seen.firing)


def of(samples: Sequence[Sample], service: str) -> tuple[Sample, ...]:
    """Return the samples of a service."""
    return tuple(each for each in samples if each.labels.get("service") == service)


def firings(firing: Sequence[Sample], since: Sequence[Sample]) -> dict[str, tuple[Firing, ...]]:
    """Return what rings for each service, critical alerts first; one that several instances raise is one."""
    began = {_key(each): each.value for each in since}
    found: dict[str, set[Firing]] = {}
    for each in firing:
        name, service, slo = _key(each)
        ring = Firing(name, each.labels.get("severity", ""), slo, began.get((name, service, slo)))
        found.setdefault(service, set()).add(ring)
    return {
        service: tuple(sorted(rings, key=lambda ring: (ring.severity != "critical", ring.name, ring.slo)))
        for service, rings in found.items()
    }


def _key(sample: Sample) -> tuple[str, str, str]:
    return sample.labels.get("alertname", ""), sample.labels.get("service", ""), sample.labels.get("slo", "")


def _state(up: Sequence[Sample], rings: Sequence[Firing]) -> tuple[State, str]:
    if up and not up[0].value:
        return "critical", _DOWN
    if rings:
        critical = any(ring.severity == "critical" for ring in rings)
        return ("critical", "paging") if critical else ("warning", "warning")
    return ("ok", "well") if up else ("unknown", "not scraped")


def ago(then: float, now: float) -> str:
    """Return how long ago *then* was, in one unit."""
    past = max(0.0, now - then)
    for size, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if past >= size:
            return f"{past / size:.0f} {name}"
    return "less than 1 min"
