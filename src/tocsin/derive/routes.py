"""Who is told: each severity of each team has one channel."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.derive.plan import AlertRule, Channel, Route, RuleGroup, Timing
from tocsin.model import Catalog, Severity

CHANNELS: dict[Severity, Channel] = {"critical": "pagerduty", "warning": "slack"}
TIMINGS = {
    "pagerduty": Timing(wait="10s", interval="1m", repeat="4h"),
    "slack": Timing(wait="30s", interval="5m", repeat="12h"),
    "heartbeat": Timing(wait="1s", interval="1m", repeat="30s"),
}
"""A heartbeat repeats sooner than its group is flushed, else every other flush comes an instant too early for it."""

WATCHDOG = "Watchdog"


def routes(catalog: Catalog) -> Iterator[Route]:
    """Yield the heartbeat's route, then each team's, the most urgent first."""
    yield Route("heartbeat", "", {"alertname": WATCHDOG}, TIMINGS["heartbeat"])
    for team in catalog.teams:
        for severity, channel in CHANNELS.items():
            yield Route(channel, team.name, {"severity": severity, "team": team.name}, TIMINGS[channel])


def watchdog(catalog: Catalog) -> RuleGroup:
    """Return the alert that always rings, so that silence means that the alarm itself is broken."""
    rule = AlertRule(
        name=WATCHDOG,
        expr="vector(1)",
        within="1m",
        severity="none",
        service="tocsin",
        team=catalog.teams[0].name,
        summary="The alarm works, from Prometheus through Alertmanager to the heartbeat",
        because="When these beats stop, no other alarm can reach anybody.",
        runbook="runbooks/watchdog.md",
    )
    return RuleGroup("tocsin", "tocsin/watchdog", (rule,))
