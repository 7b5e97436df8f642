"""The rooms' arrows are real: each contract in pyproject.toml breaks when a line is planted that it forbids."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")

RIVER = "The river runs one way"
PLANTED = {
    "upward": ("model/planted.py", "import tocsin.derive", RIVER),
    "sideways": ("targets/planted.py", "import tocsin.checks", RIVER),
    "unplaced room": ("attic/__init__.py", "", RIVER),
    "unplaced module": ("attic.py", "", RIVER),
    "sdk into the river": ("sdk/planted.py", "import tocsin.derive", "The sdk knows only the model"),
    "river into the sdk": ("stack/planted.py", "import tocsin.sdk", "No room of the river knows the sdk"),
    "clock in a pure room": ("promql/planted.py", "import time", "The pure rooms touch no world"),
    "files in a pure room": ("checks/planted.py", "from pathlib import Path", "The pure rooms touch no world"),
    "library in the model": ("model/planted.py", "import yaml", "The model needs the standard library alone"),
    "target into target": (
        "targets/alertmanager.py",
        "import tocsin.targets.prometheus",
        "A target never reads another target",
    ),
    "bundle into bundle": (
        "bundles/managed.py",
        "import tocsin.bundles.compose",
        "A bundle never reads another bundle",
    ),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the sources that a test may spoil."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def judged(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT_IMPORTS, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_contract_is_kept_as_the_sources_stand(copy: Path) -> None:
    result = judged(copy)

    assert result.returncode == 0, result.stdout
    assert result.stdout.count(" KEPT") == len({contract for _, _, contract in PLANTED.values()})


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_line_breaks_the_contract_that_forbids_it(copy: Path, planted: str) -> None:
    file, line, contract = PLANTED[planted]
    spoiled = copy / "src" / "tocsin" / file
    spoiled.parent.mkdir(exist_ok=True)
    before = spoiled.read_text(encoding="utf-8") if spoiled.exists() else ""
    spoiled.write_text(f"{before}\n{line}\n", encoding="utf-8")

    result = judged(copy)

    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{contract} BROKEN" in result.stdout
