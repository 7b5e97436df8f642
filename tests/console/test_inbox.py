"""The page of the inbox, looked at in a real one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.console.places import NOBODY, Places
from tests.console.serving import serving
from tests.stack.inboxes import SHOP, event, running_inbox
from tocsin.console.inbox import view as inbox
from tocsin.console.inbox.view import Attachment, slack
from tocsin.console.markdown import Run

INCIDENT = {
    "id": 1,
    "status": "triggered",
    "severity": "critical",
    "summary": "The till is down",
    "team": "shop",
    "source": "till-3",
    "runbook": "javascript:alert(1)",
    "triggers": 1,
    "log": [{"number": 1, "at": 1_764_043_200.0, "effect": "opened"}],
    "body": {"payload": {"custom_details": {"num_firing": 1}}},
}
MESSAGE = {
    "id": 1,
    "at": 1_764_043_200.0,
    "team": "shop",
    "channel": "#shop",
    "body": {"attachments": [{"color": "danger", "title": "Firing: TillDown", "text": "*Down*"}]},
}
INBOX: dict[str, Any] = {
    "/incidents.json": {"incidents": [INCIDENT]},
    "/messages.json": {"messages": [MESSAGE]},
    "/heartbeats.json": {"heartbeats": [{"name": "watchdog", "at": 1_764_043_200.0, "every": 60.0}]},
}


@pytest.mark.live
def test_what_was_sent_is_shown_as_pagerduty_and_slack_would(places: Places, tmp_path: Path) -> None:
    with running_inbox(tmp_path / "inbox") as real:
        httpx.post(f"{real.url}/v2/enqueue", json=event(custom_details={"because": "Nobody can buy."}))
        httpx.post(f"{real.url}/v2/enqueue", json=event("resolve"))
        said = {"color": "good", "title": "Resolved", "title_link": "https://a.example/", "text": "*up* again"}
        httpx.post(real.url + SHOP.slack, json={"channel": "#shop", "attachments": [said]})
        seen = places.at(inbox=real.url).look(inbox.look)
    (incident,) = seen.incidents
    assert (incident.status, incident.severity, incident.summary) == ("resolved", "critical", "The disk is full")
    assert [entry.effect for entry in incident.log] == ["opened", "resolved"]
    assert incident.details == (("because", "Nobody can buy."),)
    (message,) = seen.messages
    assert message.channel == "#shop"
    assert message.attachments == (
        Attachment("good", "Resolved", "https://a.example/", (Run("up", "strong"), Run(" again"))),
    )
    assert seen.away == ()


def test_slacks_markup_becomes_words_and_no_address_runs_a_script() -> None:
    assert slack("*a &amp; b* <https://x.example/?a=1&amp;b=2|Runbook> `c` <javascript:alert(1)|d>") == (
        Run("a & b", "strong"),
        Run(" "),
        Run("Runbook", "plain", "https://x.example/?a=1&b=2"),
        Run(" "),
        Run("c", "code"),
        Run(" <javascript:alert(1)|d>"),
    )


def test_an_address_that_a_browser_must_not_open_is_none(places: Places) -> None:

    with serving(INBOX) as url:
        seen = places.at(inbox=url).look(inbox.look)
    assert seen.incidents[0].runbook == ""
    assert seen.heartbeats[0].late


def test_an_inbox_that_is_away_is_said_once(places: Places) -> None:
    seen = places.look(inbox.look)
    assert (seen.incidents, seen.messages, seen.heartbeats) == ((), (), ())
    assert len(seen.away) == 1
    assert seen.away[0].startswith(f"No inbox answers at {NOBODY} (")
