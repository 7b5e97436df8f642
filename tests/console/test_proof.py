"""The page of the proof, read from what `tocsin prove` writes."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.datastructures import QueryParams

from tests.console.places import Places
from tocsin.console.proof import view as proof
from tocsin.console.proof.replayed import outcome, told
from tocsin.console.proof.view import Cell, Matrix, Rehearsal, Row
from tocsin.console.replays import Replays
from tocsin.console.sources import Sources
from tocsin.model import TocsinError
from tocsin.proof.shown import Replay, Side

DOWN, STALL = "checkout/ServiceDown", "checkout/PaymentsStall"
TOLD = {
    "proved": [DOWN],
    "problems": [{"alert": STALL, "message": "never rings"}],
    "notes": [],
    "matrix": [
        {
            "service": "checkout",
            "alerts": [DOWN, STALL],
            "faults": [
                {
                    "fault": "none answers",
                    "rings": [{"alert": DOWN, "after": 150.0, "meant": True}],
                    "silent": [STALL],
                    "unheard": False,
                },
                {"fault": "scores stand still", "rings": [], "silent": [STALL], "unheard": True},
            ],
        }
    ],
    "unheard": [{"service": "checkout", "fault": "scores stand still"}],
    "rehearsals": [
        {"alert": DOWN, "day": "the fault", "fault": "none answers", "rings": True, "after": 150.0, "problem": None},
        {"alert": STALL, "day": "a healthy day", "fault": None, "rings": False, "after": None, "problem": "it rings"},
    ],
}


def test_a_cell_tells_whether_and_when_an_alert_rings(places: Places, tmp_path: Path) -> None:
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(TOLD))
    os.utime(file, (1_764_043_200, 1_764_043_200))
    seen = places.look(proof.look)
    assert seen.made == datetime(2025, 11, 25, 4, tzinfo=UTC)
    assert seen.matrices == (
        Matrix(
            "checkout",
            (DOWN, STALL),
            (
                Row("none answers", (Cell("meant", 150.0), Cell("silent", None)), unheard=False),
                Row("scores stand still", (None, Cell("silent", None)), unheard=True),
            ),
        ),
    )
    assert (seen.proved, seen.problems, seen.absent) == (1, ((STALL, "never rings"),), "")
    assert seen.of(STALL) == (Rehearsal(STALL, "a healthy day", "", rings=False, after=None, problem="it rings"),)


def test_without_a_proof_it_says_how_one_comes(places: Places) -> None:
    assert places.look(proof.look).absent == "Nothing is proved yet: run `tocsin prove`."


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"proved": 1}'])
def test_what_is_no_proof_is_said_to_be_none(places: Places, tmp_path: Path, text: str) -> None:
    (tmp_path / "proof.json").write_text(text)
    seen = places.look(proof.look)
    assert seen.made is None
    assert seen.absent.endswith("holds no proof that can be read: run `tocsin prove` again.")


SIDE = Side(
    name="rate(a[5m])",
    operator="<",
    points=((-60.0, 4.0), (0.0, 4.0), (60.0, 1.0), (120.0, None)),
    bounds=((-60.0, 2.0), (0.0, 2.0), (60.0, 2.0), (120.0, 2.0)),
)
SEEN = Replay(
    alert=DOWN,
    fault="none answers",
    expression="rate(a[5m]) < 2",
    lasting=60,
    step=15,
    until=300,
    pending=60,
    firing=150,
    last=345,
    after=150,
    inputs=(),
    sides=(SIDE,),
)


def test_an_address_names_a_rehearsal_which_is_replayed_once(places: Places) -> None:
    asked = []

    def replayed(alert: str, fault: str) -> Replay:
        asked.append((alert, fault))
        return SEEN

    seeing = places.at(replays=Replays(replayed))
    query = f"alert={DOWN}&fault=none+answers"

    async def twice(sources: Sources) -> list[Replay | None]:
        return [(await proof.look(sources, QueryParams(query))).replay for _ in range(2)]

    assert seeing.do(twice) == [SEEN, SEEN]
    assert asked == [(DOWN, "none answers")]


def test_what_cannot_be_replayed_is_said(places: Places) -> None:
    def refused(alert: str, fault: str) -> Replay:
        raise TocsinError(f"{alert} is not rehearsed when {fault}.")

    seen = places.at(replays=Replays(refused)).look(proof.look, f"alert={DOWN}&fault=it+rains")
    assert (seen.replay, seen.unseen) == (None, f"{DOWN} is not rehearsed when it rains.")
    assert places.look(proof.look, f"alert={DOWN}&fault=it+rains").unseen.startswith("Nothing can be replayed here")


def test_a_replay_says_when_it_was_what() -> None:
    assert told(SEEN) == (
        "It rings 2 min 30 s after the fault begins, having been pending for 1 min 30 s, "
        "and is silent 1 min after the fault is over."
    )


def test_a_silent_replay_says_why() -> None:
    silent = replace(SEEN, pending=None, firing=None, last=None, after=None)
    high = replace(SIDE, points=tuple((at, 5.0) for at, _ in SIDE.points))
    assert told(replace(silent, sides=(high,))) == "It stays silent: 1 of its comparisons never holds."
    assert told(silent) == "It stays silent: its comparisons never hold together."
    against = replace(SIDE, name="absent(up)", against=True)
    assert told(replace(silent, sides=(against,))) == "It stays silent while this holds: absent(up)."
    assert told(replace(silent, pending=60)).startswith("It is pending, but never for the 1 min")


def test_a_side_says_since_when_it_holds_and_how_far_it_went() -> None:
    assert outcome(SIDE) == "from 1 min after the fault begins: at least 1, threshold < 2"
    assert outcome(replace(SIDE, operator=">=")) == "since before the fault: at most 4, threshold >= 2"
    assert outcome(replace(SIDE, operator="==")) == "at most 4, threshold == 2"
    assert outcome(replace(SIDE, points=tuple((at, None) for at, _ in SIDE.points))) == "there is no value"
