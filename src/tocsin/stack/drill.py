"""Breaks services on purpose, and follows each alert through Prometheus and Alertmanager until it is resolved."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import httpx

from tocsin.derive import AlertRule, Plan, Route
from tocsin.model import Fault, TocsinError
from tocsin.stack.breakage import Ground, breakable, bring_about, heal
from tocsin.stack.inbox.client import InboxClient
from tocsin.stack.inbox.records import Event

STEPS = ("fault in", "firing", "delivered", "fault out", "resolved")

PATIENCE = 120.0
"""Seconds after which a step that has not come is a failure."""

PAUSE = 0.1
"""Seconds between two looks at Prometheus."""


@dataclass(frozen=True, slots=True)
class Case:
    """An alert, the fault on which it must ring, and the route on which its message must come."""

    rule: AlertRule
    fault: Fault
    route: Route


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a drill went: seconds from the fault to each step, and what was wrong, if anything."""

    case: Case
    steps: dict[str, float]
    problem: str = ""


Notice = Callable[[Case, str, float], None]
"""Is told each step of a case, with its seconds since the fault."""


class DrillFailed(TocsinError):  # noqa: N818 - said of a drill, as in "the drill failed"
    """A step did not come, or what came was not what it should be."""


def cases(plan: Plan, names: Iterable[str]) -> tuple[Case, ...]:
    """Return a case for each alert of these names (`ServiceDown`, or `voice-commerce/ServiceDown` for one service).

    Raises:
        TocsinError: no alert has such a name, or no drill can bring its fault about.

    """
    found = []
    for name in names:
        rules = [rule for rule in plan.alerts if name in (rule.name, rule.subject)]
        if not rules:
            known = ", ".join(dict.fromkeys(rule.name for rule in plan.alerts if rule.faults))
            raise TocsinError(f"No alert is called {name!r}: choose from {known}.")
        found += [_case(plan, rule) for rule in rules]
    return tuple(found)


def _case(plan: Plan, rule: AlertRule) -> Case:
    fault = next((fault for fault in rule.faults if breakable(fault)), None)
    if fault is None:
        kinds = ", ".join(type(fault).__name__ for fault in rule.faults) or "no fault"
        raise TocsinError(f"{rule.subject} rings on {kinds}, which no drill can bring about: leave it out.")
    labels = {"alertname": rule.name, "severity": rule.severity, "team": rule.team, "service": rule.service}
    route = next(route for route in plan.routes if route.labels.items() <= labels.items())
    return Case(rule, fault, route)


async def drill(ground: Ground, chosen: Iterable[Case], notice: Notice, patience: float = PATIENCE) -> list[Outcome]:
    """Run every case: those of one service one after the other, services side by side.

    A step that does not come within *patience* seconds is the case's problem.
    """
    by_service: dict[str, list[Case]] = {}
    for case in chosen:
        by_service.setdefault(case.rule.service, []).append(case)

    async def of_one_service(queue: list[Case]) -> list[Outcome]:
        return [await _rehearse(ground, case, notice, patience) for case in queue]

    return [outcome for done in await asyncio.gather(*map(of_one_service, by_service.values())) for outcome in done]


async def _rehearse(ground: Ground, case: Case, notice: Notice, patience: float) -> Outcome:
    with InboxClient(ground.url("inbox")) as inbox:
        run = _Run(ground, case, notice, inbox, patience)
        try:
            await run.through()
        except (TocsinError, httpx.HTTPError) as problem:
            return Outcome(case, run.steps, str(problem) or type(problem).__name__)
        return Outcome(case, run.steps)


@dataclass(slots=True)
class _Run:
    ground: Ground
    case: Case
    notice: Notice
    inbox: InboxClient
    patience: float
    steps: dict[str, float] = field(default_factory=dict)
    began: float = 0.0

    async def through(self) -> None:
        """Fault in, firing, delivered; fault out, resolved."""
        service, fault = self.case.rule.service, self.case.fault
        await self._prometheus(_busy(service), f"traffic on {service}")
        await self._prometheus(f"absent({_firing(self.case.rule)})", f"silence of {self.case.rule.subject}")
        seen = await asyncio.to_thread(self.inbox.last)
        self.began = time.monotonic()
        await bring_about(self.ground, service, fault)
        try:
            self._reach("fault in")
            await self._prometheus(_firing(self.case.rule), "the alert in Prometheus")
            self._reach("firing")
            delivered = await self._event(seen, resolved=False)
            self._reach("delivered")
            await self._judge(delivered)
        finally:
            await heal(self.ground, service, fault)
        self._reach("fault out")
        resolved = await self._event(delivered.number, resolved=True)
        if delivered.kind == "pagerduty" and resolved.item != delivered.item:
            raise DrillFailed("the resolve closed another incident than the one that was opened")
        self._reach("resolved")

    def _reach(self, step: str) -> None:
        self.steps[step] = time.monotonic() - self.began
        self.notice(self.case, step, self.steps[step])

    async def _prometheus(self, query: str, what: str) -> None:
        """Wait until *query* has a result."""
        deadline = time.monotonic() + self.patience
        async with httpx.AsyncClient(base_url=self.ground.url("prometheus"), trust_env=False) as client:
            while time.monotonic() < deadline:
                answer = await client.get("/api/v1/query", params={"query": query})
                if answer.is_success and answer.json()["data"]["result"]:
                    return
                await asyncio.sleep(PAUSE)
        raise DrillFailed(f"{what} did not come within {self.patience:g} seconds")

    async def _event(self, after: int, *, resolved: bool) -> Event:
        found = await asyncio.to_thread(
            self.inbox.await_event,
            lambda event: _belongs(self.case, event, resolved=resolved),
            after=after,
            timeout=self.patience,
        )
        if found is None:
            message = "resolve" if resolved else "message"
            raise DrillFailed(
                f"the {message} did not come to {self.case.route.receiver} within {self.patience:g} seconds"
            )
        return found

    async def _judge(self, event: Event) -> None:
        """Check what the message says, and that its runbook opens."""
        rule = self.case.rule
        said = _said(event)
        expected = {"team": rule.team, "summary": said["summary"], "severity": rule.severity}
        if event.kind == "slack":
            del expected["severity"]
        for name, value in expected.items():
            if said[name] != value or not value or "<no value>" in value:
                raise DrillFailed(f"the message's {name} is {said[name]!r}, not {value!r}")
        async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as client:
            page = await client.get(said["runbook"])
        if not page.is_success:
            raise DrillFailed(f"the runbook {said['runbook']} answers {page.status_code}")


def _busy(service: str) -> str:
    return f'service:http_requests:rate5m{{service="{service}"}} > 0'


def _firing(rule: AlertRule) -> str:
    labels = {"alertname": rule.name, "service": rule.service, "alertstate": "firing", **rule.labels}
    return "ALERTS{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}"


def _belongs(case: Case, event: Event, *, resolved: bool) -> bool:
    rule = case.rule
    if event.kind != case.route.channel or event.team != rule.team:
        return False
    if event.kind == "pagerduty":
        effect = "resolved" if resolved else "opened"
        payload = event.body.get("payload") or {}
        return event.effect == effect and (payload.get("class"), payload.get("component")) == (rule.name, rule.service)
    title = _attachment(event).get("title", "")
    return bool(title == f"{'Resolved' if resolved else 'Firing'}: {rule.name} on {rule.service}")


def _said(event: Event) -> dict[str, str]:
    if event.kind == "pagerduty":
        payload = event.body["payload"]
        links = event.body.get("links") or [{"href": ""}]
        return {
            "team": event.team,
            "severity": payload["severity"],
            "summary": payload["summary"],
            "runbook": links[0]["href"],
        }
    attachment = _attachment(event)
    return {"team": event.team, "summary": attachment.get("fallback", ""), "runbook": attachment.get("title_link", "")}


def _attachment(event: Event) -> dict[str, str]:
    attachments = event.body.get("attachments") or [{}]
    return dict(attachments[0])
