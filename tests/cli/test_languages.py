"""Services in other languages: what is written for them compiles and runs."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tocsin import source, targets
from tocsin.derive import derive

HERE = Path(__file__).parent
PATIENCE = 120
"""Seconds in which npm has to fetch what it is asked for."""

TSC = ("node_modules/.bin/tsc", "--strict", "--module", "nodenext", "--target", "es2022")


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the modules for TypeScript, and what they need from npm."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"There is no {program} on PATH.")
    folder = tmp_path_factory.mktemp("node")
    shutil.copy(HERE / "node/package.json", folder)
    install = ("npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--prefer-offline")
    try:
        said = subprocess.run(install, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not fetch its packages within {PATIENCE} s.")
    if said.returncode:
        pytest.skip(f"npm cannot fetch its packages: {said.stderr.strip()[-300:]}")
    for artifact in targets.build(derive(source.load_catalog())):
        if artifact.path.startswith("typescript/"):
            (folder / Path(artifact.path).name).write_text(artifact.text, encoding="utf-8")
    return folder


def test_the_modules_of_all_services_compile(node: Path) -> None:
    modules = [path.name for path in node.glob("*.ts")]
    said = run(node, *TSC, "--noEmit", *modules)
    assert (said.returncode, said.stdout) == (0, "")
    assert len(modules) == len(source.load_catalog().services)


def test_what_was_never_declared_does_not_compile(node: Path) -> None:
    folder = node / "wrong"
    folder.mkdir()
    lines = (
        'import { Counter } from "prom-client";',
        'import { VOICE_COMMANDS_TOTAL, VoiceCommandsTotalLabels } from "../voice-commerce.js";',
        'const labels: VoiceCommandsTotalLabels = { intent: "oder" };',
        "const commands = new Counter(VOICE_COMMANDS_TOTAL);",
        'commands.inc({ intention: "order" });',
    )
    (folder / "wrong.ts").write_text("\n".join(lines))
    said = run(node, *TSC, "--noEmit", "wrong/wrong.ts")
    assert re.findall(r"^wrong/wrong\.ts\((\d+),", said.stdout, re.MULTILINE) == ["3", "5"], said.stdout
