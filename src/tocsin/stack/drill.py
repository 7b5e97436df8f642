"""Breaks services on purpose, and follows each alert through Prometheus and Alertmanager until it is resolved."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from tocsin.derive import AlertRule
from tocsin.model import Slow, TocsinError, seconds
from tocsin.stack.breakage import Ground, bring_about, heal
from tocsin.stack.cases import Case, batches
from tocsin.stack.inbox.following import Following
from tocsin.stack.inbox.records import Event
from tocsin.stack.messages import DrillFailed, belongs, judge, require_same

STEPS = ("fault in", "pending", "firing", "delivered", "fault out", "resolved")

PATIENCE = 120.0
"""Seconds after which a step that has not come is a failure, beside those that its rule takes."""

PAUSE = 0.2
"""Seconds between two looks at Prometheus."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a drill went: seconds from the fault to each step, and what was wrong, if anything."""

    case: Case
    steps: dict[str, float]
    problem: str = ""


Notice = Callable[[Case, str, float], None]
"""Is told each step of a case, with its seconds since the fault."""


async def drill(ground: Ground, chosen: Iterable[Case], notice: Notice, patience: float = PATIENCE) -> list[Outcome]:
    """Run every case: services side by side, and in each its batches one after the other.

    A step that does not come within *patience* seconds, beside those that its rule takes, is the case's problem.
    """
    cases = tuple(chosen)
    by_service: dict[str, list[Case]] = {}
    for case in cases:
        by_service.setdefault(case.rule.service, []).append(case)
    async with Following(ground.url("inbox")) as inbox, _client(ground) as prometheus:
        watch = _Watch(ground, inbox, prometheus, notice, patience)

        async def of_one_service(queue: list[Case]) -> list[Outcome]:
            return [outcome for batch in batches(queue) for outcome in await watch.rehearse(batch)]

        done = await asyncio.gather(*map(of_one_service, by_service.values()))
    outcomes = {outcome.case.rule.subject: outcome for found in done for outcome in found}
    return [outcomes[case.rule.subject] for case in cases]


@asynccontextmanager
async def _client(ground: Ground) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=ground.url("prometheus"), trust_env=False, timeout=30) as client:
        yield client


@dataclass(slots=True)
class _Watch:
    """What all cases of a drill are watched through."""

    ground: Ground
    inbox: Following
    prometheus: httpx.AsyncClient
    notice: Notice
    patience: float

    async def rehearse(self, batch: tuple[Case, ...]) -> list[Outcome]:
        """Bring the faults of a batch about, and heal them when all of its alerts were delivered."""
        service = batch[0].rule.service
        faults = list(dict.fromkeys(case.fault for case in batch))
        runs = [_Run(self, case) for case in batch]
        await _together(run.attempt(run.calm) for run in runs)
        began = time.monotonic()
        for run in runs:
            run.began = began
        lasting = 2 * self.patience + max(map(_time_to_ring, batch))
        try:
            await bring_about(self.ground, service, faults, lasting)
            await _together(run.attempt(run.ring) for run in runs)
            await heal(self.ground, service, faults)
            await _together(run.attempt(run.fall_silent) for run in runs)
        except (TocsinError, httpx.HTTPError) as problem:  # the service could not be broken, or not healed
            for run in runs:
                run.problem = run.problem or _told(problem)
        return [Outcome(run.case, run.steps, run.problem) for run in runs]

    async def until(self, query: str, what: str, patience: float) -> None:
        """Wait until *query* has a result; not longer than *patience* seconds."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            answer = await self.prometheus.get("/api/v1/query", params={"query": query})
            if answer.is_success and answer.json()["data"]["result"]:
                return
            await asyncio.sleep(PAUSE)
        raise DrillFailed(f"{what} did not come within {patience:g} seconds")


@dataclass(slots=True)
class _Run:
    """One case on its way."""

    watch: _Watch
    case: Case
    steps: dict[str, float] = field(default_factory=dict)
    problem: str = ""
    began: float = 0.0
    seen: int = 0

    async def attempt(self, part: Callable[[], Awaitable[None]]) -> None:
        """Go a part of the way, unless something went wrong before."""
        if self.problem:
            return
        try:
            await part()
        except (TocsinError, httpx.HTTPError) as problem:
            self.problem = _told(problem)

    async def calm(self) -> None:
        """Wait until the service has visitors, and this alert is silent everywhere."""
        rule, watch = self.case.rule, self.watch
        await watch.until(_busy(rule.service), f"traffic on {rule.service}", watch.patience)
        await self._silence()
        self.seen = watch.inbox.last

    async def ring(self) -> None:
        """Fault in, pending, firing, delivered."""
        rule, watch = self.case.rule, self.watch
        self._reach("fault in")
        if seconds(rule.lasting) > 0:
            await watch.until(_alerts(rule), "the pending alert in Prometheus", self._patience)
            self._reach("pending")
        await watch.until(_alerts(rule, alertstate="firing"), "the alert in Prometheus", self._patience)
        self._reach("firing")
        delivered = await self._event(self.seen, resolved=False)
        self._reach("delivered")
        await judge(self.case, delivered)

    async def fall_silent(self) -> None:
        """Fault out, resolved."""
        self._reach("fault out")
        await self._silence()
        self._reach("resolved")

    @property
    def _patience(self) -> float:
        return self.watch.patience + _time_to_ring(self.case)

    async def _silence(self) -> None:
        """Wait until the alert is silent in Prometheus, and the last message of it was resolved.

        Near its threshold an alert that lasts for no time may come and go several times.
        """
        rule, watch = self.case.rule, self.watch
        await watch.until(f"absent({_alerts(rule)})", f"silence of {rule.subject}", self._patience)
        opened = watch.inbox.latest(lambda event: belongs(self.case, event, resolved=False))
        if opened is not None:
            require_same(opened, await self._event(opened.number, resolved=True))

    def _reach(self, step: str) -> None:
        self.steps[step] = time.monotonic() - self.began
        self.watch.notice(self.case, step, self.steps[step])

    async def _event(self, after: int, *, resolved: bool) -> Event:
        patience = self._patience if resolved else self.watch.patience
        try:
            async with asyncio.timeout(patience):
                return await self.watch.inbox.first(
                    lambda event: belongs(self.case, event, resolved=resolved), after=after
                )
        except TimeoutError:
            message = "resolve" if resolved else "message"
            raise DrillFailed(
                f"the {message} did not come to {self.case.route.receiver} within {patience:g} seconds"
            ) from None


async def _together(parts: Iterable[Awaitable[None]]) -> None:
    await asyncio.gather(*parts)


def _time_to_ring(case: Case) -> float:
    """Return the seconds that a rule may take; what a fault makes slow is so in a drill, too."""
    delay = case.fault.seconds if isinstance(case.fault, Slow) else 0.0
    return seconds(case.rule.within) + delay


def _told(problem: Exception) -> str:
    return str(problem).rstrip(".") or type(problem).__name__


def _busy(service: str) -> str:
    return f'service:http_requests:rate5m{{service="{service}"}} > 0'


def _alerts(rule: AlertRule, **more: str) -> str:
    labels = {"alertname": rule.name, "service": rule.service, **rule.labels, **more}
    return "ALERTS{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}"
