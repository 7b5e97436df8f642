"""The golden signals of the services, from the second scrape on: over a shorter window while history is short."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tocsin.console import sparks
from tocsin.console.boards import units
from tocsin.console.metrics import Away, Line, Metrics, Sample, Window

SPAN = 3600.0
"""Seconds that the lines of the signals reach back at most."""

WINDOW = 300.0
"""Seconds over which the recorded signals are."""

UNITS = {"Requests": "reqps", "Errors": "percentunit", "P95": "s", "CPU": "cores"}
"""The golden signals: traffic, errors, latency and saturation, each with its unit."""

_YOUNG_SPAN = 600.0
_POINTS = 120
_CPU = "sum by (service) (rate(process_cpu_seconds_total[{0}]))"
_REQUESTS = "sum by (service) (rate(http_requests_total[{0}]))"
_FAILED = 'sum by (service) (rate(http_requests_total{{status_code=~"5.."}}[{0}]))'
_RECORDED = {
    "Requests": "service:http_requests:rate5m",
    "Errors": "service:http_errors:ratio_rate5m",
    "P95": "service:http_request_duration_seconds:p95_rate5m",
    "CPU": _CPU.format("5m"),
}
_RAW = {
    "Requests": _REQUESTS,
    "Errors": f"({_FAILED} or 0 * {_REQUESTS}) / ({_REQUESTS} > 0)",
    "P95": "histogram_quantile(0.95, sum by (service, le) (rate(http_request_duration_seconds_bucket[{0}])))",
    "CPU": _CPU,
}


@dataclass(frozen=True, slots=True)
class Signal:
    """A golden signal of a service: how it is now, also in words, and the path of its line since *start*."""

    name: str
    value: float | None
    text: str
    path: str
    start: float


@dataclass(frozen=True, slots=True)
class Signals:
    """What was measured of all services; *over* are the seconds that it is over."""

    now: Mapping[str, Sequence[Sample]]
    lines: Mapping[str, Sequence[Line]]
    over: float
    window: Window

    def of(self, service: str) -> tuple[Signal, ...]:
        """Return the signals of a service."""
        return tuple(self._one(name, unit, service) for name, unit in UNITS.items())

    def _one(self, name: str, unit: str, service: str) -> Signal:
        values = (each.value for each in self.now[name] if each.labels.get("service") == service)
        value = next((each for each in values if math.isfinite(each)), None)
        line = next((each for each in self.lines[name] if each.labels.get("service") == service), None)
        points = line.points if line is not None else ()
        start = points[0][0] if points else self.window.start
        path = sparks.path(points, start, self.window.end, floor=0.0)
        return Signal(name, value, units.spelled(math.nan if value is None else value, unit), path, start)


async def ages(metrics: Metrics, every: float) -> tuple[Sample, ...] | Away:
    """Return since when, within the window, each service is scraped, which happens *every* so many seconds."""
    stamps = f"min_over_time(timestamp(up)[{WINDOW:g}s:{every:g}s])"
    return await metrics.instant(f"min by (service) ({stamps} or timestamp(up))")


def short(age: float, every: float) -> float | None:
    """Return the window that a history of *age* seconds fills, if that is shorter than the usual one."""
    if age > WINDOW - 2 * every:
        return None
    return max(2.0, age // every + 1) * every


async def measured(metrics: Metrics, over: float | None, every: float) -> Signals | Away:
    """Measure the signals of all services over the usual window, or over that of *over* seconds."""
    exprs = _RECORDED if over is None else {name: expr.format(f"{over:g}s") for name, expr in _RAW.items()}
    span = SPAN if over is None else _YOUNG_SPAN
    window = Window.last(span, _POINTS, every)
    spans = await asyncio.gather(*(metrics.span(expr, window) for expr in exprs.values()))
    moments = await asyncio.gather(*(metrics.instant(expr) for expr in exprs.values()))
    for told in (*spans, *moments):
        if isinstance(told, Away):
            return told
    lines = [told for told in spans if not isinstance(told, Away)]
    now = [told for told in moments if not isinstance(told, Away)]
    return Signals(dict(zip(exprs, now, strict=True)), dict(zip(exprs, lines, strict=True)), over or WINDOW, window)
