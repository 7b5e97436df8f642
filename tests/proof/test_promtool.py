"""What promtool says, and what is read of it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.proof.test_proving import STOPPED, catalog
from tocsin.derive import derive
from tocsin.model import TocsinError
from tocsin.proof import promtool
from tocsin.proof.days import rings
from tocsin.proof.proving import book, stages
from tocsin.proof.rehearsal import Reading, Rehearsal
from tocsin.proof.theatre import Theatre
from tocsin.stack import tools
from tocsin.targets import PRODUCTION


def down() -> Rehearsal:
    plan = derive(catalog(STOPPED))
    (stage,) = stages(plan, book(plan, PRODUCTION), ["ServiceDown"])
    return next(rings(stage))


def said(rehearsal: Rehearsal, folder: Path) -> str:
    (folder / "rules.json").write_text(promtool.rule_file([rehearsal]))
    (folder / "tests.json").write_text(promtool.spelled([rehearsal], "rules.json"))
    command = [str(tools.find("promtool")), "test", "rules", "tests.json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_times_and_messages_are_read_of_what_the_real_one_says(tmp_path: Path) -> None:
    rehearsal = down()
    (reading,) = promtool.read(said(rehearsal, tmp_path), [rehearsal])
    assert (reading.pending, reading.firing, reading.last) == (600, 720, 780)
    assert dict(reading.labels) == {
        "alertname": "ServiceDown",
        "service": "shop",
        "severity": "critical",
        "team": "web",
    }
    assert dict(reading.annotations)["because"] == "Nobody buys."


def test_the_names_of_tests_that_a_newer_one_says_are_passed_over(tmp_path: Path) -> None:
    """Prometheus 3.x: cmd/promtool/unittest.go writes `    name: ...,` before what a named test got."""
    rehearsal = down()
    usual = said(rehearsal, tmp_path)
    named = usual.replace("    alertname: ", "    name: the shop,\n    alertname: ")
    assert named != usual
    assert promtool.read(named, [rehearsal]) == promtool.read(usual, [rehearsal])


def test_what_cannot_be_printed_is_read_as_it_was_written(tmp_path: Path) -> None:
    told = 'a "quote", a \\ and a tab\t, a line\nand {braces}, \x07 \x7f \xa0 \U000e0001 ü — 🔥\u2028'
    rehearsal = down()
    *before, alert = rehearsal.part.rules
    part = replace(rehearsal.part, rules=(*before, replace(alert, annotations={"summary": told})))
    changed = replace(rehearsal, part=part)
    (reading,) = promtool.read(said(changed, tmp_path), [changed])
    assert dict(reading.annotations)["summary"] == told


def test_silence_is_a_reading_too(tmp_path: Path) -> None:
    rehearsal = down()
    healthy = replace(rehearsal, day=replace(rehearsal.day, stretches=rehearsal.day.stretches[:1]), expected=None)
    assert promtool.read(said(healthy, tmp_path), [healthy]) == [Reading()]


@pytest.mark.parametrize(
    ("words", "why"),
    [("", "it said nothing"), ("panic: oh\n\n  at once\n", "at once"), ("  SUCCESS\n", "SUCCESS")],
)
def test_what_nobody_can_read_is_an_error_of_one_sentence(words: str, why: str) -> None:
    with pytest.raises(TocsinError, match=rf"^promtool could not rehearse shop/ServiceDown: {why}\.$"):
        promtool.read(words, [down()])


def test_rules_that_it_refuses_are_an_error_of_one_sentence(theatre: Theatre) -> None:
    rehearsal = down()
    *before, alert = rehearsal.part.rules
    broken = replace(rehearsal.part, rules=(*before, replace(alert, annotations={"summary": "{{ if }}"})))
    with pytest.raises(TocsinError, match=r"^promtool could not rehearse shop/ServiceDown: .*missing value for if"):
        theatre.hold([replace(rehearsal, part=broken)])


@pytest.mark.parametrize(
    ("does", "why"),
    [("kill -9 $$", "it said nothing"), ("echo 'out of memory' >&2; exit 1", "out of memory")],
)
def test_one_that_dies_is_an_error_and_nothing_is_remembered(tmp_path: Path, does: str, why: str) -> None:
    program = tmp_path / "promtool"
    program.write_text(f'#!/bin/sh\n[ "$1" = --version ] && exit 0\n{does}\n')
    program.chmod(0o755)
    with pytest.raises(TocsinError, match=rf"^promtool could not rehearse shop/ServiceDown: {why}\.$"):
        Theatre(program, tmp_path / "readings.json").hold([down()])
    assert (tmp_path / "readings.json").read_text() == "{}"


def test_one_that_cannot_be_run_is_an_error_of_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TocsinError, match=r"cannot be run \(.*\): run `make setup` again"):
        Theatre(tmp_path / "nowhere", tmp_path / "readings.json")
