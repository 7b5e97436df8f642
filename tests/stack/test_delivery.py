"""What becomes of an alarm when its way breaks; docs/delivery.md tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.stack.alarms import LIMIT, TO_PAGERDUTY, TO_SLACK, Alarms, running_alarms
from tests.waiting import until
from tocsin.derive import Plan, derive, quicken
from tocsin.live.alertmanager import notifications
from tocsin.model import Catalog
from tocsin.stack.inbox.records import Event, Incident

FIRING, RESOLVED = "Firing: ServiceDown on checkout", "Resolved: ServiceDown on checkout"
SNAPSHOTS = "--data.maintenance-interval=100ms"


@pytest.fixture
def plan(catalog: Catalog) -> Plan:
    return quicken(derive(catalog), 60)


@pytest.fixture
def run(tmp_path: Path, plan: Plan) -> Iterator[Callable[..., Alarms]]:
    with ExitStack() as stack:
        yield lambda *flags: stack.enter_context(running_alarms(tmp_path, plan, *flags))


@pytest.fixture
def alarms(run: Callable[..., Alarms]) -> Alarms:
    return run()


def failures(alarms: Alarms, integration: str) -> int:
    """How many requests of an integration failed."""
    return notifications(alarms.url, integration).refused


def answered(alarms: Alarms, door: str, answers: list[int | None]) -> None:
    """See that these were the answers at a door; the last may still be on its way."""
    until(lambda: len(alarms.gate.answers(door)) >= len(answers), "the last answer", LIMIT)
    assert alarms.gate.answers(door) == answers


def flushed(alarms: Alarms, severity: str) -> None:
    """Wait until an alert that began later has come and gone: what was told before had two flushes of its own."""
    alarms.alert("Later", severity)
    until(lambda: "Later" in came(alarms, severity), "a later alert", LIMIT)
    alarms.alert("Later", severity, ended=True)
    until(lambda: came(alarms, severity).count("Later") == 2, "its resolve", LIMIT)


def came(alarms: Alarms, severity: str) -> list[str]:
    """The alerts of whom something came, once for each thing that came."""
    if severity == "warning":
        return [title.split()[1] for title in alarms.titles()]
    return [found.body["payload"]["class"] for found in alarms.client.incidents() for _ in found.log]


def page(alarms: Alarms) -> Event:
    """Have a page delivered, and Alertmanager know that it was."""
    alarms.alert("ServiceDown", "critical")
    opened = alarms.next(0, effect="opened")
    until(lambda: notifications(alarms.url, "pagerduty").delivered == 1, "Alertmanager knows of its page", LIMIT)
    return opened


def incident(alarms: Alarms) -> Incident:
    """The one incident of the alert."""
    (found,) = (found for found in alarms.client.incidents() if found.body["payload"]["class"] == "ServiceDown")
    return found


def written(alarms: Alarms) -> None:
    """Wait until Alertmanager has written a log of notifications since now."""
    log = alarms.folder / "data" / "nflog"
    log.unlink(missing_ok=True)
    until(log.exists, "the log of notifications on disk", LIMIT)


def resolve(alarms: Alarms, after: int) -> None:
    """End the alert, and see its one incident resolved."""
    alarms.alert("ServiceDown", "critical", ended=True)
    alarms.next(after, effect="resolved", item=1)
    assert incident(alarms).status == "resolved"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_pagerduty_that_refuses_for_a_while_gets_the_page_once(alarms: Alarms, status: int) -> None:
    alarms.gate.order(TO_PAGERDUTY, status, times=3)
    alarms.alert("ServiceDown", "critical")
    opened = alarms.next(0, effect="opened")
    resolve(alarms, opened.number)
    answered(alarms, TO_PAGERDUTY, [status, status, status, 202, 202])
    assert incident(alarms).triggers == 1


def test_a_receiver_that_is_down_for_a_while_gets_the_page_once(alarms: Alarms) -> None:
    alarms.gate.close()
    alarms.alert("ServiceDown", "critical")
    until(lambda: failures(alarms, "pagerduty") >= 2, "Alertmanager has tried twice", LIMIT)
    alarms.gate.open()
    opened = alarms.next(0, effect="opened")
    resolve(alarms, opened.number)
    assert incident(alarms).triggers == 1


def test_a_page_that_was_taken_without_an_answer_is_repeated_into_the_same_incident(alarms: Alarms) -> None:
    alarms.gate.order(TO_PAGERDUTY, None, hands_on=True)
    alarms.alert("ServiceDown", "critical")
    opened = alarms.next(0, effect="opened")
    repeated = alarms.next(opened.number, effect="repeated")
    assert repeated.body["dedup_key"] == opened.body["dedup_key"]
    resolve(alarms, repeated.number)


def test_a_message_that_slack_took_without_an_answer_comes_twice(alarms: Alarms) -> None:
    alarms.gate.order(TO_SLACK, None, hands_on=True)
    alarms.alert("ServiceDown", "warning")
    until(lambda: alarms.titles() == [FIRING, FIRING], "the message again", LIMIT)


def test_a_key_that_is_refused_is_tried_again_with_every_flush_until_it_is_mended(alarms: Alarms) -> None:
    key = alarms.folder / "secrets" / "shop-pagerduty-key"
    right = key.read_text()
    key.write_text("0" * 32)
    alarms.alert("ServiceDown", "critical")
    until(lambda: alarms.gate.answers(TO_PAGERDUTY).count(400) >= 2, "two flushes were refused", LIMIT)
    key.write_text(right)
    opened = alarms.next(0, effect="opened")
    resolve(alarms, opened.number)
    assert incident(alarms).triggers == 1


def test_slack_that_fails_for_a_while_gets_the_message_once(alarms: Alarms) -> None:
    alarms.gate.order(TO_SLACK, 500, times=3)
    alarms.alert("ServiceDown", "warning")
    until(lambda: alarms.titles() == [FIRING], "the message", LIMIT)
    alarms.alert("ServiceDown", "warning", ended=True)
    until(lambda: alarms.titles() == [FIRING, RESOLVED], "its resolve", LIMIT)
    answered(alarms, TO_SLACK, [500, 500, 500, 200, 200])


def test_slack_that_limits_its_rate_gets_the_message_an_interval_later(alarms: Alarms) -> None:
    alarms.gate.order(TO_SLACK, 429)
    alarms.alert("ServiceDown", "warning")
    until(lambda: alarms.titles() == [FIRING], "the message", LIMIT)
    answered(alarms, TO_SLACK, [429, 200])


def test_slack_that_limits_its_rate_hears_nothing_of_an_alert_that_ended_meanwhile(alarms: Alarms) -> None:
    alarms.gate.order(TO_SLACK, 429)
    alarms.alert("ServiceDown", "warning")
    until(lambda: alarms.gate.answers(TO_SLACK) == [429], "the refusal", LIMIT)
    alarms.alert("ServiceDown", "warning", ended=True)
    flushed(alarms, "warning")
    assert "ServiceDown" not in came(alarms, "warning")


def test_an_alertmanager_that_is_restarted_mid_incident_pages_once(alarms: Alarms) -> None:
    opened = page(alarms)
    alarms.stop()
    alarms.start()
    alarms.alert("ServiceDown", "critical")
    flushed(alarms, "critical")
    resolve(alarms, opened.number)
    assert incident(alarms).triggers == 1


def test_a_page_that_is_under_way_when_alertmanager_restarts_is_repeated_into_the_same_incident(
    alarms: Alarms,
) -> None:
    alarms.gate.order(TO_PAGERDUTY, None, hands_on=True)
    alarms.alert("ServiceDown", "critical")
    opened = alarms.next(0, effect="opened")
    alarms.stop()
    alarms.start()
    alarms.alert("ServiceDown", "critical")
    repeated = alarms.next(opened.number, effect="repeated")
    assert (repeated.item, repeated.body["dedup_key"]) == (opened.item, opened.body["dedup_key"])
    resolve(alarms, repeated.number)


def test_a_resolve_that_came_while_alertmanager_restarted_is_delivered(alarms: Alarms) -> None:
    opened = page(alarms)
    alarms.stop()
    alarms.start()
    resolve(alarms, opened.number)


def test_an_alertmanager_that_was_killed_repeats_the_page_into_the_same_incident(alarms: Alarms) -> None:
    opened = page(alarms)
    alarms.kill()
    alarms.start()
    alarms.alert("ServiceDown", "critical")
    repeated = alarms.next(opened.number, effect="repeated")
    assert (repeated.item, repeated.body["dedup_key"]) == (opened.item, opened.body["dedup_key"])
    resolve(alarms, repeated.number)


def test_an_alertmanager_that_was_killed_repeats_its_message_to_slack(alarms: Alarms) -> None:
    alarms.alert("ServiceDown", "warning")
    until(lambda: alarms.titles() == [FIRING], "the message", LIMIT)
    alarms.kill()
    alarms.start()
    alarms.alert("ServiceDown", "warning")
    until(lambda: alarms.titles() == [FIRING, FIRING], "the message again", LIMIT)


def test_a_resolve_that_came_while_alertmanager_was_killed_is_lost(alarms: Alarms) -> None:
    page(alarms)
    alarms.kill()
    alarms.start()
    alarms.alert("ServiceDown", "critical", ended=True)
    flushed(alarms, "critical")
    assert (incident(alarms).status, incident(alarms).triggers) == ("triggered", 1)


def test_an_alertmanager_that_writes_its_log_often_loses_nothing_when_it_is_killed(run: Callable[..., Alarms]) -> None:
    alarms = run(SNAPSHOTS)
    opened = page(alarms)
    written(alarms)
    alarms.kill()
    alarms.start()
    alarms.alert("ServiceDown", "critical", ended=True)
    alarms.next(opened.number, effect="resolved")
    assert incident(alarms).triggers == 1
