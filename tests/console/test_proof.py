"""The page of the proof, read from what `tocsin prove` writes."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.console.places import Places
from tocsin.console.proof import view as proof
from tocsin.console.proof.view import Cell, Matrix, Rehearsal, Row

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
