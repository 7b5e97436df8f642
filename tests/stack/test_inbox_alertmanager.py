"""The real Alertmanager, with the configuration that Tocsin writes, delivers into the inbox."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.stack.inboxes import TEAMS, running_inbox
from tests.waiting import until
from tocsin.derive import derive
from tocsin.model import Catalog
from tocsin.stack import ports, tools
from tocsin.stack.inbox.client import InboxClient
from tocsin.stack.inbox.keys import save_keys
from tocsin.stack.inbox.records import Event
from tocsin.targets import Site, build

LIMIT = 60.0
QUICK = {"group_wait": "20ms", "group_interval": "200ms", "repeat_interval": "200ms"}
RUNBOOK = "http://127.0.0.1:1/runbooks/checkout/service-down"


class Delivery:
    """An Alertmanager that reports to an inbox."""

    def __init__(self, url: str, client: InboxClient) -> None:
        self.url = url
        self.client = client

    def alert(self, name: str, severity: str, *, ended: bool = False) -> None:
        labels = {"alertname": name, "severity": severity, "team": "shop", "service": "checkout"}
        now = datetime.now(UTC)
        lasts = {"startsAt": (now - timedelta(minutes=1)).isoformat()}
        if ended:
            lasts["endsAt"] = now.isoformat()
        annotations = {"summary": f"{name} on checkout", "because": "Nobody can buy.", "runbook_url": RUNBOOK}
        answer = httpx.post(
            f"{self.url}/api/v2/alerts", json=[{"labels": labels, "annotations": annotations, **lasts}], trust_env=False
        )
        assert answer.status_code == 200

    def next(self, after: int, **wanted: Any) -> Event:
        def fits(event: Event) -> bool:
            return all(getattr(event, name) == value for name, value in wanted.items())

        event = self.client.await_event(fits, after=after, timeout=LIMIT)
        assert event is not None, wanted
        return event


@pytest.fixture
def delivery(tmp_path: Path, catalog: Catalog) -> Iterator[Delivery]:
    keys, secrets = tmp_path / "keys.json", tmp_path / "secrets"
    save_keys(keys, {"shop": TEAMS["shop"]})
    secrets.mkdir()
    with running_inbox(tmp_path / "inbox", "--keys", keys) as inbox:
        (secrets / "shop-pagerduty-key").write_text(TEAMS["shop"].pagerduty)
        (secrets / "shop-slack-url").write_text(inbox.url + TEAMS["shop"].slack)
        (secrets / "heartbeat-token").write_text("token")
        site = Site(
            secrets=str(secrets), pagerduty_url=f"{inbox.url}/v2/enqueue", heartbeat=f"{inbox.url}/heartbeat/watchdog"
        )
        (artifact,) = (a for a in build(derive(catalog), site) if a.path == "alertmanager/alertmanager.yml")
        configuration = yaml.safe_load(artifact.text)
        for route in (configuration["route"], *configuration["route"]["routes"]):
            route.update(QUICK)
        (tmp_path / "alertmanager.yml").write_text(yaml.safe_dump(configuration))
        address = f"127.0.0.1:{ports.free(['alertmanager'])['alertmanager']}"
        command = [
            str(tools.find("alertmanager")),
            f"--config.file={tmp_path / 'alertmanager.yml'}",
            f"--storage.path={tmp_path / 'alertmanager'}",
            f"--web.listen-address={address}",
            f"--web.external-url=http://{address}",
            "--cluster.listen-address=",
        ]
        with (
            (tmp_path / "alertmanager.log").open("wb") as log,
            subprocess.Popen(command, stdout=log, stderr=log) as alertmanager,
            InboxClient(inbox.url) as client,
        ):
            try:
                until(lambda: _ready(address), "Alertmanager is ready", LIMIT)
                yield Delivery(f"http://{address}", client)
            finally:
                alertmanager.terminate()


def _ready(address: str) -> bool:
    try:
        return httpx.get(f"http://{address}/-/ready", trust_env=False).is_success
    except httpx.HTTPError:
        return False


def test_a_page_is_triggered_repeated_without_a_second_incident_and_resolved(delivery: Delivery) -> None:
    delivery.alert("ServiceDown", "critical")
    opened = delivery.next(0, kind="pagerduty", team="shop", effect="opened")
    assert opened.body["event_action"] == "trigger"
    assert len(opened.body["dedup_key"]) == 64
    payload = opened.body["payload"]
    assert (payload["summary"], payload["severity"]) == ("ServiceDown on checkout", "critical")
    assert (payload["component"], payload["class"]) == ("checkout", "ServiceDown")
    assert payload["custom_details"]["because"] == "Nobody can buy."
    assert opened.body["client_url"].startswith(delivery.url)
    repeated = delivery.next(opened.number, effect="repeated")
    assert repeated.item == opened.item
    delivery.alert("ServiceDown", "critical", ended=True)
    resolved = delivery.next(repeated.number, effect="resolved")
    assert resolved.body["dedup_key"] == opened.body["dedup_key"]
    (incident,) = delivery.client.incidents()
    assert (incident.status, incident.runbook, incident.source) == ("resolved", RUNBOOK, "Tocsin")
    assert incident.triggers >= 2
    delivery.alert("ServiceDown", "critical")
    assert delivery.next(resolved.number, effect="opened").item == 2


def test_a_warning_is_posted_when_it_fires_and_when_it_has_resolved(delivery: Delivery) -> None:
    delivery.alert("PaymentsStall", "warning")
    fired = delivery.next(0, kind="slack", team="shop")
    delivery.alert("PaymentsStall", "warning", ended=True)
    until(lambda: delivery.client.messages()[0].body["attachments"][0]["color"] == "good", "the all-clear", LIMIT)
    resolved = delivery.client.messages()[0]
    for body, status, color in ((fired.body, "Firing", "warning"), (resolved.body, "Resolved", "good")):
        (attachment,) = body["attachments"]
        assert (attachment["title"], attachment["color"]) == (f"{status}: PaymentsStall on checkout", color)
        assert attachment["title_link"] == RUNBOOK
        assert f"<{RUNBOOK}|Runbook>" in attachment["text"]
    assert (resolved.channel, resolved.text) == ("#shop", "PaymentsStall on checkout")
    assert delivery.client.incidents() == []


def test_the_watchdog_beats_without_paging_anybody(delivery: Delivery) -> None:
    delivery.alert("Watchdog", "none")
    until(lambda: any(beat.beats >= 2 for beat in delivery.client.heartbeats()), "two beats", LIMIT)
    (beat,) = delivery.client.heartbeats()
    assert (beat.name, beat.status, beat.receiver) == ("watchdog", "firing", "heartbeat")
    assert delivery.client.last() == 0
