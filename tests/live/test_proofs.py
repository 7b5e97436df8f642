"""What `tocsin prove` kept, read as what was seen of each alert."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tocsin.live.proofs import read_proofs

CELL = {"alert": "till/Slow", "after": 60.0, "meant": False}
QUIET = {"day": "a healthy day", "fault": None, "rings": False, "after": None, "silent": None, "problem": None}
TOLD = {
    "matrix": [{"faults": [{"fault": "all fails", "rings": [CELL], "silent": ["till/Down"]}]}],
    "rehearsals": [QUIET | {"alert": name} for name in ("till/Slow", "till/Down")],
}


def test_each_alert_has_what_it_does_on_the_faults_of_others(tmp_path: Path) -> None:
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(TOLD))
    found = read_proofs(file)
    assert found["till/Slow"].beside == (("all fails", 60.0),)
    assert found["till/Down"].deaf == ("all fails",)
    assert [trial.what for trial in found["till/Down"].trials] == ["a healthy day"]
    assert found["till/Down"].made.endswith(" UTC")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"matrix": [], "rehearsals": [{}]}', '{"matrix": 1}'])
def test_what_is_no_proof_says_nothing(tmp_path: Path, text: str) -> None:
    file = tmp_path / "proof.json"
    file.write_text(text)
    assert read_proofs(file) == {}
    assert read_proofs(tmp_path / "none.json") == {}
