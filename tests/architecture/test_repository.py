"""What is in the repository serves on any machine: no addresses of registries or downloads, no paths of one machine."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]

ADDRESS = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|crates\.io|(?:deb|security|snapshot)\.debian\.org|"
    r"(?:archive|ports)\.ubuntu\.com|proxy\.golang\.org|/releases/down[l]oad/|--(?:extra-)?index-url|--find-link[s]"
)
"""Registries of packages, downloads of releases, and options that name a registry."""

MACHINE_PATH = re.compile(r"(?<![\w.}-])/(?:work|root|home/\w+|Users/\w+)/")
"""Folders of one person or of one machine."""


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def found(pattern: re.Pattern[str]) -> list[str]:
    """Return file:line of whatever a tracked file should not say."""
    return [
        f"{file.relative_to(ROOT)}:{number}: {hit[0]}"
        for file in tracked()
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="ignore").splitlines(), start=1)
        if (hit := pattern.search(line))
    ]


def locked() -> dict[str, str]:
    """Return the first version of each package in the lock."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [line.removesuffix("\\").split(";")[0].strip() for line in lines if line[:1].isalnum()]
    return {name: version for name, _, version in (pin.partition("==") for pin in reversed(pins))}


def asked() -> list[Requirement]:
    """Return whatever pyproject.toml asks for, in all extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    requirements = [Requirement(line) for lines in (project["dependencies"], *extras) for line in lines]
    return [requirement for requirement in requirements if requirement.name != project["name"]]


@pytest.mark.parametrize("pattern", [ADDRESS, MACHINE_PATH], ids=["address", "machine path"])
def test_no_tracked_file_names_one(pattern: re.Pattern[str]) -> None:
    assert found(pattern) == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (ADDRESS, "https://files.python" + "hosted.org/packages/a.whl"),
        (ADDRESS, "--extra-index" + "-url https://example.com"),
        (MACHINE_PATH, "--find='/home" + "/somebody/wheels'"),
        (MACHINE_PATH, "file:///root" + "/x"),
    ],
)
def test_the_patterns_find_what_they_are_for(pattern: re.Pattern[str], line: str) -> None:
    assert pattern.search(line)


def test_the_lock_pins_what_the_project_asks_for() -> None:
    pins = locked()

    def pinned(requirement: Requirement) -> bool:
        name = canonicalize_name(requirement.name)
        return name in pins and requirement.specifier.contains(pins[name], prereleases=True)

    assert [str(requirement) for requirement in asked() if not pinned(requirement)] == [], "run `make lock`"


def test_the_lock_holds_pins_hashes_and_remarks_alone() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    line = re.compile(r"[a-z0-9-]+==[^ ]+( ; [^\\]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?|    # +[\w (.)-]+")

    assert [text for text in lock.splitlines() if not line.fullmatch(text)] == []
    assert "tocsin" not in locked()
