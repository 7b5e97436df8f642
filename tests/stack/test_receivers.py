"""The fire drill of the receivers, through the real Alertmanager into the real inbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.stack.alarms import TO_PAGERDUTY, TO_SLACK, Alarms, running_alarms
from tests.stack.projects import Project, Up
from tocsin.derive import Plan, derive, quicken
from tocsin.model import Catalog, Team, TocsinError
from tocsin.stack import receivers
from tocsin.stack.receivers import NAME, Outcome

RUNBOOK = "https://runbooks.example/tocsin/watchdog"


@pytest.fixture
def plan(catalog: Catalog) -> Plan:
    """Two teams, at the speed of a drill."""
    return quicken(derive(replace(catalog, teams=(*catalog.teams, Team(name="data", slack="#data")))), 60)


@pytest.fixture
def alarms(tmp_path: Path, plan: Plan) -> Iterator[Alarms]:
    with running_alarms(tmp_path, plan) as alarms:
        alarms.alert("Watchdog", "none")
        yield alarms


def drill(alarms: Alarms, plan: Plan, *, see_resolved: bool = False, patience: float = 60) -> dict[str, Outcome]:
    outcomes = receivers.drill(alarms.url, plan, RUNBOOK, lambda *_: None, patience=patience, see_resolved=see_resolved)
    return {outcome.route.receiver: outcome for outcome in outcomes}


def test_every_receiver_gets_a_marked_alert_and_its_resolve(alarms: Alarms, plan: Plan) -> None:
    outcomes = drill(alarms, plan, see_resolved=True)
    assert {receiver: (outcome.problem, outcome.resolved) for receiver, outcome in outcomes.items()} == {
        **{f"{team}-{channel}": ("", "delivered") for team in ("shop", "data") for channel in ("pagerduty", "slack")},
        "heartbeat": ("", ""),
    }
    assert all(outcome.receivers == (receiver,) for receiver, outcome in outcomes.items())
    incidents = alarms.client.incidents()
    assert {(incident.team, incident.status) for incident in incidents} == {("shop", "resolved"), ("data", "resolved")}
    for incident in incidents:
        assert incident.summary.startswith("FIRE DRILL, nothing is broken")
        assert "nothing to do" in incident.body["payload"]["custom_details"]["because"]
        assert (incident.runbook, incident.triggers) == (RUNBOOK, 1)
    titles = sorted(title.partition(" (drill-")[0] for title in alarms.titles())
    assert titles == [f"Firing: {NAME} on tocsin"] * 2 + [f"Resolved: {NAME} on tocsin"] * 2


def test_a_second_drill_is_not_held_back_by_the_first(alarms: Alarms, plan: Plan) -> None:
    for _ in range(2):
        assert not any(outcome.problem for outcome in drill(alarms, plan).values())


def test_a_key_that_rotted_is_found_and_the_other_receivers_are_reached(alarms: Alarms, plan: Plan) -> None:
    (alarms.folder / "secrets" / "shop-pagerduty-key").write_text("00000000000000000000000000000000")
    (alarms.folder / "secrets" / "data-slack-url").write_text(f"{alarms.gate.url}/services/T1/B2/revoked")
    outcomes = drill(alarms, plan)
    for rotten in ("shop-pagerduty", "data-slack"):
        assert "Alertmanager gave up after 1 failed requests" in outcomes[rotten].problem
        assert (outcomes[rotten].counts.refused, outcomes[rotten].resolved) == (1, "told")
    reached = {receiver for receiver, outcome in outcomes.items() if not outcome.problem}
    assert reached == {"data-pagerduty", "shop-slack", "heartbeat"}


def test_a_receiver_that_is_down_is_said_to_be_still_tried(alarms: Alarms, plan: Plan) -> None:
    alarms.gate.order(TO_PAGERDUTY, 500, times=1000)
    outcomes = drill(alarms, plan, patience=3)
    assert "requests failed, and Alertmanager still tries" in outcomes["shop-pagerduty"].problem
    assert not outcomes["shop-slack"].problem


def test_the_resolves_that_do_not_come_are_counted(alarms: Alarms, plan: Plan) -> None:
    def refuse_once_both_were_told(*_: object) -> None:
        if len(alarms.gate.answers(TO_SLACK)) == 2:
            alarms.gate.order(TO_SLACK, 404, times=1000)

    outcomes = receivers.drill(alarms.url, plan, RUNBOOK, refuse_once_both_were_told, patience=30, see_resolved=True)
    said = {outcome.route.receiver: (outcome.problem, outcome.resolved) for outcome in outcomes}
    assert said["shop-pagerduty"] == ("", "delivered")
    for team in ("shop", "data"):
        problem, resolved = said[f"{team}-slack"]
        assert problem.startswith("of the resolves, 0 of 2 were delivered within")
        assert resolved == "told"


def test_a_silence_is_named_and_no_notification_is_awaited(alarms: Alarms, plan: Plan) -> None:
    now = datetime.now(UTC)
    silence = {
        "matchers": [{"name": "team", "value": "shop", "isRegex": False, "isEqual": True}],
        "startsAt": now.isoformat(),
        "endsAt": (now + timedelta(hours=1)).isoformat(),
        "createdBy": "somebody",
        "comment": "a move",
    }
    made = httpx.post(f"{alarms.url}/api/v2/silences", json=silence, trust_env=False).json()["silenceID"]
    outcomes = drill(alarms, plan)
    assert outcomes["shop-pagerduty"].problem == f"it is muted by {made}: end that silence, or drill later"
    assert not outcomes["data-pagerduty"].problem
    assert {incident.team for incident in alarms.client.incidents()} == {"data"}


def test_an_alertmanager_with_other_routes_is_found_out(alarms: Alarms, plan: Plan, catalog: Catalog) -> None:
    alarms.stop()
    alarms.configure(quicken(derive(catalog), 60))
    alarms.start()
    outcomes = drill(alarms, plan, patience=5)
    assert outcomes["data-pagerduty"].receivers == ("shop-slack",)
    assert outcomes["data-pagerduty"].problem.startswith("it goes to shop-slack: give Alertmanager the configuration")
    assert not outcomes["shop-pagerduty"].problem
    assert outcomes["heartbeat"].problem == "Alertmanager has no Watchdog: see whether Prometheus sends it its alerts"


def test_what_is_no_alertmanager_is_one_sentence(alarms: Alarms, plan: Plan) -> None:
    with pytest.raises(TocsinError, match=r"^No Alertmanager answers at http://127.0.0.1:1: .*--alertmanager\.$"):
        receivers.drill("http://user:hush@127.0.0.1:1", plan, RUNBOOK, lambda *_: None)
    with pytest.raises(TocsinError, match=r"^No Alertmanager answers at .*: it answers 404; give its address"):
        receivers.drill(alarms.gate.inbox, plan, RUNBOOK, lambda *_: None)


@pytest.mark.timeout(400)
def test_the_verb_drills_the_running_stack_or_an_address(shop: Project, up: Callable[..., Up]) -> None:
    said = shop.run("drill", "--receivers")
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.startswith(f"tocsin: No stack runs in {shop.folder}: start one with `tocsin up`, or give")
    up().wait_until_ready()
    said = shop.run("drill", "--receivers", "--format", "json")
    assert said.returncode == 0, said.stdout + said.stderr
    outcomes = json.loads(said.stdout)
    assert [(outcome["receiver"], outcome["resolved"], outcome["problem"]) for outcome in outcomes] == [
        ("shop-pagerduty", "told", None),
        ("shop-slack", "told", None),
        ("heartbeat", None, None),
    ]
    assert "shop-slack" in said.stderr
    assert "its notification leaves after 30s" in said.stderr
    said = shop.run("drill", "--receivers", "--alertmanager", "http://127.0.0.1:1")
    assert (said.returncode, said.stdout, said.stderr.count("\n")) == (2, "", 1)
    said = shop.run("drill", "--receivers", "ServiceDown")
    assert (said.returncode, said.stderr.count("\n")) == (2, 1)
    said = shop.run("drill", "--alertmanager", "http://127.0.0.1:1")
    assert said.stderr.startswith("tocsin: --alertmanager is for --receivers")
