"""The page of errors, of a Bugsink's recorded answers; tests/stack/test_bugsink.py reads a real one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.console.places import NOBODY, Places
from tests.console.serving import serving
from tocsin.console.errors import view as errors
from tocsin.console.errors.view import Frame

API = "/api/canonical/0"
TRACE = "0af7651916cd43dd8448eb211c80319c"
ISSUE: dict[str, Any] = {
    "id": "i1",
    "project": 1,
    "calculated_type": "Refused",
    "calculated_value": "The card was refused",
    "transaction": "/pay",
    "first_seen": "2026-11-25T04:00:00Z",
    "last_seen": "2026-11-25T05:00:00Z",
    "digested_event_count": 3,
    "is_resolved": False,
    "is_muted": False,
}
EARLIER = {**ISSUE, "id": "i2", "calculated_type": "Late", "last_seen": "2026-11-25T04:30:00Z"}
DATA = {
    "exception": {
        "values": [
            {
                "stacktrace": {
                    "frames": [
                        {"filename": "asgi.py", "lineno": 3, "function": "run", "in_app": False},
                        {
                            "filename": "till.py",
                            "lineno": 7,
                            "function": "pay",
                            "context_line": "  pay()",
                            "in_app": True,
                        },
                    ]
                }
            }
        ]
    },
    "contexts": {"trace": {"trace_id": TRACE}},
    "tags": {"operation": "pay"},
    "release": "1.2",
}
EVENT = {"id": "e1", "issue": "i1", "timestamp": "2026-11-25T05:00:00Z"}


def listed(*entries: object) -> dict[str, Any]:
    return {"next": None, "previous": None, "results": list(entries)}


BUGSINK: dict[str, Any] = {
    f"{API}/projects/": listed({"id": 1, "name": "checkout", "digested_event_count": 4}),
    f"{API}/issues/": listed(EARLIER, ISSUE),
    f"{API}/events/": listed(EVENT),
    f"{API}/events/e1/": {**EVENT, "data": DATA},
}


def test_the_latest_issue_is_shown_with_its_last_event(places: Places, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("token\n")
    with serving(BUGSINK) as url:
        seen = places.at(tracker=url).look(errors.look)
        named = places.at(tracker=url).look(errors.look, "issue=i2")
    assert [(service, issue.kind, issue.events) for service, issue in seen.issues] == [
        ("checkout", "Refused", 3),
        ("checkout", "Late", 3),
    ]
    assert (seen.services, seen.chosen, named.chosen) == ((("checkout", 4),), "i1", "i2")
    assert seen.event is not None
    assert seen.event.frames == (
        Frame("till.py:7", "pay", "pay()", own=True),
        Frame("asgi.py:3", "run", "", own=False),
    )
    assert seen.event.tags == (("operation", "pay"), ("release", "1.2"))
    assert seen.event.trace == TRACE


def test_an_event_may_hold_anything(places: Places, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("token")
    data: dict[str, Any] = {
        "exception": {"values": [{"stacktrace": []}]},
        "contexts": [],
        "tags": [["a", "b"], 1],
        "release": None,
    }
    with serving({**BUGSINK, f"{API}/events/e1/": {**EVENT, "data": data}}) as url:
        event = places.at(tracker=url).look(errors.look).event
    assert event is not None
    assert (event.frames, event.tags, event.trace) == ((), (("a", "b"),), "")


def test_why_there_is_nothing_is_said(places: Places, tmp_path: Path) -> None:
    assert places.at(tracker="").look(errors.look).absent.startswith("There is no error tracker in this run")
    assert "token cannot be read" in places.look(errors.look).absent
    (tmp_path / "token").write_text("token")
    assert places.look(errors.look).absent.startswith(f"No Bugsink answers at {NOBODY}")


def test_a_service_and_a_span_of_time_choose_issues_and_the_event(places: Places, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("token")

    def chosen(query: str) -> tuple[list[str], bool]:
        seen = places.at(tracker=url).look(errors.look, query)
        return [issue.id for _, issue in seen.issues], seen.event is not None

    with serving(BUGSINK) as url:
        assert chosen("service=checkout") == (["i1", "i2"], True)
        assert chosen("service=till") == ([], False)
        assert chosen(f"from={millis(4, 45)}&to={millis(5, 15)}") == (["i1"], True)
        assert chosen(f"from={millis(4, 10)}&to={millis(4, 20)}") == (["i1", "i2"], False)
        assert chosen(f"to={millis(3, 0)}") == ([], False)
        assert "is no span of time" in places.at(tracker=url).look(errors.look, "from=x&to=now").absent
        moving = places.at(tracker=url).look(errors.look, "from=now-1h&to=now")
    assert (moving.start, moving.end, moving.ends) == ("now-1h", "now", None)


def millis(hour: int, minute: int) -> int:
    return int(datetime(2026, 11, 25, hour, minute, tzinfo=UTC).timestamp() * 1000)
