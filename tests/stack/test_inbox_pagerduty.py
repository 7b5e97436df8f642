from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stack.inboxes import DATA, SHOP, Inbox, event
from tocsin.stack.inbox import pagerduty
from tocsin.stack.inbox.keys import Keys

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
HOSTILE = st.sampled_from(["<script>alert(1)</script>", '"><img src=x onerror=y>', "javascript:alert(1)", "{{ 7*7 }}"])


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path)


def incidents(inbox: Inbox) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = inbox.get("/incidents.json").json()["incidents"]
    return found


def test_the_documented_event_is_accepted(inbox: Inbox) -> None:
    common = {"timestamp": "2015-07-17T08:42:58.315+0000", "component": "postgres", "group": "prod-datapipe"}
    full = event(**common, custom_details={"ping time": "1500ms", "load avg": 0.75})
    full["payload"]["class"] = "deploy"
    full |= {
        "images": [{"src": "https://example.com/logo.png", "href": "https://example.com/", "alt": "Example"}],
        "links": [{"href": "https://example.com/", "text": "Link"}],
        "client": "Sample Monitoring Service",
        "client_url": "https://monitoring.example.com",
    }
    answer = inbox.post("/v2/enqueue", json=full)
    assert answer.status_code == 202
    assert answer.json() == {"status": "success", "message": "Event processed", "dedup_key": "disk"}
    (incident,) = incidents(inbox)
    del full["routing_key"]
    assert incident["body"] == full
    assert incident["team"] == "shop"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"routing_key": None}, "'routing_key' is missing or blank"),
        ({"routing_key": 7}, "'routing_key' is missing or blank"),
        ({"routing_key": "short"}, "Length of 'routing_key' is incorrect (should be 32 characters)"),
        (
            {"routing_key": "0123456789abcdef0123456789abcde-"},
            "'routing_key' cannot contain non-alphanumeric characters",
        ),
        ({"routing_key": "ü" * 32}, "'routing_key' cannot contain non-alphanumeric characters"),
        (
            {"event_action": "escalate"},
            "'event_action' is missing or invalid (must be one of trigger, acknowledge, resolve)",
        ),
        ({"event_action": []}, "'event_action' is missing or invalid (must be one of trigger, acknowledge, resolve)"),
        ({"dedup_key": "k" * 256}, "'dedup_key' is too long (maximum is 255 characters)"),
        ({"dedup_key": 0}, "'dedup_key' is not a string"),
        ({"event_action": "resolve", "dedup_key": ""}, "'dedup_key' is missing or blank"),
        ({"event_action": "acknowledge", "dedup_key": None}, "'dedup_key' is missing or blank"),
        ({"payload": None}, "'payload' is missing or blank"),
        ({"payload": "down"}, "'payload' is not an object"),
        ({"client": 3}, "'client' is not a string"),
        ({"links": [{"text": "no address"}]}, "'links' has an item without 'href'"),
        ({"images": {"src": "x"}}, "'images' is not a list of objects"),
    ],
)
def test_a_wrong_event_is_refused_with_its_reason(change: dict[str, Any], problem: str) -> None:
    assert problem in pagerduty.problems(event() | change)


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        ({"summary": " "}, "'payload.summary' is missing or blank"),
        ({"summary": "s" * 1025}, "'payload.summary' is too long (maximum is 1024 characters)"),
        ({"source": None}, "'payload.source' is missing or blank"),
        (
            {"severity": "page"},
            "'payload.severity' is missing or invalid (must be one of critical, error, warning, info)",
        ),
        ({"timestamp": "yesterday"}, "'payload.timestamp' is not an ISO 8601 time"),
        ({"timestamp": 12}, "'payload.timestamp' is not an ISO 8601 time"),
        ({"component": ["a"]}, "'payload.component' is not a string"),
        ({"custom_details": "text"}, "'payload.custom_details' is not an object"),
    ],
)
def test_a_wrong_payload_is_refused_with_its_reason(payload: dict[str, Any], problem: str) -> None:
    assert pagerduty.problems(event(**payload)) == [problem]


def test_the_longest_values_are_accepted() -> None:
    assert pagerduty.problems(event(dedup_key="k" * 255, summary="s" * 1024)) == []


def test_a_refused_event_is_answered_as_documented_and_not_kept(inbox: Inbox) -> None:
    answer = inbox.post("/v2/enqueue", json=event(severity="page"))
    assert answer.status_code == 400
    assert (answer.json()["status"], answer.json()["message"]) == ("invalid event", "Event object is invalid")
    assert len(answer.json()["errors"]) == 1
    assert inbox.get("/events.json").json() == {"events": [], "last": 0}


def test_a_key_of_nobody_is_refused(inbox: Inbox) -> None:
    answer = inbox.post("/v2/enqueue", json=event(key="a" * 32))
    assert (answer.status_code, answer.json()["errors"]) == (400, ["'routing_key' belongs to no integration"])


def test_without_known_keys_each_key_is_a_team_by_fingerprint(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path, keys=Keys())
    for key in ("a" * 32, "b" * 32):
        assert inbox.post("/v2/enqueue", json=event(key=key)).status_code == 202
    teams = [incident["team"] for incident in incidents(inbox)]
    assert len(set(teams)) == 2
    assert all(team.startswith("key-") and "aaaa" not in team for team in teams)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"NaN", b"[1]", b'"text"', b'{"a": ' + b"[" * 200 + b"]" * 200 + b"}"]
)
def test_what_is_no_object_is_refused(inbox: Inbox, body: bytes) -> None:
    answer = inbox.post("/v2/enqueue", content=body)
    assert (answer.status_code, answer.json()["status"]) == (400, "Unrecognized object")


def test_more_than_512_kb_is_refused(inbox: Inbox) -> None:
    assert inbox.post("/v2/enqueue", json=event(custom_details={"log": "x" * 400_000})).status_code == 202
    assert inbox.post("/v2/enqueue", json=event(custom_details={"log": "x" * 512_000})).status_code == 413
    assert inbox.get("/events.json").json()["last"] == 1


def test_an_incident_opens_repeats_is_acknowledged_resolves_and_opens_anew(inbox: Inbox) -> None:
    actions = ("trigger", "trigger", "acknowledge", "trigger", "resolve", "resolve", "acknowledge", "trigger")
    for number, action in enumerate(actions):
        inbox.post("/v2/enqueue", json=event(action, summary=f"The disk is full, {number}"))
    newer, older = incidents(inbox)
    assert (newer["id"], newer["status"], newer["triggers"]) == (2, "triggered", 1)
    assert (older["id"], older["status"], older["triggers"]) == (1, "resolved", 3)
    assert older["summary"] == "The disk is full, 3"
    assert older["triggered_at"] <= older["acknowledged_at"] <= older["resolved_at"] <= newer["triggered_at"]
    assert [entry["effect"] for entry in older["log"]] == ["opened", "repeated", "acknowledged", "repeated", "resolved"]
    events = inbox.get("/events.json").json()["events"]
    assert [(e["effect"], e["item"]) for e in events[-3:]] == [("dropped", None), ("dropped", None), ("opened", 2)]


def test_another_key_does_not_reach_the_incident(inbox: Inbox) -> None:
    inbox.post("/v2/enqueue", json=event())
    assert inbox.post("/v2/enqueue", json=event("resolve", key=DATA.pagerduty)).status_code == 202
    assert [incident["status"] for incident in incidents(inbox)] == ["triggered"]


def test_a_resolve_needs_no_payload(inbox: Inbox) -> None:
    inbox.post("/v2/enqueue", json=event())
    resolve = {"routing_key": SHOP.pagerduty, "event_action": "resolve", "dedup_key": "disk"}
    assert inbox.post("/v2/enqueue", json=resolve).status_code == 202
    assert [incident["status"] for incident in incidents(inbox)] == ["resolved"]


def test_a_missing_deduplication_key_is_made_and_told(inbox: Inbox) -> None:
    keys = [inbox.post("/v2/enqueue", json=event(dedup_key="")).json()["dedup_key"] for _ in range(2)]
    assert len(set(keys)) == 2
    inbox.post("/v2/enqueue", json=event("resolve", dedup_key=keys[0]))
    assert [incident["status"] for incident in incidents(inbox)] == ["triggered", "resolved"]


def test_a_key_that_sends_too_much_is_told_when_to_retry_and_others_pass(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path, pagerduty_limit=3)
    answers = [inbox.post("/v2/enqueue", json=event()) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert 1 <= int(answers[3].headers["retry-after"]) <= 20
    assert inbox.post("/v2/enqueue", json=event(key=DATA.pagerduty)).status_code == 202
    assert inbox.get("/events.json").json()["last"] == 4


@pytest.mark.parametrize(
    ("event_part", "runbook"),
    [
        (
            {
                "links": [
                    {"href": "https://a.example", "text": "Graph"},
                    {"href": "https://b.example", "text": "The Runbook"},
                ]
            },
            "https://b.example",
        ),
        ({"links": [{"href": "https://a.example/runbooks/x"}]}, "https://a.example/runbooks/x"),
        ({"payload": {"custom_details": {"n": 1, "runbook_url": "https://c.example"}}}, "https://c.example"),
        ({"links": None, "payload": {"custom_details": None}}, ""),
    ],
)
def test_the_runbook_is_found_where_senders_put_it(event_part: dict[str, Any], runbook: str) -> None:
    assert pagerduty.runbook({"payload": {}} | event_part) == runbook


@given(st.lists(st.tuples(st.sampled_from(pagerduty.ACTIONS), st.sampled_from("ab"), st.booleans()), max_size=25))
def test_of_each_key_at_most_one_incident_is_open(
    tmp_path_factory: pytest.TempPathFactory, sent: list[tuple[str, str, bool]]
) -> None:
    inbox = Inbox(tmp_path_factory.mktemp("inbox"))
    for action, dedup_key, ours in sent:
        inbox.post("/v2/enqueue", json=event(action, dedup_key, (SHOP if ours else DATA).pagerduty))
    found = incidents(inbox)
    opened = [(incident["team"], incident["dedup_key"]) for incident in found if incident["status"] != "resolved"]
    assert len(opened) == len(set(opened))
    assert sum(incident["triggers"] for incident in found) == sum(action == "trigger" for action, _, _ in sent)
    assert inbox.get("/events.json").json()["last"] == len(sent)


@given(
    st.dictionaries(
        st.sampled_from(["event_action", "dedup_key", "payload", "client", "client_url", "links", "images", "x"]),
        JSON
        | HOSTILE
        | st.lists(st.dictionaries(st.sampled_from(["href", "src", "text"]), JSON | HOSTILE), max_size=2),
    ),
    st.dictionaries(
        st.sampled_from(["summary", "source", "severity", "component", "class", "custom_details", "timestamp"]),
        JSON | HOSTILE,
    ),
)
def test_whatever_is_sent_is_answered_and_shown(
    tmp_path_factory: pytest.TempPathFactory, top: dict[str, Any], payload: dict[str, Any]
) -> None:
    inbox = Inbox(tmp_path_factory.mktemp("inbox"))
    for sent in (event() | top, event(**payload)):
        assert inbox.post("/v2/enqueue", json=sent).status_code in (202, 400)
    page = inbox.get("/")
    assert page.status_code == 200
    for hostile in ("<script>alert", "<img", 'href="javascript:'):
        assert hostile not in page.text


def test_problems_never_raise() -> None:
    odd: list[Any] = [None, 0, "", [], {}, [[]], True, 1.5, "x"]
    names = ("routing_key", "event_action", "dedup_key", "payload", "links", "images", "client")
    for name, value in itertools.product(names, odd):
        assert isinstance(pagerduty.problems(event() | {name: value}), list)
