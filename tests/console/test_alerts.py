"""The page of alerts, looked at through the real Prometheus and the real Alertmanager."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.console.places import NOBODY, Places
from tests.console.serving import serving
from tests.stack.alarms import LIMIT, Prometheus, running_alarms
from tests.waiting import until
from tocsin.console.alerts import view as alerts
from tocsin.console.alerts.view import Ringing
from tocsin.console.markdown import Block, Run
from tocsin.console.metrics import Away
from tocsin.derive import derive, quicken
from tocsin.model import Catalog
from tocsin.stack.prometheus import at_speed

SPEED = 60
RULE: dict[str, Any] = {
    "name": "Slow",
    "query": "x > 1",
    "duration": 60,
    "health": "ok",
    "alerts": [
        {
            "labels": {"alertname": "Slow", "severity": "warning"},
            "annotations": {},
            "state": "pending",
            "activeAt": "2026-11-25T04:00:00.123456789Z",
            "value": "NaN",
        }
    ],
}


@pytest.fixture(scope="module")
def alarmed(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Iterator[Places]:
    """A Prometheus whose service is down, and the Alertmanager that it tells so."""
    folder = tmp_path_factory.mktemp("alarms")
    with running_alarms(folder, quicken(derive(catalog), SPEED)) as alarms:
        prometheus = Prometheus(alarms, *at_speed(SPEED))
        prometheus.start()
        try:
            yield Places(folder, catalog, {"prometheus": prometheus.url, "alertmanager": alarms.url})
        finally:
            prometheus.kill()


def down(places: Places) -> Ringing:
    """Return ServiceDown as the page has it."""
    seen: list[Ringing] = []

    def rings() -> bool:
        seen[:] = [each for each in places.look(alerts.look).ringing if each.name == "ServiceDown"]
        return bool(seen) and bool(seen[0].receivers)

    until(rings, "ServiceDown rings", LIMIT)
    return seen[0]


@pytest.mark.live
def test_an_alert_tells_what_rings_since_when_why_and_whom_it_tells(alarmed: Places) -> None:
    ringing = down(alarmed)
    assert (ringing.state, ringing.severity, ringing.service, ringing.value) == ("firing", "critical", "checkout", 1)
    assert ringing.expression == 'absent(up{job="checkout"} == 1)'
    assert ringing.because == "Nobody can buy."
    assert ringing.runbook.endswith("/checkout/service-down")
    assert "shop-pagerduty" in ringing.receivers
    assert datetime.now(UTC) - ringing.since < timedelta(minutes=5)


@pytest.mark.live
def test_an_alert_that_rings_has_its_episode_with_its_page(alarmed: Places) -> None:
    ringing = down(alarmed)

    def fired() -> bool:
        found = [each for each in alarmed.look(alerts.look, "span=1h").history.episodes if each.name == "ServiceDown"]
        return bool(found) and found[0].fired is not None and found[0].over is None

    until(fired, "the episode is there", LIMIT)
    (episode,) = (each for each in alarmed.look(alerts.look, "span=1h").history.episodes if each.name == "ServiceDown")
    assert abs(episode.since - ringing.since.timestamp()) < 1
    assert episode.runbook == ringing.runbook


@pytest.mark.live
def test_the_alert_that_always_rings_is_told_apart(alarmed: Places) -> None:
    until(lambda: alarmed.look(alerts.look).watched, "the watchdog rings", LIMIT)
    assert "Watchdog" not in {each.name for each in alarmed.look(alerts.look).ringing}


@pytest.mark.live
def test_an_alert_is_silenced_and_the_silence_lifted(alarmed: Places) -> None:
    labels = down(alarmed).labels
    made = alarmed.do(lambda sources: alerts.silence(sources, labels, timedelta(hours=2), "Ada", "We deploy."))
    assert isinstance(made, str)
    until(lambda: down(alarmed).state == "silenced", "the silence holds", LIMIT)
    assert down(alarmed).silences == (made,)
    (silence,) = alarmed.look(alerts.look).silences
    assert (silence.by, silence.comment) == ("Ada", "We deploy.")
    assert 'alertname="ServiceDown"' in silence.matchers
    assert silence.ends - silence.begins > timedelta(minutes=119)
    assert alarmed.do(lambda sources: alerts.lift(sources, made)) is None
    until(lambda: down(alarmed).state == "firing", "the silence is lifted", LIMIT)
    assert alarmed.look(alerts.look).silences == ()


@pytest.mark.live
def test_what_alertmanager_refuses_is_said(alarmed: Places) -> None:
    refused = alarmed.do(lambda sources: alerts.silence(sources, {}, timedelta(hours=1)))
    assert isinstance(refused, Away)
    assert "matchers in body should have at least 1 items" in refused.sentence
    gone = alarmed.do(lambda sources: alerts.lift(sources, "00000000-0000-0000-0000-000000000000"))
    assert isinstance(gone, Away)
    assert "silence not found" in gone.sentence


def test_parts_that_are_away_are_said_each_once(places: Places) -> None:
    seen = places.look(alerts.look)
    assert (seen.ringing, seen.silences, seen.quiet) == ((), (), None)
    first, second = seen.away
    assert first.startswith(f"No Prometheus answers at {NOBODY} (")
    assert second.startswith(f"No Alertmanager answers at {NOBODY} (")


def test_alerts_are_seen_while_alertmanager_is_away(places: Places) -> None:
    with serving({"/api/v1/rules": {"data": {"groups": [{"rules": [RULE]}]}}}) as url:
        seen = places.at(prometheus=url).look(alerts.look)
    (ringing,) = seen.ringing
    assert (ringing.name, ringing.state, ringing.value) == ("Slow", "pending", None)
    assert len(seen.away) == 1


def test_the_page_of_the_alert_that_the_address_names_is_beside_it(places: Places) -> None:
    noted = {"annotations": {"runbook_url": "https://runbooks.example/checkout/payments-stall"}}
    rules = [
        {**RULE, "alerts": [{**RULE["alerts"][0], **noted, "labels": {"alertname": name, "service": "checkout"}}]}
        for name in ("Slow", "Slower")
    ]
    answers = {"/api/v1/rules": {"data": {"groups": [{"rules": rules}]}}}
    with serving(answers) as url:
        at = places.at(prometheus=url)
        named, first = at.look(alerts.look, "alert=checkout/Slower"), at.look(alerts.look)
    assert (named.chosen, first.chosen) == ("checkout/Slower", "checkout/Slow")
    assert isinstance(named.runbook, tuple)
    assert named.runbook[0] == Block("heading", ((Run("PaymentsStall on checkout"),),), 1)


def test_rules_that_cannot_be_evaluated_are_told(places: Places) -> None:
    broken = {**RULE, "alerts": [], "health": "err", "lastError": "many-to-many matching"}
    with serving({"/api/v1/rules": {"data": {"groups": [{"rules": [broken]}]}}}) as url:
        seen = places.at(prometheus=url).look(alerts.look)
    assert (seen.broken, seen.quiet) == ((("Slow", "many-to-many matching"),), 1)


@pytest.mark.parametrize("answer", [[], {}, {"data": None}, {"data": {"groups": [{"rules": [{"alerts": [{}]}]}]}}])
def test_what_is_no_prometheus_is_said_to_be_none(places: Places, answer: object) -> None:
    with serving({"/api/v1/rules": answer, "/api/v2/alerts": [], "/api/v2/silences": []}) as url:
        seen = places.at(prometheus=url, alertmanager=url).look(alerts.look)
    assert seen.away == (f"What answers at {url} is no Prometheus: look at what else listens there.",)
