"""The fire drill of the receivers: one marked alert for each route, through a running Alertmanager, and its resolve.

The routes are drilled one after the other, because Alertmanager counts by integration, not by receiver. All their
alerts stay open until the last was sent, so that no resolve is counted as somebody's page.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import httpx

from tocsin.derive import Channel, Plan, Route
from tocsin.live import alertmanager
from tocsin.live.alertmanager import Notifications, SeenAlert
from tocsin.model import TocsinError, seconds

NAME = "TocsinFireDrill"
"""The name of every alert of a fire drill."""

PATIENCE = 30.0
"""Seconds that a notification may take once Alertmanager's own waiting is over."""

PAUSE = 0.25
"""Seconds between two looks at Alertmanager."""

INTEGRATIONS: Mapping[Channel, str] = {"pagerduty": "pagerduty", "slack": "slack", "heartbeat": "webhook"}

_SUMMARY = "FIRE DRILL, nothing is broken: this tests the way to {receiver}"
_BECAUSE = (
    "Somebody ran `tocsin drill --receivers` to see whether alarms arrive. There is nothing to do; it resolves itself."
)

Resolved = Literal["", "told", "delivered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a route's alert.

    *receivers* are those to whom Alertmanager sent it, *counts* what its integration counted meanwhile. *resolved* is
    "told" once Alertmanager has heard of the resolve, and "delivered" once its notification left.
    """

    route: Route
    accepted: bool = False
    receivers: tuple[str, ...] = ()
    counts: Notifications = field(default_factory=Notifications)
    resolved: Resolved = ""
    problem: str = ""


Notice = Callable[[Route, str], None]
"""Is told, of a route, what happened or is awaited."""


def drill(
    url: str, plan: Plan, runbook: str, notice: Notice, *, patience: float = PATIENCE, see_resolved: bool = False
) -> list[Outcome]:
    """Send an alert on each route through the Alertmanager at *url*, and resolve them all.

    Every message links *runbook*. The resolves leave Alertmanager with the next flush of their groups, which takes a
    route's interval; they are awaited only to *see_resolved*.

    Raises:
        TocsinError: Alertmanager does not answer.

    """
    return _Drill(url, plan, runbook, notice, patience).through(see_resolved=see_resolved)


@dataclass(slots=True)
class _Drill:
    url: str
    plan: Plan
    runbook: str
    notice: Notice
    patience: float
    mark: str = field(default_factory=lambda: f"drill-{secrets.token_hex(3)}")
    sent: list[Route] = field(default_factory=list)

    def through(self, *, see_resolved: bool) -> list[Outcome]:
        beating = [(route, self._counted(route)) for route in self.plan.routes if route.channel == "heartbeat"]
        drilled = [route for route in self.plan.routes if route.channel != "heartbeat"]
        try:
            outcomes = [self._send(route) for route in drilled]
            before = {route.channel: self._counted(route) for route in drilled}
        finally:
            self._resolve()
        outcomes = [replace(outcome, resolved="told") if outcome.accepted else outcome for outcome in outcomes]
        if see_resolved:
            outcomes = self._see_resolved(outcomes, before)
        return outcomes + [self._watch(route, counted) for route, counted in beating]

    def _send(self, route: Route) -> Outcome:
        before = self._counted(route)
        refusal = self._post([route], lasting=self._longest())
        if refusal:
            return Outcome(route=route, problem=f"Alertmanager refuses the alert: {refusal}")
        self.sent.append(route)
        seen = alertmanager.alerts(self.url, self._labels(route))
        outcome = Outcome(route=route, accepted=True, receivers=_receivers(seen))
        if problem := _misled(route, seen):
            return replace(outcome, problem=problem)
        self.notice(route, f"accepted; its notification leaves after {route.timing.wait}")
        return self._await(outcome, before, seconds(route.timing.wait))

    def _await(self, outcome: Outcome, before: Notifications, waiting: float) -> Outcome:
        """Return *outcome* with what was counted since *before*, once a request was taken or one given up."""
        counts, problem = self._delivered(outcome.route, before, 1, waiting)
        self.notice(outcome.route, problem or "delivered")
        return replace(outcome, counts=counts, problem=problem)

    def _watch(self, route: Route, before: Notifications) -> Outcome:
        """See that it beats by itself: a beat of ours would calm the dead man's switch though nothing else beats."""
        seen = self._beating(route)
        if not seen:
            name = route.labels["alertname"]
            return Outcome(
                route=route, problem=f"Alertmanager has no {name}: see whether Prometheus sends it its alerts"
            )
        outcome = Outcome(route=route, accepted=True, receivers=_receivers(seen))
        if problem := _misled(route, seen):
            return replace(outcome, problem=problem)
        waiting = seconds(route.timing.interval) + seconds(route.timing.repeat)
        self.notice(route, f"beats by itself; the next beat leaves within {waiting:g} seconds")
        return self._await(outcome, before, waiting)

    def _beating(self, route: Route) -> tuple[SeenAlert, ...]:
        """Return the alert that always rings; a Prometheus that just started sends it after its first evaluation."""
        deadline = time.monotonic() + seconds(self.plan.evaluation_interval) + self.patience
        while not (seen := alertmanager.alerts(self.url, route.labels)) and time.monotonic() < deadline:
            time.sleep(PAUSE)
        return seen

    def _see_resolved(self, outcomes: list[Outcome], before: Mapping[Channel, Notifications]) -> list[Outcome]:
        """Await the resolves of what was delivered: those of one integration are counted together."""
        reached = [outcome.route for outcome in outcomes if not outcome.problem]
        problems: dict[Channel, str] = {}
        for channel, route in {route.channel: route for route in reached}.items():
            wanted = sum(other.channel == channel for other in reached)
            self.notice(route, f"the resolve leaves within {route.timing.interval}, as all of {channel}")
            _, problem = self._delivered(route, before[channel], wanted, seconds(route.timing.interval))
            self.notice(route, problem or "resolves delivered")
            problems[channel] = f"of the resolves, {problem}" if problem else ""

        def seen(outcome: Outcome) -> Outcome:
            if outcome.problem:
                return outcome
            problem = problems[outcome.route.channel]
            return replace(outcome, problem=problem, resolved="told" if problem else "delivered")

        return [seen(outcome) for outcome in outcomes]

    def _delivered(self, route: Route, before: Notifications, wanted: int, waiting: float) -> tuple[Notifications, str]:
        """Return what was counted since *before* once as many were delivered as *wanted*, and what is wrong if not.

        Alertmanager may wait for so many seconds before it sends anything.
        """
        limit = waiting + self.patience
        deadline = time.monotonic() + limit
        while True:
            counts = self._counted(route).since(before)
            if counts.delivered >= wanted:
                return counts, ""
            if counts.given_up > 0 or time.monotonic() > deadline:
                return (
                    counts,
                    f"{counts.delivered} of {wanted} were delivered within {limit:g} seconds{_failed(counts)}",
                )
            time.sleep(PAUSE)

    def _counted(self, route: Route) -> Notifications:
        return alertmanager.notifications(self.url, INTEGRATIONS[route.channel])

    def _labels(self, route: Route) -> dict[str, str]:
        # Alertmanager groups by slo too: a group of its own for each drill, in which no earlier one delays it.
        return {"alertname": NAME, "service": "tocsin", "slo": self.mark, **route.labels}

    def _longest(self) -> float:
        """Return the seconds that the sending takes at most: should it be killed, its alerts end by then."""
        return sum(seconds(route.timing.wait) + self.patience for route in self.plan.routes)

    def _resolve(self) -> None:
        if self.sent:
            self._post(self.sent, lasting=0)

    def _post(self, routes: Iterable[Route], *, lasting: float) -> str:
        """Send the alerts of *routes*, which end after so many seconds; return why Alertmanager refuses them."""
        now = datetime.now(UTC)
        alerts = [
            {
                "labels": self._labels(route),
                "annotations": {
                    "summary": _SUMMARY.format(receiver=route.receiver),
                    "because": _BECAUSE,
                    "runbook_url": self.runbook,
                },
                "startsAt": (now - timedelta(seconds=1)).isoformat(),
                "endsAt": (now + timedelta(seconds=lasting)).isoformat(),
            }
            for route in routes
        ]
        try:
            answer = httpx.post(f"{self.url.rstrip('/')}/api/v2/alerts", json=alerts, timeout=alertmanager.PATIENCE)
        except httpx.HTTPError as cause:
            where = alertmanager.named(self.url)
            raise TocsinError(f"Alertmanager at {where} stopped answering ({cause}): see whether it runs.") from None
        return "" if answer.is_success else f"{answer.status_code} {' '.join(answer.text.split())}"


def _receivers(seen: Iterable[SeenAlert]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(receiver for alert in seen for receiver in alert.receivers))


def _misled(route: Route, seen: tuple[SeenAlert, ...]) -> str:
    """Say why no notification can come on this route."""
    receivers = _receivers(seen)
    if receivers != (route.receiver,):
        others = ", ".join(receivers) or "nobody"
        return f"it goes to {others}: give Alertmanager the configuration that `tocsin build` wrote"
    muted = [mute for alert in seen for mute in alert.muted_by]
    return f"it is muted by {', '.join(muted)}: end that silence, or drill later" if muted else ""


def _failed(counts: Notifications) -> str:
    if counts.given_up:
        return f"; Alertmanager gave up after {counts.refused} failed requests, its log says why"
    return f"; {counts.refused} requests failed, and Alertmanager still tries" if counts.refused else ""
