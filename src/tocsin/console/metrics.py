"""Asks Prometheus, and remembers its answers for a moment, so that ten tabs cost what one does."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

MOST_REMEMBERED = 600
"""Answers that are remembered at a time; the oldest are forgotten first."""

AT_ONCE = 8
"""Questions under way at a time; more wait for their turn."""

FRESH = 5.0
"""Seconds for which the answer about a moment stays fresh."""

_REFUSED_FOR = 1.0


@dataclass(frozen=True, slots=True)
class Away:
    """There is no answer; *sentence* says why, and what to do."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Sample:
    """A series' value at a moment."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Line:
    """A series over time: pairs of a time, in seconds since the epoch, and a value."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]

    @property
    def last(self) -> float | None:
        """The newest value, if there is any."""
        return self.points[-1][1] if self.points else None


@dataclass(frozen=True, slots=True, order=True)
class Exemplar:
    """A request behind a series: when it was, in seconds since the epoch, what was measured, and its trace."""

    at: float
    value: float
    trace: str


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time, seconds since the epoch, and the seconds between two points of it."""

    start: float
    end: float
    step: float

    @classmethod
    def of(cls, start: float, end: float, points: int = 240, least: float = 5.0) -> Window:
        """Return the window of at most about *points* points, with its ends on whole steps, so that tabs ask alike."""
        step = max(least, _rounded((end - start) / max(1, points)))
        return cls(start // step * step, end // step * step, step)

    @classmethod
    def last(cls, seconds: float, points: int = 240, least: float = 5.0) -> Window:
        """Return the window of the last *seconds*."""
        now = time.time()
        return cls.of(now - seconds, now, points, least)


class Metrics:
    """Asks the Prometheus at *url*. What goes wrong is an `Away`, never an exception."""

    def __init__(self, url: str, http: httpx.AsyncClient) -> None:
        self._url = url
        self._http = http
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._answers: dict[tuple[Any, ...], tuple[float, asyncio.Task[Any]]] = {}
        self.asked = 0

    async def instant(self, expr: str, at: float | None = None) -> tuple[Sample, ...] | Away:
        """Return the value of each series of *expr* now, or *at* a time."""
        parameters = {"query": expr, **({} if at is None else {"time": f"{at:.3f}"})}
        told = await self._ask("query", parameters, FRESH)
        if isinstance(told, Away):
            return told
        if told["resultType"] in {"scalar", "string"}:
            return (Sample({}, float(told["result"][1])),)
        return tuple(Sample(each["metric"], float(each["value"][1])) for each in told["result"])

    async def span(self, expr: str, window: Window) -> tuple[Line, ...] | Away:
        """Return the points of each series of *expr* within *window*."""
        parameters = {
            "query": expr,
            "start": f"{window.start:.3f}",
            "end": f"{window.end:.3f}",
            "step": f"{window.step:g}",
        }
        told = await self._ask("query_range", parameters, window.step)
        if isinstance(told, Away):
            return told
        return tuple(
            Line(each["metric"], tuple((float(at), float(value)) for at, value in each["values"]))
            for each in told["result"]
        )

    async def exemplars(self, expr: str, window: Window) -> tuple[Exemplar, ...] | Away:
        """Return the exemplars of the series that *expr* reads, by their time, each once."""
        parameters = {"query": expr, "start": f"{window.start:.3f}", "end": f"{window.end:.3f}"}
        told = await self._ask("query_exemplars", parameters, window.step)
        if isinstance(told, Away):
            return told
        found = {
            Exemplar(float(each["timestamp"]), float(each["value"]), str(each["labels"]["trace_id"]))
            for series in told
            for each in series["exemplars"]
            if "trace_id" in each["labels"]
        }
        return tuple(sorted(found))

    async def label_values(self, label: str, match: str = "", window: Window | None = None) -> tuple[str, ...] | Away:
        """Return the values of *label*, of the series that *match* selects, or else of all."""
        parameters = {"match[]": match} if match else {}
        if window is not None:
            parameters |= {"start": f"{window.start:.0f}", "end": f"{window.end:.0f}"}
        told = await self._ask(f"label/{label}/values", parameters, 6 * FRESH)
        return told if isinstance(told, Away) else tuple(map(str, told))

    async def _ask(self, path: str, parameters: Mapping[str, str], fresh: float) -> Any:
        """Return what was answered; those who ask alike at the same time wait for the same answer."""
        key = (path, *sorted(parameters.items()))
        now = time.monotonic()
        until, answer = self._answers.get(key, (0.0, None))
        if answer is None or now >= until:
            answer = asyncio.create_task(self._fetch(path, parameters))
            self._remember(key, now + fresh, answer)
        told = await asyncio.shield(answer)
        if isinstance(told, Away) and self._answers.get(key, (0.0, None))[1] is answer:
            self._answers[key] = (min(until or now + fresh, now + _REFUSED_FOR), answer)
        return told

    def _remember(self, key: tuple[Any, ...], until: float, answer: asyncio.Task[Any]) -> None:
        self._answers.pop(key, None)
        self._answers[key] = (until, answer)
        while len(self._answers) > MOST_REMEMBERED:
            self._answers.pop(next(iter(self._answers)))

    async def _fetch(self, path: str, parameters: Mapping[str, str]) -> Any:
        self.asked += 1
        async with self._turns:
            try:
                answer = await self._http.get(f"{self._url}/api/v1/{path}", params=parameters)
                told = answer.json()
            except httpx.TimeoutException:
                return Away(
                    f"Prometheus at {self._url} does not answer in time: ask for a shorter span, or see its log."
                )
            except (httpx.HTTPError, httpx.InvalidURL):
                return Away(f"Prometheus at {self._url} cannot be reached: is the stack up? `tocsin status` tells.")
            except ValueError:
                return Away(f"What answers at {self._url} is not Prometheus.")
        if not isinstance(told, dict) or told.get("status") != "success":
            why = told.get("error", "it says no more") if isinstance(told, dict) else "its answer cannot be read"
            return Away(f"Prometheus refuses this: {why}.")
        return told["data"]


def _rounded(step: float) -> float:
    """Return the next step, in seconds, that people would choose."""
    return next((nice for nice in _STEPS if nice >= step), math.ceil(step / _DAY) * _DAY)


_DAY = 86400.0
_STEPS = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 21600.0, 86400.0)
