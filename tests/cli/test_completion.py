"""A shell completes verbs, options, and the names that the catalog and the checks have."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin.cli import app

ASKED = """\
eval "$(tocsin --show-completion)"
COMP_WORDS=(tocsin build --ch)
COMP_CWORD=2
_tocsin_completion tocsin
echo "${COMPREPLY[@]}"
"""
"""What bash does on Tab, with the script that `tocsin --show-completion` tells it to load."""


def completed(line: str) -> list[str]:
    """Return what bash is told to offer after *line*."""
    asked = {"_TOCSIN_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    said = CliRunner().invoke(app, prog_name="tocsin", env=asked)
    assert said.stderr == ""
    return said.stdout.split()


def test_bash_completes_with_the_script_that_is_shown(project: Path) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    said = subprocess.run(
        ["bash"], input=ASKED, cwd=project, env=environment, capture_output=True, text=True, check=True
    )
    assert (said.stdout, said.stderr) == ("--check\n", "")


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("tocsin bu", ["build"]),
        ("tocsin show voice", ["voice-commerce"]),
        ("tocsin prove Sales", ["SalesSyncStalled"]),
        ("tocsin prove customer", ["customer-profile"]),
        ("tocsin drill voice-commerce/Se", ["voice-commerce/ServiceDown"]),
        ("tocsin explain promql/wrong", ["promql/wrong-average"]),
        ("tocsin show nothing", []),
    ],
)
def test_names_of_the_catalog_and_of_checks_are_offered(line: str, offered: list[str]) -> None:
    assert completed(line) == offered


@pytest.mark.parametrize("line", ["tocsin show c", "tocsin prove C"])
def test_without_a_catalog_nothing_is_offered_or_said(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert completed(line) == []


def test_a_name_of_another_catalog_is_offered_where_one_is_named() -> None:
    assert completed("tocsin show --catalog services.catalog:CATALOG si") == ["si-recommendations"]


def test_the_version_is_that_of_the_installed_package() -> None:
    assert CliRunner().invoke(app, ["--version"]).stdout == f"tocsin {version('tocsin')}\n"
