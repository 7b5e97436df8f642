"""Every block of docs/how-to runs, in order, in a project of its own.

A block whose first line names a file is that file. Other Python runs by itself; commands run as they are typed, and
answer what is shown below them, or else end well; PromQL and YAML are read. The pages are README.md, instrument.md,
add-an-alert.md, add-an-objective.md, move-from-sloth.md, move-from-rules.md and move-from-instrumentator.md.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.checks.pages import declared
from tests.cli.conftest import RUNBOOK
from tests.docs.blocks import ROOT, Block, blocks
from tocsin import promql
from tocsin.checks import judge
from tocsin.stack import tools

HOW_TO = ROOT / "docs" / "how-to"
PAGES = sorted({page.name for page in HOW_TO.glob("*.md")} - {"new-service.md"})
"""All but the one that tests/cli/test_new.py runs."""

BUILT_IN = ("service-down", "high-error-rate", "high-latency", "watchdog")
PROMISING = ("add-an-objective.md", "move-from-sloth.md")
"""Pages whose catalog has objectives, whose alerts have a page too."""
_FILE = re.compile(r"(?:#|<!--) (\S+/\S+|\S+\.\w+)(?: -->)?\n")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose catalog a page writes, with the pages of the alerts that every service has."""
    (tmp_path / "pyproject.toml").write_text('[tool.tocsin]\ncatalog = "shop.catalog:CATALOG"\n')
    (tmp_path / "shop/runbooks").mkdir(parents=True)
    (tmp_path / "shop/__init__.py").touch()
    for page in BUILT_IN:
        (tmp_path / f"shop/runbooks/{page}.md").write_text(RUNBOOK)
    (tmp_path / ".tools/bin").mkdir(parents=True)
    for tool in ("promtool", "amtool"):
        (tmp_path / ".tools/bin" / tool).symlink_to(tools.find(tool))
    return tmp_path


def run(words: list[str], project: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
        "PYTHONPATH": str(project),
        "COLUMNS": "100",
    }
    return subprocess.run(
        words, cwd=project, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


def typed(block: Block, project: Path) -> None:
    """Run the commands of a block; each answers what stands below it, or ends well where nothing does."""
    assert block.text.startswith("$ "), f"{block}: begin commands with `$ `"
    for part in block.text.removeprefix("$ ").split("\n$ "):
        command, _, shown = part.partition("\n")
        said = run(shlex.split(command), project)
        if shown.strip():
            assert said.stdout.strip() == shown.strip(), f"{block}: {command}"
        else:
            assert said.returncode == 0, f"{block}: {command}: {said.stdout}"


def follow(block: Block, project: Path) -> None:
    """Do with a block what a reader does with it."""
    named = _FILE.match(block.text)
    if named:
        file = project / named[1]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text if file.suffix != ".md" else block.text[named.end() :], encoding="utf-8")
    elif block.language == "python":
        said = run([sys.executable, "-c", block.text], project)
        assert said.returncode == 0, f"{block}: {said.stdout}"
    elif block.language == "console":
        typed(block, project)
    elif block.language == "promql":
        assert promql.syntax_problem(block.text) is None, str(block)
    elif block.language == "yaml":
        assert yaml.safe_load(block.text), str(block)
    else:
        assert not block.language, f"{block}: nobody runs {block.language}"


@pytest.mark.parametrize("page", PAGES)
def test_a_reader_who_does_what_the_page_says_gets_what_it_says(page: str, project: Path) -> None:
    if page in PROMISING:
        (project / "shop/runbooks/error-budget-burn.md").write_text(RUNBOOK)
    for block in blocks():
        if block.page == f"docs/how-to/{page}":
            follow(block, project)


def test_each_page_is_named_here_and_on_the_first_of_them() -> None:
    assert all(page in (__doc__ or "") for page in PAGES)
    first = (HOW_TO / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\(([\w-]+\.md)\)", first)) == {*PAGES, "new-service.md"} - {"README.md"}


def test_the_queries_of_the_new_metrics_ask_for_nothing_that_is_not_there() -> None:
    page = (HOW_TO / "move-from-instrumentator.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(.+)` \| `(.+\))` \|$", page.partition("\n## Boards")[2], re.MULTILINE)
    assert len(rows) == 4
    for before, after in rows:
        for expr, known in ((before, False), (after, True)):
            found = judge(declared(f'Panel("Drawn", (Query({expr!r}),), unit="short", help=".")'))
            assert any(problem.check.startswith("promql/") for problem in found) is not known, expr
