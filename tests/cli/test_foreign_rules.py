"""`tocsin prove --rules FILE --scenarios FILE`: the examples of its page, run as a user would."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin.live.scenarios import scenarios
from tocsin.live.written import Source
from tocsin.stack import tools

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "foreign-rules.md").read_text(encoding="utf-8")

Tocsin = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def tocsin(tmp_path: Path) -> Tocsin:
    """Run `tocsin` in a copy of the example's folder, where there is no catalog."""
    here = shutil.copytree(DOCS / "examples" / "foreign", tmp_path / "here")
    environment = {**os.environ, "COLUMNS": "100", "PATH": f"{tools.find('promtool').parent}:{os.environ['PATH']}"}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from tocsin.cli import main; main()", *arguments]
        return subprocess.run(command, cwd=here, env=environment, capture_output=True, text=True, check=False)

    return run


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^```{language}\n(.+?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert found
    return found


def timeless(answer: str) -> str:
    """Return an answer without the time that it took."""
    return re.sub(r"(rehearsals in) .+\.$", r"\1 some time.", answer, flags=re.MULTILINE)


@pytest.mark.parametrize("block", blocks("console"))
def test_the_page_shows_what_is_said(tocsin: Tocsin, block: str) -> None:
    command, _, answer = block.partition("\n")
    program, *arguments = shlex.split(command.removeprefix("$ "))
    said = tocsin(*arguments)
    assert program == "tocsin"
    assert (timeless(said.stdout), said.stderr) == (timeless(answer), "")
    assert said.returncode == (1 if "never rings" in answer else 0)


@pytest.mark.parametrize("block", blocks("yaml"))
def test_the_page_shows_scenarios_that_can_be_read(block: str) -> None:
    assert scenarios(Source("page.yaml", block)).promised


def test_json_has_the_notes(tocsin: Tocsin) -> None:
    said = tocsin("prove", "--rules", "alerts.yaml", "--scenarios", "scenarios.yaml", "ServiceDown", "--format", "json")
    found = json.loads(said.stdout)
    assert said.returncode == 1
    assert found["notes"] == [{"alert": "ServiceDown", "message": "it never rings: up never has job='service'"}]


def test_what_grafana_judges_itself_is_skipped_with_its_place(tocsin: Tocsin, tmp_path: Path) -> None:
    (tmp_path / "here/grafana.yaml").write_text(
        "groups:\n- name: g\n  rules:\n  - title: Odd\n    condition: B\n    data:\n"
        "    - {refId: A, model: {expr: up}}\n    - {refId: B, datasourceUid: __expr__, model: {type: reduce}}\n"
    )
    said = tocsin("prove", "--rules", "grafana.yaml", "mended/alerts.yaml", "--scenarios", "mended/scenarios.yaml")
    assert said.stderr.startswith("grafana.yaml:4:5: skipped: Odd: its condition is no part of its expression")
    assert said.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--rules", "alerts.yaml"), "--rules needs --scenarios FILE"),
        (("--scenarios", "scenarios.yaml"), "--scenarios says how to try the rules of files"),
        (("--rules", "alerts.yaml", "--scenarios", "nothing.yaml"), "nothing.yaml does not exist"),
        (("--rules", "nothing.yaml", "--scenarios", "scenarios.yaml"), "nothing.yaml does not exist"),
        (("--rules", "alerts.yaml", "--scenarios", "alerts.yaml"), "a file of scenarios has no field 'groups'"),
        (("--rules", "alerts.yaml", "--scenarios", "scenarios.yaml", "--catalog", "a:B"), "exclude each other"),
        (("Nope", "--rules", "alerts.yaml", "--scenarios", "scenarios.yaml"), "No alert is called 'Nope'"),
    ],
)
def test_unusable_input_is_one_sentence(tocsin: Tocsin, arguments: tuple[str, ...], sentence: str) -> None:
    said = tocsin("prove", *arguments)
    assert (said.returncode, said.stderr.count("\n"), said.stdout) == (2, 1, "")
    assert sentence in said.stderr
