"""What is remembered of rehearsals, and what is not."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.proof.test_proving import STOPPED, catalog
from tocsin.derive import derive
from tocsin.proof.days import of_an_alert
from tocsin.proof.memory import Memory
from tocsin.proof.proving import book, stages
from tocsin.proof.rehearsal import Reading, Rehearsal
from tocsin.targets import PRODUCTION

ROOT = Path(__file__).parents[2]
READING = Reading(600.0, 660.0, 900.0, (("service", "shop"),), (("summary", 'It "rings" — ü.'),))


def held() -> Iterator[Rehearsal]:
    plan = derive(catalog(STOPPED))
    for stage in stages(plan, book(plan, PRODUCTION)):
        yield from of_an_alert(stage)


@pytest.fixture(scope="module")
def rehearsals() -> list[Rehearsal]:
    return list(held())


def test_what_was_kept_is_recalled_by_whoever_comes_next(tmp_path: Path, rehearsals: list[Rehearsal]) -> None:
    memory = Memory(tmp_path / "a" / "readings.json", "promtool 1")
    memory.keep(rehearsals[0], READING)
    memory.save()
    again = Memory(tmp_path / "a" / "readings.json", "promtool 1")
    assert again.recall(rehearsals[0]) == READING
    assert again.recall(rehearsals[1]) is None


def test_another_promtool_remembers_nothing(tmp_path: Path, rehearsals: list[Rehearsal]) -> None:
    memory = Memory(tmp_path / "readings.json", "promtool 1")
    memory.keep(rehearsals[0], READING)
    memory.save()
    assert Memory(tmp_path / "readings.json", "promtool 2").recall(rehearsals[0]) is None


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00", b"[1, 2]", b"null", b'"text"'])
def test_a_file_that_nobody_can_read_is_made_anew(tmp_path: Path, content: bytes, rehearsals: list[Rehearsal]) -> None:
    file = tmp_path / "readings.json"
    file.write_bytes(content)
    memory = Memory(file, "promtool 1")
    assert memory.recall(rehearsals[0]) is None
    memory.keep(rehearsals[0], READING)
    memory.save()
    assert Memory(file, "promtool 1").recall(rehearsals[0]) == READING


def test_where_nobody_may_write_nothing_is_remembered(tmp_path: Path, rehearsals: list[Rehearsal]) -> None:
    (tmp_path / "proof").write_text("no folder")
    memory = Memory(tmp_path / "proof" / "readings.json", "promtool 1")
    memory.keep(rehearsals[0], READING)
    memory.save()
    assert (tmp_path / "proof").read_text() == "no folder"


def test_writers_at_once_lose_nothing_that_was_written_before_and_leave_a_whole_file(
    tmp_path: Path, rehearsals: list[Rehearsal]
) -> None:
    file = tmp_path / "readings.json"
    first, second = Memory(file, "promtool 1"), Memory(file, "promtool 1")
    first.keep(rehearsals[0], READING)
    second.keep(rehearsals[1], READING)
    first.save()
    second.save()
    both = Memory(file, "promtool 1")
    assert both.recall(rehearsals[0]) == both.recall(rehearsals[1]) == READING

    def write(number: int) -> None:
        memory = Memory(file, "promtool 1")
        memory.keep(rehearsals[number % len(rehearsals)], READING)
        memory.save()

    with ThreadPoolExecutor(8) as writers:
        list(writers.map(write, range(64)))
    assert Memory(file, "promtool 1").recall(rehearsals[0]) == READING
    assert [each.name for each in tmp_path.iterdir()] == ["readings.json"]


def test_whatever_a_rehearsal_is_made_of_tells_it_from_others(rehearsals: list[Rehearsal]) -> None:
    one = rehearsals[0]
    service = replace(one.service, traffic=replace(one.service.traffic, rps=6))
    day = replace(one.day, stretches=one.day.stretches[:-1])
    rules = tuple(replace(rule, expr=f"({rule.expr})") for rule in one.part.rules)
    others = (
        replace(one, service=service),
        replace(one, neighbour=service),
        replace(one, day=day),
        replace(one, pace=replace(one.pace, step=one.pace.step * 2)),
        replace(one, part=replace(one.part, rules=rules)),
    )
    assert len({one.key, *(each.key for each in others)}) == 6


def keys() -> str:
    return hashlib.sha256("\n".join(each.key + str(each.series) for each in held()).encode()).hexdigest()


def test_rehearsals_are_the_same_in_every_process() -> None:
    code = "from tests.proof.test_memory import keys; print(keys())"
    path = os.pathsep.join((str(ROOT / "src"), str(ROOT)))

    def elsewhere(seed: str) -> str:
        surroundings = {"PATH": os.environ["PATH"], "PYTHONPATH": path, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", code], env=surroundings, cwd=ROOT, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    assert {elsewhere("1"), elsewhere("2")} == {keys()}
