"""What becomes of an alarm when Prometheus stops or restarts; docs/delivery.md tells it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.stack.alarms import LIMIT, Active, Alarms, Prometheus, running_alarms
from tests.waiting import until
from tocsin.derive import AlertRule, Plan, Recording, derive, quicken
from tocsin.model import Catalog, seconds
from tocsin.stack import prometheus

SPEED = 60
RESTORE_ALL = "--rules.alert.for-grace-period=0s"
LONG = timedelta(seconds=15)

Way = Callable[..., tuple[Alarms, Prometheus]]


@pytest.fixture
def way(tmp_path: Path, catalog: Catalog) -> Iterator[Way]:
    """Make the way of an alarm for a service that is down, all but Prometheus running; ServiceDown waits so long."""
    with ExitStack() as stack:

        def begin(lasting: str, *flags: str) -> tuple[Alarms, Prometheus]:
            plan = waiting(quicken(derive(catalog), SPEED), lasting)
            alarms = stack.enter_context(running_alarms(tmp_path, plan))
            watching = Prometheus(alarms, *prometheus.at_speed(SPEED)[:1], *(flags or prometheus.at_speed(SPEED)[1:]))
            stack.callback(watching.kill)
            return alarms, watching

        yield begin


def waiting(plan: Plan, lasting: str) -> Plan:
    """Return the plan with a ServiceDown that waits so long before it fires."""

    def slow(rule: Recording | AlertRule) -> Recording | AlertRule:
        return replace(rule, lasting=lasting) if isinstance(rule, AlertRule) and rule.name == "ServiceDown" else rule

    return replace(plan, groups=tuple(replace(group, rules=tuple(map(slow, group.rules))) for group in plan.groups))


def seen(watching: Prometheus, fits: Callable[[Active], bool], what: str) -> Active:
    """Await the alert as it should be."""
    found: list[Active] = []

    def holds() -> bool:
        active = watching.active("ServiceDown")
        if active is not None and fits(active):
            found.append(active)
        return bool(found)

    until(holds, what, LIMIT)
    return found[0]


def ends(alarms: Alarms) -> datetime:
    """When Alertmanager takes the alert for over unless it hears of it again."""
    (alert,) = httpx.get(
        f"{alarms.url}/api/v2/alerts", params={"filter": "alertname=ServiceDown"}, trust_env=False
    ).json()
    return datetime.fromisoformat(alert["endsAt"])


def test_a_short_wait_begins_anew_when_prometheus_restarts_and_the_page_comes_once(way: Way) -> None:
    alarms, watching = way("10s")
    watching.start()
    seen(watching, lambda active: active.state == "pending", "the alert is pending")
    watching.stop()
    restarted = datetime.now(UTC)
    watching.start()
    fires = seen(watching, lambda active: active.state == "firing", "the alert fires")
    assert fires.since >= restarted
    opened = alarms.next(0, effect="opened")
    assert opened.body["payload"]["class"] == "ServiceDown"
    assert [incident.triggers for incident in alarms.client.incidents()] == [1]


@pytest.mark.parametrize("end", [Prometheus.stop, Prometheus.kill], ids=["restarted", "killed"])
def test_a_wait_longer_than_the_grace_period_goes_on_where_it_was(way: Way, end: Callable[[Prometheus], None]) -> None:
    _, watching = way("15m")
    watching.start()
    before = seen(watching, lambda active: active.lasted >= LONG, "the alert waits for longer than a restart takes")
    end(watching)
    restarted = datetime.now(UTC)
    watching.start()
    after = seen(watching, lambda active: active.lasted >= before.lasted, "the wait is restored")
    assert after.state == "pending"
    assert after.since < restarted


def test_a_page_whose_wait_is_short_is_resolved_and_comes_again_when_prometheus_restarts(way: Way) -> None:
    alarms, watching = way("10s")
    watching.start()
    opened = alarms.next(0, effect="opened")
    watching.stop()
    watching.start()
    resolved = alarms.next(opened.number, effect="resolved")
    assert watching.active("ServiceDown") is not None, "the service is down as before"
    again = alarms.next(resolved.number, effect="opened")
    assert (again.item, again.body["dedup_key"]) == (2, opened.body["dedup_key"])


def test_with_no_grace_period_a_firing_alert_fires_on_when_prometheus_restarts(way: Way) -> None:
    alarms, watching = way("3s", RESTORE_ALL, "--rules.alert.resend-delay=15s")
    watching.start()
    alarms.next(0, effect="opened")
    before = seen(watching, lambda active: active.state == "firing", "the alert fires")
    due = ends(alarms)
    watching.stop()
    watching.start()
    after = seen(watching, lambda active: active.state == "firing", "the alert fires again")
    assert after.since < before.since + timedelta(seconds=1)
    until(lambda: ends(alarms) > due, "Alertmanager hears of it again", LIMIT)
    (incident,) = alarms.client.incidents()
    assert [entry.effect for entry in incident.log] == ["opened"]


def test_an_alert_that_fires_while_alertmanager_is_down_is_paged_once_it_is_back(way: Way) -> None:
    alarms, watching = way("1s")
    alarms.stop()
    watching.start()
    seen(watching, lambda active: active.state == "firing", "the alert fires")
    assert alarms.client.last() == 0
    alarms.start()
    alarms.next(0, effect="opened")
    assert [incident.triggers for incident in alarms.client.incidents()] == [1]


def test_the_beats_stop_with_prometheus_and_come_back_with_it(way: Way) -> None:
    alarms, watching = way("1s")
    watching.start()
    until(lambda: beats(alarms) >= 3, "three beats", LIMIT)
    watching.stop()
    until(lambda: late(alarms), "the dead man's switch notices", LIMIT)
    assert {beat.status for beat in alarms.client.heartbeats()} == {"firing"}, "a resolve would count as a beat"
    missed = beats(alarms)
    watching.start()
    until(lambda: beats(alarms) >= missed + 2 and not late(alarms), "it beats again", LIMIT)


def test_a_beat_comes_with_every_flush(way: Way) -> None:
    alarms, watching = way("1s")
    watching.start()
    (flush,) = (seconds(route.timing.interval) for route in alarms.plan.routes if route.channel == "heartbeat")
    until(lambda: any(beat.every and beat.every < 1.5 * flush for beat in alarms.client.heartbeats()), "a beat", LIMIT)


def test_the_beats_stop_with_alertmanager(way: Way) -> None:
    alarms, watching = way("1s")
    watching.start()
    until(lambda: beats(alarms) >= 3, "three beats", LIMIT)
    alarms.kill()
    until(lambda: late(alarms), "the dead man's switch notices", LIMIT)


def beats(alarms: Alarms) -> int:
    """How many beats came."""
    return sum(beat.beats for beat in alarms.client.heartbeats())


def late(alarms: Alarms) -> bool:
    """Whether the inbox misses a beat."""
    (beat,) = alarms.client.heartbeats()
    return beat.late(time.time())
