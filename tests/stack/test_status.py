from __future__ import annotations

from pathlib import Path

import pytest

from tests.stack.projects import Project
from tocsin.model import TocsinError
from tocsin.stack import state
from tocsin.stack.part import PartState

HEALTHY = PartState(name="inbox", health="healthy", pid=7, url="http://127.0.0.1:9095/")
DOWN = PartState(name="prometheus", health="restarting", restarts=2, reason="ended with exit code 1")


def test_no_stack_is_said_and_is_exit_1(shop: Project) -> None:
    said = shop.run("status")
    assert (said.returncode, said.stderr) == (1, "")
    assert said.stdout == f"No stack runs in {shop.folder}: start one with `tocsin up`.\n"
    assert shop.status() == {"running": False, "healthy": False, "parts": []}


def test_a_part_that_is_not_healthy_is_exit_1(shop: Project) -> None:
    shop.folder.mkdir()
    with state.sole(shop.folder):
        state.write(shop.folder, (HEALTHY, DOWN), 1.0)
        said = shop.run("status")
        found = shop.status()
        state.write(shop.folder, (HEALTHY,), 1.0)
        assert shop.run("status").returncode == 0
    assert said.returncode == 1
    assert said.stdout.splitlines() == [
        "part        health      pid  restarts  address                 why it was last restarted",
        "inbox       healthy     7    0         http://127.0.0.1:9095/",
        "prometheus  restarting       2                                 ended with exit code 1",
    ]
    assert (found["running"], found["healthy"], found["since"]) == (True, False, 1.0)
    assert found["parts"][1] == {
        "name": "prometheus",
        "health": "restarting",
        "pid": None,
        "url": "",
        "restarts": 2,
        "reason": "ended with exit code 1",
    }


def test_the_state_of_a_stack_that_was_killed_counts_for_nothing(tmp_path: Path) -> None:
    with state.sole(tmp_path):
        state.write(tmp_path, (HEALTHY,), 1.0)
        left = (tmp_path / "state.json").read_bytes()
    (tmp_path / "state.json").write_bytes(left)
    assert state.read(tmp_path) is None
    with state.sole(tmp_path):
        assert state.read(tmp_path) is None


def test_only_one_stack_runs_in_a_folder(tmp_path: Path) -> None:
    with state.sole(tmp_path):
        with pytest.raises(TocsinError, match=r"^A stack runs in .* already: stop it"), state.sole(tmp_path):
            pass
        state.write(tmp_path, (HEALTHY,), 1.0)
        with pytest.raises(TocsinError, match=r"already \(pid \d+\): stop it"), state.sole(tmp_path):
            pass
    with state.sole(tmp_path):
        pass


@pytest.mark.parametrize("text", ['{"pid": 1', '{"pid": 1}', "[]", '{"pid": 1, "since": 1, "parts": [{"nome": 1}]}'])
def test_a_state_that_cannot_be_read_is_one_sentence(shop: Project, text: str) -> None:
    shop.folder.mkdir()
    with state.sole(shop.folder):
        (shop.folder / "state.json").write_text(text)
        said = shop.run("status")
    assert said.returncode == 2
    assert "cannot be read" in said.stderr
    assert said.stderr.count("\n") == 1
