"""When alerts waited, rang and were over: their episodes within a window, as Prometheus recorded them.

Source: Prometheus's documentation, "Alerting rules" (`ALERTS`, which goes on as long as an alert is pending or firing,
and `ALERTS_FOR_STATE`, whose value is the time since which it is).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from tocsin.console.asking import sentences
from tocsin.console.metrics import Away, Line, Window
from tocsin.console.sources import Sources
from tocsin.console.times import moment
from tocsin.model import seconds

SPANS: Mapping[str, float] = {"1h": 3600, "6h": 21_600, "1d": 86_400, "7d": 604_800, "30d": 2_592_000}
"""The spans that may be chosen, in seconds."""

MOST = 200
"""Episodes that are shown, the newest first."""

_USUAL = "6h"
_POINTS = 2900
_GAP = 2.5
"""Evaluations that may lie between two samples of one episode."""

_BEFORE, _AFTER = 300.0, 60.0
"""Seconds around an episode that its links show."""

_STILL = 5.0
"""Seconds within which the window stands still, so that tabs ask alike."""

_MINE = 'severity!="none"'
_APART = ("__name__", "alertstate")

Labels = tuple[tuple[str, str], ...]
Stretch = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Episode:
    """Once that an alert waited or rang, in seconds since the epoch.

    It was pending *since*, *fired* if it came to that, and was *over* at the evaluation that found it so; None while it
    goes on at the end of the window. *runbook* is the address of its page.
    """

    labels: Mapping[str, str]
    since: float
    fired: float | None
    over: float | None
    runbook: str = ""

    @property
    def name(self) -> str:
        """The name of the alert."""
        return self.labels.get("alertname", "")

    @property
    def service(self) -> str:
        """The service that it is of."""
        return self.labels.get("service", "")

    @property
    def severity(self) -> str:
        """How grave it is."""
        return self.labels.get("severity", "")

    @property
    def slo(self) -> str:
        """The objective that it is of, if it is of one."""
        return self.labels.get("slo", "")

    def around(self, now: float) -> dict[str, str]:
        """Return the window around it, as addresses of boards and logs have it."""
        end = now if self.over is None else self.over + _AFTER
        return {"from": f"{(self.since - _BEFORE) * 1000:.0f}", "to": f"{end * 1000:.0f}"}

    def board(self, now: float) -> str:
        """Return the address of the service's board at that time."""
        return f"/boards?{urlencode({'uid': f'tocsin-{self.service}-health', **self.around(now)})}"

    def logs(self, now: float) -> str:
        """Return the address of the service's logs at that time."""
        return f"/logs?{urlencode({'service': self.service, **self.around(now)})}"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The episodes between *start* and *end*, the newest first; *span* is empty where the address has other times."""

    span: str
    start: float
    end: float
    episodes: tuple[Episode, ...]
    more: int
    away: tuple[str, ...]


async def look(sources: Sources, query: QueryParams) -> History:
    """Look at the episodes of the span that the address names, or from one moment to another."""
    span, start, end = _chosen(query)
    every = seconds(sources.plan.evaluation_interval)
    window = Window.of(start, end, _POINTS, every)
    window = replace(window, end=window.end + window.step)  # the last step is under way
    within = f"[{window.step:g}s:{every:g}s]"
    stamps = f"timestamp(ALERTS{{{_MINE}}}){within}"
    first, last, since = await asyncio.gather(
        sources.metrics.span(f"min_over_time({stamps})", window),
        sources.metrics.span(f"max_over_time({stamps})", window),
        sources.metrics.span(f"last_over_time(ALERTS_FOR_STATE{{{_MINE}}}[{window.step:g}s])", window),
    )
    found: list[Episode] = []
    if not (isinstance(first, Away) or isinstance(last, Away) or isinstance(since, Away)):
        found = sorted(episodes(first, last, since, every, end), key=lambda each: each.since, reverse=True)
    return History(
        span=span,
        start=start,
        end=end,
        episodes=tuple(found[:MOST]),
        more=max(0, len(found) - MOST),
        away=sentences(first, last, since),
    )


def _chosen(query: QueryParams) -> tuple[str, float, float]:
    now = time.time() // _STILL * _STILL
    start, end = (moment(query.get(name, ""), now) for name in ("from", "to"))
    if start is not None and (end or now) > start:
        return "", start, min(now, end or now)
    span = query.get("span", "")
    span = span if span in SPANS else _USUAL
    return span, now - SPANS[span], now


def episodes(
    first: Sequence[Line], last: Sequence[Line], since: Sequence[Line], every: float, end: float
) -> Iterator[Episode]:
    """Yield the episodes of each alert.

    *first* and *last* are the times of the first and the last sample of `ALERTS` in each step, *since* the values of
    `ALERTS_FOR_STATE`; an alert is evaluated *every* so many seconds. What still was at *end* goes on.
    """
    gap = _GAP * every
    ends = {tuple(sorted(line.labels.items())): dict(line.points) for line in last}
    began = {_identity(line): line.points for line in since}
    stretches: dict[Labels, list[tuple[Stretch, bool]]] = {}
    for line in first:
        to = ends.get(tuple(sorted(line.labels.items())), {})
        firing = line.labels.get("alertstate") == "firing"
        joined = _joined(((value, to[at]) for at, value in line.points if at in to), gap)
        stretches.setdefault(_identity(line), []).extend((each, firing) for each in joined)
    for labels, seen in stretches.items():
        yield from _episodes(labels, sorted(seen), began.get(labels, ()), every, end)


def _episodes(
    labels: Labels, seen: list[tuple[Stretch, bool]], began: Sequence[Stretch], every: float, end: float
) -> Iterator[Episode]:
    at, gap = 0, _GAP * every
    while at < len(seen):
        (start, stop), firing = seen[at]
        fired = start if firing else None
        if not firing and at + 1 < len(seen) and seen[at + 1][1] and seen[at + 1][0][0] - stop <= gap:
            at += 1
            fired, stop = seen[at][0]
        at += 1
        over = None if end - stop <= gap else stop + every
        yield Episode(dict(labels), _since(began, start, stop), fired, over)


def _since(began: Sequence[Stretch], start: float, stop: float) -> float:
    """Return since when it was pending, which may be before the window."""
    told = next((value for at, value in began if at >= start and value <= stop), start)
    return told if told < start - 1 else start  # it is told in whole seconds


def _joined(stretches: Iterator[Stretch], gap: float) -> list[Stretch]:
    found: list[Stretch] = []
    for start, stop in stretches:
        if found and start - found[-1][1] <= gap:
            found[-1] = (found[-1][0], max(found[-1][1], stop))
        else:
            found.append((start, stop))
    return found


def _identity(line: Line) -> Labels:
    return tuple(sorted((name, value) for name, value in line.labels.items() if name not in _APART))
