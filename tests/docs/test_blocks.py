"""Every block of code on the pages is run or read by a test; one that nobody runs is found.

Here data is parsed, SQL is translated, Python is run, and each command is read by what it is for: `tocsin` by its own
reader of options, `make` by the Makefile, files by their being there. What a page shows as an answer, and what is in
another language, a test of that page's own runs: OWN names it.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from tests.docs.blocks import ROOT, Block, blocks, commands
from tests.logs.stores import append, record
from tocsin.cli import app
from tocsin.logs.sql import translate

BLOCKS = tuple(blocks())

OWN = {
    ("README.md", "answers"): "tests/docs/test_readme.py",
    ("docs/foreign-rules.md", "console"): "tests/cli/test_foreign_rules.py",
    ("docs/languages.md", "ts"): "tests/cli/test_languages.py",
    ("docs/logs-query.md", "answers"): "tests/logs/test_query_page.py",
    ("docs/logs-query.md", "sql"): "tests/logs/test_query_page.py",
    ("docs/runbooks.md", "markdown"): "tests/derive/test_prose.py",
    ("docs/proof.md", "answers"): "tests/proof/test_page.py",
    ("docs/proof.md", "python"): "tests/proof/test_page.py",
    ("README.md", "python"): "tests/docs/test_readme.py",
    ("docs/how-to/instrument.md", "python"): "tests/docs/test_how_to.py",
    ("docs/how-to/new-service.md", "console"): "tests/cli/test_new.py",
    ("docs/how-to/add-an-alert.md", "python"): "tests/docs/test_how_to.py",
    ("docs/how-to/add-an-alert.md", "console"): "tests/docs/test_how_to.py",
    ("docs/how-to/add-an-alert.md", "markdown"): "tests/docs/test_how_to.py",
    ("docs/how-to/add-an-objective.md", "python"): "tests/docs/test_how_to.py",
    ("docs/how-to/add-an-objective.md", "console"): "tests/docs/test_how_to.py",
    ("docs/how-to/move-from-sloth.md", "python"): "tests/docs/test_how_to.py",
    ("docs/how-to/move-from-sloth.md", "console"): "tests/docs/test_how_to.py",
    ("docs/how-to/move-from-sloth.md", "yaml"): "tests/docs/test_how_to.py",
    ("docs/how-to/move-from-rules.md", "console"): "tests/docs/test_how_to.py",
    ("docs/how-to/move-from-rules.md", "yaml"): "tests/docs/test_how_to.py",
    ("docs/how-to/move-from-instrumentator.md", "python"): "tests/docs/test_how_to.py",
    ("docs/installing.md", "python"): "tests/cli/test_installing_page.py",
}
"""The tests that run what is of one kind on one page."""

ELSEWHERE = {"curl", "docker", "gcloud", "go", "kubectl", "npm", "service", "terraform"}
"""Programs that no test here may run: they would change another machine, or want a network."""

FILTERS = {"bash", "cat", "cp", "head", "sed", "test"}

VERBS: Any = typer.main.get_command(app)


def parsed_yaml(block: Block) -> None:
    assert all(document is not None for document in yaml.safe_load_all(block.text))


def run_python(block: Block) -> None:
    """Compile the block, and import what it imports."""
    compile(block.text, str(block), "exec")
    imports = "\n".join(re.findall(r"^(?:from \S+ )?import .+$", block.text, re.MULTILINE))
    subprocess.run([sys.executable, "-c", imports], cwd=ROOT, check=True, capture_output=True)


def judged_commands(block: Block) -> None:
    for words in commands(block.text):
        judged(words)


def judged(words: list[str]) -> None:
    """Judge a command by what its program is."""
    program, *arguments = words
    if program == "tocsin":
        understood(arguments)
    elif program == "make":
        assert all(re.search(rf"^{each}:", (ROOT / "Makefile").read_text(), re.MULTILINE) for each in arguments)
    elif program == "pip":
        wanted = re.findall(r"tocsin\[(\w+)\]", " ".join(arguments))
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert set(wanted) <= set(project["optional-dependencies"]), words
    elif program == "python":
        assert arguments[0] == "-m"
        assert importlib.util.find_spec(arguments[1]), words
    else:
        assert program in ELSEWHERE | FILTERS, f"nobody knows {program}: name it here, or run it in a test in OWN"
    for path in re.findall(r"(?:^|[=\s])((?:monitoring|docs|src|services|scripts)/[\w./-]+)", " ".join(arguments)):
        assert (ROOT / path).exists(), f"{path} is not there"


def understood(arguments: list[str]) -> None:
    """Let the verb read its own arguments, without doing what it does."""
    command, name, rest = VERBS, "tocsin", arguments
    while hasattr(command, "commands"):
        assert rest, arguments
        assert rest[0] in command.commands, f"there is no verb {rest[0]}"
        command, name, rest = command.commands[rest[0]], f"{name} {rest[0]}", rest[1:]
    command.make_context(name, list(rest))


KINDS: dict[str, Callable[[Block], object]] = {
    "json": lambda block: json.loads(block.text),
    "python": run_python,
    "sh": judged_commands,
    "console": judged_commands,
    "sql": lambda block: translate(block.text, ["logs"]),
    "toml": lambda block: tomllib.loads(block.text),
    "yaml": parsed_yaml,
}


def kind(block: Block) -> str:
    """Return the language of a block, and of one that names none what it looks like."""
    if block.language:
        return block.language
    first = block.text.split(maxsplit=1)[0]
    if block.text.startswith("$ ") or first == "tocsin:":
        return "answers"
    if re.match(r"\[[\w.-]+\]\n", block.text):
        return "toml"
    return "yaml" if re.match(r"[\w./-]+:( |$)", block.text) else "sh"


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_what_stands_in_code_is_run_or_read(block: Block) -> None:
    own = OWN.get((block.page, kind(block)))
    if own is not None:
        text = (ROOT / own).read_text(encoding="utf-8")
        assert Path(block.page).name in text, f"{own} does not read {block.page}"
        return
    assert kind(block) in KINDS, f"{block}: nobody runs {kind(block)}: run it in a test, and name that in OWN"
    KINDS[kind(block)](block)


def test_every_test_that_is_named_has_something_to_run() -> None:
    assert set(OWN) <= {(block.page, kind(block)) for block in BLOCKS}


def commands_of(*verbs: str) -> list[list[str]]:
    """Return the arguments of each command on the pages whose verb is one of *verbs*."""
    found = (words for block in BLOCKS if kind(block) in {"sh", "console"} for words in commands(block.text))
    return [words[1:] for words in found if words[0] == "tocsin" and " ".join(words[1:]).startswith(verbs)]


@pytest.mark.parametrize("arguments", commands_of("show", "explain"), ids=" ".join)
def test_what_only_looks_at_the_catalog_is_run(arguments: list[str]) -> None:
    said = CliRunner().invoke(app, arguments)
    assert (said.exit_code, said.stderr) == (0, "")


@pytest.mark.parametrize("arguments", commands_of("logs query", "logs tail"), ids=" ".join)
def test_what_only_asks_the_logs_is_run(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append(tmp_path / ".tocsin/data/logs", [record("sold"), record("failed", severity="ERROR")])
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(app, [each for each in arguments if each != "--follow"], input="SELECT * FROM logs")
    assert said.exit_code == (1 if "SELECT ..." in arguments else 0), said.stderr


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("yaml", "a: [1"),
        ("json", "{'a': 1}"),
        ("toml", "a = "),
        ("sql", "SELECT FROM WHERE"),
        ("python", "def f(:"),
        ("python", "from tocsin import Nothing"),
        ("sh", "tocsin chekc"),
        ("sh", "tocsin check --rulez a.yaml"),
        ("sh", "tocsin check --format xml"),
        ("sh", "make nothing"),
        ("sh", "pip install 'tocsin[nothing]'"),
        ("sh", "python -m tocsin.nothing"),
        ("sh", "kubectl apply -f monitoring/nothing.yaml"),
        ("sh", "cat a | frobnicate"),
    ],
)
def test_a_block_that_is_wrong_is_found(language: str, text: str) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011 - each kind has its own
        KINDS[language](Block("page.md", 1, language, text))
