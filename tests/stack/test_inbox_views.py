from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.stack.inboxes import DATA, SHOP, TEAMS, Inbox, event
from tocsin.stack.inbox.page import iso, lasting
from tocsin.stack.inbox.runbooks import Runbooks

BEAT = {"version": "4", "status": "firing", "receiver": "heartbeat", "alerts": [{"labels": {"alertname": "Watchdog"}}]}


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "inbox")


def test_the_empty_page_says_what_will_appear(inbox: Inbox) -> None:
    page = inbox.get("/").text
    assert "Nobody is being paged." in page
    assert "The channels are quiet." in page
    assert "No open incidents" in page


def test_the_page_shows_an_incident_and_a_message_with_runbook_and_times(inbox: Inbox) -> None:
    sent = event(component="till", custom_details={"because": "Nobody can pay.", "nested": {"a": [1]}})
    sent |= {"links": [{"href": "http://127.0.0.1:1/runbooks/till/disk", "text": "Runbook"}], "client": "Tocsin"}
    inbox.post("/v2/enqueue", json=sent)
    inbox.post(SHOP.slack, json={"channel": "#shop", "username": "Tocsin", "text": "*Firing* <https://a.example|look>"})
    page = inbox.get("/").text
    for shown in (
        "The disk is full",
        "Triggered</span>",
        '<a href="http://127.0.0.1:1/runbooks/till/disk" rel="noreferrer">Runbook</a>',
        "Nobody can pay.",
        "#shop",
        '<strong>Firing</strong> <a href="https://a.example" rel="noreferrer">look</a>',
        "<title>(1) Inbox · Tocsin</title>",
        "1 open incident<",
    ):
        assert shown in page, shown
    incident = inbox.get("/incidents.json").json()["incidents"][0]
    assert f'<time datetime="{iso(incident["triggered_at"])}">' in page


def test_the_page_loads_nothing_from_elsewhere_and_runs_nothing_inline(inbox: Inbox) -> None:
    inbox.post("/v2/enqueue", json=event() | {"images": [{"src": "https://a.example/x.png"}]})
    page = inbox.get("/")
    addresses = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert addresses
    assert all(address.startswith("/") for address in addresses)
    assert not re.search(r"<script(?! src=)|<style|\sstyle=|\son\w+=", page.text)
    for address in addresses:
        assert inbox.get(address).status_code == 200, address
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_page_shows_the_newest_hundred_and_says_where_the_rest_is(inbox: Inbox) -> None:
    for number in range(103):
        inbox.ledger.add("slack", "shop", {"text": f"message {number}."}, 0.0)
    page = inbox.get("/").text
    assert "message 102." in page
    assert "message 3." in page
    assert "message 2." not in page
    assert '3 older ones are in <a href="/messages.json">' in page


def test_no_answer_shows_a_key_or_a_webhook(inbox: Inbox) -> None:
    inbox.post("/v2/enqueue", json=event())
    inbox.post("/v2/enqueue", json=event(key="a" * 32))
    inbox.post(DATA.slack, json={"text": "x"})
    for path in ("/", "/incidents.json", "/messages.json", "/events.json", "/heartbeats.json", "/healthz"):
        text = inbox.get(path).text
        for keys in TEAMS.values():
            assert keys.pagerduty not in text
            assert keys.slack not in text


def test_a_heartbeat_is_remembered_over_a_restart(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    assert inbox.post("/heartbeat/watchdog", json=BEAT).status_code == 200
    inbox.post("/heartbeat/watchdog", json=BEAT)
    (beat,) = inbox.get("/heartbeats.json").json()["heartbeats"]
    assert (beat["name"], beat["beats"], beat["status"], beat["receiver"]) == ("watchdog", 2, "firing", "heartbeat")
    assert beat["every"] >= 0
    inbox.journal.close()
    again = Inbox(tmp_path)
    assert again.get("/heartbeats.json").json()["heartbeats"] == [beat]
    again.post("/heartbeat/watchdog", json=BEAT | {"status": "resolved"})
    (stopped,) = again.get("/heartbeats.json").json()["heartbeats"]
    assert stopped == beat | {"status": "resolved"}
    assert "Watchdog has stopped" in again.get("/").text


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("watchdog", {}),
        ("watchdog", BEAT | {"version": "3"}),
        ("watchdog", BEAT | {"alerts": "none"}),
        ("watchdog", BEAT | {"status": ["firing"]}),
        ("<b>", BEAT),
        ("x" * 64, BEAT),
        ("watchdog", []),
    ],
)
def test_what_is_no_heartbeat_is_refused_in_a_sentence(inbox: Inbox, name: str, sent: Any) -> None:
    answer = inbox.post(f"/heartbeat/{name}", json=sent)
    assert (answer.status_code, answer.text[-1]) == (400, ".")
    assert inbox.get("/heartbeats.json").json() == {"heartbeats": []}


def test_heartbeats_are_bounded(inbox: Inbox) -> None:
    answers = [inbox.post(f"/heartbeat/beat-{number}", json=BEAT).status_code for number in range(65)]
    assert answers == [200] * 64 + [400]


def test_events_are_read_from_where_one_stopped(inbox: Inbox) -> None:
    for _ in range(3):
        inbox.post("/v2/enqueue", json=event())
    found = inbox.get("/events.json", params={"after": 1, "wait": 30}).json()
    assert (found["last"], [e["number"] for e in found["events"]]) == (3, [2, 3])
    assert [e["number"] for e in inbox.get("/events.json?after=0&limit=2").json()["events"]] == [1, 2]
    assert inbox.get("/events.json?after=3").json() == {"events": [], "last": 3}


@pytest.mark.parametrize("query", ["after=x", "wait=nan", "limit=1e9", "after=", "wait=99999999999999999"])
def test_a_parameter_that_is_no_number_is_refused(inbox: Inbox, query: str) -> None:
    answer = inbox.get(f"/events.json?{query}")
    assert answer.status_code == 400
    assert "is a number, like" in answer.text


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil.example:80"])
def test_another_host_name_is_refused(inbox: Inbox, host: str) -> None:
    assert inbox.get("/incidents.json", headers={"host": host}).status_code == 400
    assert inbox.post("/v2/enqueue", json=event(), headers={"host": host}).status_code == 400
    assert inbox.ledger.last == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:9099", "[::1]:9099"])
def test_this_machines_names_are_accepted(inbox: Inbox, host: str) -> None:
    assert inbox.get("/healthz", headers={"host": host}).json() == {"status": "ok"}


def test_what_a_web_page_sends_is_refused(inbox: Inbox) -> None:
    answer = inbox.post("/v2/enqueue", json=event(), headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert inbox.ledger.last == 0


@pytest.mark.parametrize(
    ("method", "path", "status", "sentence"),
    [
        ("GET", "/nothing", 404, "There is nothing at /nothing: the inbox's page is at /."),
        ("GET", "/v2/enqueue", 405, "/v2/enqueue does not take GET."),
        ("POST", "/", 405, "/ does not take POST."),
        ("GET", "/static/../app.py", 404, "There is nothing at /app.py: the inbox's page is at /."),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(
    inbox: Inbox, method: str, path: str, status: int, sentence: str
) -> None:
    answer = (inbox.get if method == "GET" else inbox.post)(path)
    assert (answer.status_code, answer.text) == (status, sentence)


@pytest.fixture
def library(tmp_path: Path) -> Inbox:
    own = tmp_path / "runbooks" / "till"
    own.mkdir(parents=True)
    (own / "disk-full.md").write_text(
        "# Disk full\n\n1. Look.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<script>alert(1)</script>\n"
        "[bad](javascript:alert(1)) [good](https://a.example)\n"
    )
    for hidden in (tmp_path / "secret.md", own.parent / "secret.md", own / ".secret.md"):
        hidden.write_text("# Secret\n")
    return Inbox(tmp_path / "inbox", runbooks=Runbooks(own.parent))


def test_a_runbook_is_shown_without_its_raw_html(library: Inbox) -> None:
    page = library.get("/runbooks/till/disk-full")
    assert page.status_code == 200
    for shown in ("<title>Disk full · Runbook</title>", "<li>Look.</li>", "<td>1</td>", '<a href="https://a.example">'):
        assert shown in page.text
    assert "<script>alert" not in page.text
    assert 'href="javascript' not in page.text


def test_a_runbook_is_served_as_it_was_written_too(library: Inbox) -> None:
    assert library.get("/runbooks/till/disk-full.md").text.startswith("# Disk full\n")
    assert library.get("/runbooks/other/disk-full.md").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "till/none",
        "till/%2e%2e%2fsecret",
        "till/..%5csecret",
        "till/.secret",
        "till/%00",
        "till/DISK",
        "%3Cb%3E/none",
        "%2e%2e/secret",
    ],
)
def test_an_unknown_runbook_is_said_in_a_sentence(library: Inbox, path: str) -> None:
    page = library.get(f"/runbooks/{path}")
    assert page.status_code == 404
    assert "Secret" not in page.text
    assert "<b>" not in page.text
    assert "There is no" in page.text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0 s"),
        (0.4, "under 1 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (125, "2 min 5 s"),
        (3_600, "1 h"),
        (11_400, "3 h 10 min"),
        (187_200, "2 d 4 h"),
    ],
)
def test_a_length_of_time_is_spelled_in_two_units(seconds: float, words: str) -> None:
    assert lasting(seconds) == words
