from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

import httpx
import psutil
import pytest

from tests.stack.inboxes import SHOP, TEAMS, InboxProcess, event, running_inbox
from tests.waiting import until
from tocsin.model import TocsinError
from tocsin.stack.inbox.client import InboxClient
from tocsin.stack.inbox.keys import Keys, generate_keys, load_keys, save_keys
from tocsin.stack.inbox.records import Event

LIMIT = 60.0


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    save_keys(path, TEAMS)
    return path


def test_the_client_reads_what_was_sent_and_awaits_what_comes(tmp_path: Path, keys: Path) -> None:
    with running_inbox(tmp_path / "inbox", "--keys", keys) as inbox, InboxClient(inbox.url) as client:
        assert (client.last(), client.incidents(), client.messages(), client.heartbeats()) == (0, [], [], [])
        came: list[Event | None] = []
        waiting = threading.Thread(
            target=lambda: came.append(client.await_event(lambda e: e.effect == "resolved", after=0, timeout=LIMIT))
        )
        waiting.start()
        with httpx.Client(base_url=inbox.url, trust_env=False) as http:
            http.post(SHOP.slack, json={"text": "hello"})
            http.post("/v2/enqueue", json=event())
            http.post("/v2/enqueue", json=event("resolve"))
        waiting.join()
        (resolved,) = came
        assert resolved is not None
        assert (resolved.number, resolved.kind, resolved.team, resolved.item) == (3, "pagerduty", "shop", 1)
        (incident,) = client.incidents()
        assert (incident.id, incident.status, incident.open) == (1, "resolved", False)
        assert [entry.effect for entry in incident.log] == ["opened", "resolved"]
        assert [message.text for message in client.messages()] == ["hello"]
        assert [e.number for e in client.events(after=1)] == [2, 3]


def test_the_client_gives_up_in_time_and_survives_a_restart(tmp_path: Path) -> None:
    inbox = InboxProcess(tmp_path)
    port = int(inbox.url.rpartition(":")[2])
    with InboxClient(inbox.url) as client:
        assert client.await_event(lambda _: True, after=0, timeout=0.2) is None
        inbox.kill()
        assert client.await_event(lambda _: True, after=0, timeout=0.2) is None
        came: list[Event | None] = []
        waiting = threading.Thread(
            target=lambda: came.append(client.await_event(lambda _: True, after=0, timeout=LIMIT))
        )
        waiting.start()
        again = InboxProcess(tmp_path, port=port)
        try:
            httpx.post(f"{again.url}/v2/enqueue", json=event(), trust_env=False)
            waiting.join()
        finally:
            again.kill()
        assert [e.number for e in came if e] == [1]


def test_it_stops_at_once_and_cleanly_though_somebody_waits(tmp_path: Path) -> None:
    with running_inbox(tmp_path) as inbox:
        answers: list[httpx.Response] = []
        waiting = threading.Thread(
            target=lambda: answers.append(httpx.get(f"{inbox.url}/events.json?wait=60", timeout=LIMIT, trust_env=False))
        )
        waiting.start()
        process = psutil.Process(inbox.process.pid)
        until(lambda: any(c.status == psutil.CONN_ESTABLISHED for c in process.net_connections()), "the reader")
        assert inbox.end() == (0, "")
        waiting.join()
        assert [answer.json() for answer in answers] == [{"events": [], "last": 0}]


def test_senders_that_hang_up_or_talk_nonsense_leave_no_trace(tmp_path: Path) -> None:
    with running_inbox(tmp_path) as inbox:
        host, port = "127.0.0.1", int(inbox.url.rpartition(":")[2])
        for said in (
            b"POST /v2/enqueue HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{",
            b"POST /heartbeat/x HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
            b"nonsense\r\n\r\n",
            b"",
        ):
            with socket.create_connection((host, port)) as connection:
                connection.sendall(said)
        assert httpx.get(f"{inbox.url}/healthz", trust_env=False).status_code == 200
        code, errors = inbox.end()
        assert (code, "Traceback" in errors) == (0, False)


def test_it_listens_on_this_machine_alone(tmp_path: Path) -> None:
    with running_inbox(tmp_path) as inbox:
        listening = [c.laddr.ip for c in psutil.Process(inbox.process.pid).net_connections() if c.status == "LISTEN"]
        assert listening == ["127.0.0.1"]


def test_a_taken_port_and_a_held_folder_are_said_in_a_sentence(tmp_path: Path) -> None:
    with running_inbox(tmp_path / "one") as inbox:
        port = int(inbox.url.rpartition(":")[2])
        for other, words in (
            (InboxProcess(tmp_path / "two", port=port), f"cannot listen on port {port} (Address already in use)"),
            (InboxProcess(tmp_path / "one"), "Another inbox holds"),
        ):
            _, errors = other.process.communicate(timeout=LIMIT)
            assert other.process.returncode == 2
            assert words in errors
            assert errors.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--keys", "nowhere.json"], "The keys in nowhere.json cannot be read"),
        (["--pagerduty-limit", "0"], "'0' is no limit"),
        (["--port", "70000"], "'70000' is no port"),
    ],
)
def test_a_wrong_argument_is_said_in_a_sentence(tmp_path: Path, arguments: list[str], words: str) -> None:
    inbox = InboxProcess(tmp_path, *arguments)
    _, errors = inbox.process.communicate(timeout=LIMIT)
    assert inbox.process.returncode == 2
    assert words in errors


def test_generated_keys_are_fresh_well_formed_and_for_their_owner_alone(tmp_path: Path) -> None:
    made = generate_keys(["shop", "data"])
    assert made != generate_keys(["shop", "data"])
    path = tmp_path / "keys.json"
    path.write_text("")
    path.chmod(0o644)
    save_keys(path, made)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_keys(path) == made
    assert set(json.loads(path.read_text())["shop"]) == {"pagerduty", "slack"}
    known = Keys(made)
    assert [known.of_routing_key(team.pagerduty) for team in made.values()] == ["shop", "data"]
    assert [known.of_webhook(team.slack) for team in made.values()] == ["shop", "data"]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"shop": 1}', "keys of 'shop'"),
        ('{"shop": {"pagerduty": "x", "slack": "/services/T1/B1/x"}}', "keys of 'shop'"),
        (
            json.dumps({team: {"pagerduty": "0" * 32, "slack": f"/services/T1/B1/{team}"} for team in "ab"}),
            "share a key",
        ),
    ],
)
def test_keys_that_cannot_be_used_are_said_in_a_sentence(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text)
    with pytest.raises(TocsinError, match=words):
        load_keys(path)
