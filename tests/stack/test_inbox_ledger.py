from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stack.inboxes import SHOP, Inbox, InboxProcess, event
from tests.waiting import until
from tocsin.model import TocsinError
from tocsin.stack.inbox.client import InboxClient
from tocsin.stack.inbox.journal import Journal
from tocsin.stack.inbox.ledger import LOG_LENGTH, Ledger
from tocsin.stack.inbox.shelf import Shelf
from tocsin.stack.inbox.throttle import Throttle

ACTIONS = ("trigger", "trigger", "acknowledge", "resolve", "trigger", "resolve", "resolve")
LIMIT = 60.0


def body(action: str, dedup_key: str = "disk", summary: str = "The disk is full") -> dict[str, Any]:
    sent = event(action, dedup_key, summary=summary)
    del sent["routing_key"]
    return sent


def fill(ledger: Ledger) -> None:
    for at, action in enumerate(ACTIONS):
        ledger.add("pagerduty", "shop", body(action), float(at))
        ledger.add("slack", "data", {"text": f"{at}"}, float(at))


def seen(ledger: Ledger) -> tuple[object, ...]:
    return ledger.last, ledger.incidents, ledger.messages, ledger.events(0)


def test_what_was_kept_is_there_after_a_restart(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    before = Ledger(journal)
    fill(before)
    journal.close()
    after = Ledger(Journal(tmp_path))
    assert seen(after) == seen(before)
    assert after.add("pagerduty", "shop", body("trigger"), 9.0).number == before.last + 1


@given(cut=st.integers(min_value=1, max_value=400))
def test_a_torn_last_line_costs_only_itself(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    folder = tmp_path_factory.mktemp("inbox")
    journal = Journal(folder)
    fill(Ledger(journal))
    journal.close()
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[:-cut])
    ends = [place for place, byte in enumerate(whole) if byte == ord("\n")]
    left = sum(end <= len(whole) - cut for end in ends)
    journal = Journal(folder)
    ledger = Ledger(journal)
    assert ledger.last == left
    ledger.add("slack", "shop", {"text": "after"}, 1.0)
    journal.close()
    again = Ledger(Journal(folder))
    assert (again.last, again.messages[0].text) == (left + 1, "after")


def test_a_line_that_cannot_be_read_is_passed_over_and_counted(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    fill(Ledger(journal))
    journal.close()
    lines = journal.path.read_bytes().splitlines(keepends=True)
    odd = [b"not json\n", b"[]\n", b"7\n", b'{"number": 2}\n', b"\n", b"\xff\n"]
    strange = {"number": 3, "at": 1, "kind": "pagerduty", "team": "shop", "body": {"event_action": "trigger"}}
    journal.path.write_bytes(b"".join([*odd, orjson.dumps(strange) + b"\n", *lines]))
    journal = Journal(tmp_path)
    ledger = Ledger(journal)
    assert (journal.unreadable, ledger.last, len(ledger.incidents)) == (7, 14, 2)


def test_a_full_disk_refuses_the_event_and_what_it_tore_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = Inbox(tmp_path)
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, text: write(file, text[: len(text) // 2]))
    answer = inbox.post("/v2/enqueue", json=event(dedup_key="torn"))
    assert (answer.status_code, "no room" in answer.text) == (500, True)
    monkeypatch.undo()
    assert inbox.post("/v2/enqueue", json=event(dedup_key="whole")).status_code == 202
    inbox.journal.close()
    assert [incident.dedup_key for incident in Ledger(Journal(tmp_path)).incidents] == ["whole"]


def test_two_inboxes_cannot_hold_one_folder(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with pytest.raises(TocsinError, match="Another inbox holds"):
        Journal(tmp_path)
    journal.close()
    Journal(tmp_path).close()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TocsinError, match=r"cannot write .*file/events\.jsonl \(.+\): give it a folder"):
        Journal(tmp_path / "file")


def test_memory_is_bounded_and_open_incidents_outlive_resolved_ones(tmp_path: Path) -> None:
    ledger = Ledger(Journal(tmp_path), memory=20_000)
    ledger.add("pagerduty", "shop", body("trigger", "first"), 0.0)
    for number in range(300):
        for action in ("trigger", "resolve"):
            ledger.add("pagerduty", "shop", body(action, f"{number}"), float(number))
        ledger.add("slack", "shop", {"text": "x" * 100}, float(number))
    assert ledger.last == 901
    assert len(ledger.incidents) < 100
    assert len(ledger.messages) < 200
    assert len(ledger.events(0)) < 200
    assert ledger.incidents[0].dedup_key == "first"
    assert ledger.events(0)[-1].number == 901


def test_an_open_incident_that_fell_out_of_memory_opens_anew(tmp_path: Path) -> None:
    ledger = Ledger(Journal(tmp_path), memory=5_000)
    for number in range(100):
        ledger.add("pagerduty", "shop", body("trigger", f"{number}"), 0.0)
    assert ledger.add("pagerduty", "shop", body("resolve", "0"), 0.0).effect == "dropped"
    assert ledger.add("pagerduty", "shop", body("trigger", "0"), 0.0).effect == "opened"
    assert ledger.add("pagerduty", "shop", body("resolve", "99"), 0.0).effect == "resolved"


def test_an_incidents_log_is_bounded_and_its_count_goes_on(tmp_path: Path) -> None:
    ledger = Ledger(Journal(tmp_path))
    for at in range(LOG_LENGTH + 5):
        ledger.add("pagerduty", "shop", body("trigger"), float(at))
    (incident,) = ledger.incidents
    assert (len(incident.log), incident.triggers, incident.log[-1].at) == (LOG_LENGTH, LOG_LENGTH + 5, LOG_LENGTH + 4)


def test_who_waits_is_woken_by_the_next_event_and_by_closing(tmp_path: Path) -> None:
    ledger = Ledger(Journal(tmp_path))

    async def scene() -> None:
        async with asyncio.timeout(LIMIT):
            await ledger.wait(0, 0)
            waiting = asyncio.create_task(ledger.wait(0, LIMIT))
            await asyncio.sleep(0)
            assert not waiting.done()
            ledger.add("slack", "shop", {"text": "x"}, 0.0)
            await waiting
            await ledger.wait(0, LIMIT)
            waiting = asyncio.create_task(ledger.wait(1, LIMIT))
            await asyncio.sleep(0)
            ledger.close()
            await waiting

    asyncio.run(scene())


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 40), st.booleans()), max_size=40))
def test_a_shelf_never_holds_more_than_its_limit_but_for_one(steps: list[tuple[int, int, bool]]) -> None:
    shelf: Shelf[tuple[int, int]] = Shelf(100)
    held: dict[int, tuple[int, int]] = {}
    for number, size, put in steps:
        if put:
            held[number] = (number, size)
            for fallen in shelf.put(number, (number, size), size):
                del held[fallen[0]]
        elif number in held:
            shelf.take(number)
            del held[number]
        assert list(shelf) == list(held.values())
        assert list(reversed(shelf)) == list(held.values())[::-1]
        assert sum(weight for _, weight in shelf) <= 100 or len(held) == 1
        assert all(shelf[key] == value for key, value in held.items())


@given(
    per_minute=st.integers(1, 120),
    gaps=st.lists(st.floats(min_value=0, max_value=30), min_size=1, max_size=100),
)
def test_a_throttle_lets_through_its_rate_and_one_burst(per_minute: int, gaps: list[float]) -> None:
    throttle, now, passed = Throttle(per_minute), 0.0, 0
    for gap in gaps:
        now += gap
        wait = throttle.take("key", now)
        if not wait:
            passed += 1
        else:
            assert 0 < wait <= 60 / per_minute + 1e-6
    assert min(len(gaps), per_minute) <= passed <= per_minute + now * per_minute / 60 + 1e-6


def test_a_throttle_lets_through_who_waited_as_told() -> None:
    throttle = Throttle(6)
    assert [throttle.take("key", 0.0) for _ in range(7)] == [0, 0, 0, 0, 0, 0, 10]
    assert throttle.take("other", 0.0) == 0
    assert throttle.take("key", 9.9) > 0
    assert throttle.take("key", 10.0) == 0


def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    acknowledged: set[str] = set()
    for life in range(3):
        inbox = InboxProcess(tmp_path, "--pagerduty-limit", "1000000")
        keys: dict[int, list[str]] = {thread: [] for thread in range(3)}

        def send(thread: int, url: str = inbox.url, mine: dict[int, list[str]] = keys, life: int = life) -> None:
            with httpx.Client(base_url=url, trust_env=False) as http:
                for number in range(100_000):
                    name = f"{life}-{thread}-{number}"
                    try:
                        answer = http.post("/v2/enqueue", json=event(dedup_key=name))
                    except httpx.HTTPError:
                        return
                    if answer.status_code == 202:
                        mine[thread].append(name)

        senders = [threading.Thread(target=send, args=(thread,)) for thread in keys]
        for sender in senders:
            sender.start()
        until(lambda mine=keys: all(len(names) > 20 for names in mine.values()), "20 events of each sender")  # type: ignore[misc]
        inbox.kill()
        for sender in senders:
            sender.join()
        acknowledged.update(*keys.values())
    inbox = InboxProcess(tmp_path)
    try:
        with InboxClient(inbox.url) as client:
            assert acknowledged <= {incident.dedup_key for incident in client.incidents()}
    finally:
        inbox.kill()


def test_keys_never_reach_the_disk_beside_the_keys_own_file(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    inbox.post("/v2/enqueue", json=event())
    inbox.post(SHOP.slack, json={"text": "x"})
    written = inbox.journal.path.read_text()
    assert SHOP.pagerduty not in written
    assert "shopToken" not in written
