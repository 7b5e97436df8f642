"""The services at a glance: the sick ones first, each with its signals, what is left of its budgets, and what rings."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from nicegui import ui
from starlette.datastructures import QueryParams

from tocsin.console import pieces, sparks
from tocsin.console.boards import units
from tocsin.console.metrics import Away, Line, Sample, Window
from tocsin.console.page import Page, Redraw, Visit
from tocsin.console.sources import Sources

SPAN = 3600.0
"""Seconds that the lines of the signals reach back."""

SIGNALS = {
    "Requests": ("service:http_requests:rate5m", "reqps"),
    "Errors": ("service:http_errors:ratio_rate5m", "percentunit"),
    "P95": ("service:http_request_duration_seconds:p95_rate5m", "s"),
    "CPU": ("sum by (service) (rate(process_cpu_seconds_total[5m]))", "cores"),
}
"""The golden signals: traffic, errors, latency and saturation, each with its unit."""

_UP = "min by (service) (up)"
_BUDGETS = "min by (service, slo) (slo:period_error_budget_remaining:ratio)"
_FIRING = 'ALERTS{alertstate="firing",severity!="none"}'
_SINCE = "max by (alertname, service, slo) (ALERTS_FOR_STATE)"
_STARTED = "max by (service) (process_start_time_seconds)"

State = Literal["critical", "warning", "unknown", "ok"]
_ORDER: tuple[State, ...] = ("critical", "warning", "unknown", "ok")
_MEANINGS: Mapping[State, pieces.Meaning] = {
    "critical": "critical",
    "warning": "warning",
    "unknown": "silent",
    "ok": "ok",
}


@dataclass(frozen=True, slots=True)
class Signal:
    """A golden signal of a service: how it is now, in words, and the path of its last hour."""

    name: str
    text: str
    path: str


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert that rings, since so many seconds after the epoch, if that is known."""

    name: str
    severity: str
    slo: str
    since: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How a service fares; *budgets* maps each objective to the share that is left of what may go wrong."""

    service: str
    state: State
    word: str
    signals: tuple[Signal, ...]
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
            return f"{len(sick)} of {len(self.services)} services need somebody: {', '.join(sick)}."
        unknown = [each.service for each in self.services if each.state == "unknown"]
        if unknown:
            return f"Nothing is known of {', '.join(unknown)}: is it scraped?"
        return f"All {len(self.services)} services are well."


async def look(sources: Sources, _: QueryParams) -> Overview:
    """Look at every service of the catalog."""
    metrics, window = sources.metrics, Window.last(SPAN, 120)
    spans = await asyncio.gather(*(metrics.span(expr, window) for expr, _ in SIGNALS.values()))
    asked = (_UP, _BUDGETS, _FIRING, _SINCE, _STARTED)
    moments = await asyncio.gather(*(metrics.instant(expr) for expr in asked))
    minute = time.time() // 60 * 60
    for told in (*moments, *spans):
        if isinstance(told, Away):
            return Overview((), minute, told.sentence)
    up, budgets, firing, since, started = (told for told in moments if not isinstance(told, Away))
    lines = dict(zip(SIGNALS, (told for told in spans if not isinstance(told, Away)), strict=True))
    rings = firings(firing, since)
    fares = {each.name: _state(of(up, each.name), rings.get(each.name, ())) for each in sources.plan.catalog.services}
    seen = [
        Seen(
            service=service.name,
            state=fares[service.name][0],
            word=fares[service.name][1],
            signals=tuple(_signals(lines, service.name, window)),
            budgets={each.labels.get("slo", ""): each.value for each in of(budgets, service.name)},
            firing=rings.get(service.name, ()),
            started=next((each.value for each in of(started, service.name)), None),
        )
        for service in sources.plan.catalog.services
    ]
    return Overview(tuple(sorted(seen, key=lambda each: _ORDER.index(each.state))), minute)


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
        return "critical", "down"
    if rings:
        critical = any(ring.severity == "critical" for ring in rings)
        return ("critical", "paging") if critical else ("warning", "warning")
    return ("ok", "well") if up else ("unknown", "not scraped")


def _signals(lines: Mapping[str, Sequence[Line]], service: str, window: Window) -> list[Signal]:
    found = []
    for name, (_, unit) in SIGNALS.items():
        line = next((each for each in lines[name] if each.labels.get("service") == service), None)
        last = line.last if line is not None and line.last is not None else math.nan
        points = line.points if line is not None else ()
        path = sparks.path(points, window.start, window.end, floor=0.0)
        found.append(Signal(name, units.spelled(last, unit), path))
    return found


def draw(view: Overview, _: Visit) -> Redraw:
    """Draw a card for each service; a newer view is put into the same cards."""
    pieces.heading("Overview", 1)
    place = ui.element("div")

    def show(newer: Overview) -> None:
        place.clear()
        with place:
            _body(newer)

    show(view)
    return show


def _body(view: Overview) -> None:
    if view.away:
        pieces.away(view.away)
        return
    if not view.services:
        pieces.empty("The catalog has no services: declare one, and it is here.")
        return
    pieces.words(view.sentence, "p", f"verdict {_MEANINGS[view.services[0].state]}").props["role"] = "status"
    with ui.element("div").classes("cards services"):
        for seen in view.services:
            _card(seen, view.at)


def _card(seen: Seen, now: float) -> None:
    meaning = _MEANINGS[seen.state]
    with pieces.card(classes=f"service {meaning}") as card:
        card.props["aria-label"] = f"{seen.service}: {seen.word}"
        with ui.element("div").classes("row"):
            with pieces.heading("", 2):
                ui.link(seen.service, f"/boards?uid=tocsin-{seen.service}-health")
            pieces.badge(seen.word, meaning)
        for ring in seen.firing:
            with ui.element("p").classes("ring"):
                pieces.badge(ring.severity or "alert", "critical" if ring.severity == "critical" else "warning")
                ui.link(f"{ring.name} {ring.slo}".strip(), f"/alerts?service={seen.service}")
                if ring.since is not None:
                    pieces.words(f"for {ago(ring.since, now)}", "span", "faint")
        with ui.element("dl").classes("signals"):
            for signal in seen.signals:
                with ui.element("div"):
                    pieces.words(signal.name, "dt", "faint")
                    with ui.element("dd"):
                        pieces.words(signal.text, "strong")
                        pieces.sparkline(signal.path, f"{signal.name} of {seen.service} in the last hour")
        for objective, left in sorted(seen.budgets.items()):
            _budget(objective, left)
        if seen.started is not None:
            pieces.words(f"Deployed or restarted {ago(seen.started, now)} ago", "p", "faint started")


def _budget(objective: str, left: float) -> None:
    meaning = "critical" if left <= 0 else "warning" if left < _SCARCE else "ok"
    with ui.element("div").classes("budget"):
        pieces.words(objective, "span", "faint")
        with ui.element("span").classes("meter").props('aria-hidden="true"'):
            ui.element("i").classes(meaning).style(f"width: {max(0.0, min(1.0, left)):.1%}")
        pieces.words(f"{units.spelled(left, 'percentunit')} left", "span", f"number ink-{meaning}")


_SCARCE = 0.25


def ago(then: float, now: float) -> str:
    """Return how long ago *then* was, in one unit."""
    past = max(0.0, now - then)
    for size, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if past >= size:
            return f"{past / size:.0f} {name}"
    return "less than 1 min"


PAGE = Page(path="/overview", title="Overview", look=look, draw=draw)
