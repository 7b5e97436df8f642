"""What this machine has: Python, packages, programs, a folder to write to, space on its disk."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from tocsin.cli.doctor.diagnosis import Diagnosis
from tocsin.model import TocsinError
from tocsin.stack import bugsink
from tocsin.stack import tools as suites

PACKAGES = (
    ("uvicorn", "stack", "`tocsin up` and `tocsin drill` run services and the inbox with it"),
    ("duckdb", "logs", "`tocsin logs` reads with it"),
    ("nicegui", "console", "`tocsin console` draws with it"),
    ("google-cloud-bigquery", "bigquery", "`tocsin logs load` sends with it"),
)
"""Each package whose absence is felt, the extra that brings it, and who feels it."""

PROGRAMS = (
    ("chromium", ("chromium", "chromium-browser", "google-chrome"), "chromium", "the console's own tests look with it"),
    ("node", ("node",), "nodejs", "the tests of services in JavaScript run in it"),
    ("docker", ("docker",), "docker.io", "what is packed for containers runs in it"),
)
"""Each program that nothing but one purpose needs: its names on PATH, Debian's package, and the purpose."""

LEAST_SPACE = 1 << 30
"""Bytes: the tools and Bugsink take half of it, a week of metrics and logs the rest."""


def python() -> Diagnosis:
    """Return which Python this is; pip installs Tocsin into no older one than it runs on."""
    return Diagnosis("python", "ok", f"{platform.python_version()}, {sys.executable}")


def tools() -> Iterator[Diagnosis]:
    """Yield each program of Prometheus and Alertmanager, in which version it is there."""
    for suite in suites.SUITES:
        for name in suite.programs:
            yield _tool(name, suite)


def tracker() -> Diagnosis:
    """Return whether Bugsink is there."""
    if bugsink.installed():
        return Diagnosis("bugsink", "ok", str(bugsink.environment()))
    return Diagnosis(
        "bugsink",
        "optional",
        "not installed: `tocsin up` runs without an error tracker",
        f"in Tocsin's own repository: `make setup`; else:\n{_bugsink_by_hand()}",
    )


def packages() -> Iterator[Diagnosis]:
    """Yield the packages of the extras, each with the version that is installed."""
    for name, extra, whose in PACKAGES:
        try:
            yield Diagnosis(name, "ok", metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Diagnosis(name, "optional", f"not installed: {whose}", f"`pip install 'tocsin[{extra}]'`")


def programs() -> Iterator[Diagnosis]:
    """Yield the programs that only some need, each in the version that it says it has."""
    for name, names, package, whose in PROGRAMS:
        found = next((path for path in map(shutil.which, names) if path), None)
        if found is None:
            cure = f"install it if you want that (Debian: {package})"
            yield Diagnosis(name, "optional", f"not on PATH: {whose}", cure)
        else:
            yield Diagnosis(name, "ok", f"{_version(found)}, {found}")


def writable(folder: Path) -> Diagnosis:
    """Return whether the stack can write to its *folder*, or make it."""
    place = _existing(folder)
    try:
        with tempfile.TemporaryFile(dir=place):
            return Diagnosis("run folder", "ok", str(folder))
    except OSError as error:
        said = f"{place} cannot be written ({error.strerror})"
        return Diagnosis("run folder", "mend", said, "mend its permissions, or choose another --folder")


def space(folder: Path) -> Diagnosis:
    """Return whether there is space for a run in *folder*."""
    free = shutil.disk_usage(_existing(folder)).free
    said = f"{free / (1 << 30):.1f} GiB free"
    if free >= LEAST_SPACE:
        return Diagnosis("disk", "ok", said)
    return Diagnosis("disk", "mend", said, f"make space for {LEAST_SPACE >> 30} GiB, or choose another --folder")


def _tool(name: str, suite: suites.Suite) -> Diagnosis:
    try:
        found = suites.find(name)
        return Diagnosis(name, "ok", f"{'.'.join(map(str, suites.version(found)))}, {found}")
    except TocsinError as problem:
        said = str(problem).partition(": run `")[0].rstrip(".")
        unpacking = f"`{sys.executable} -m tocsin.stack.tools` in this folder unpacks Debian's, without root"
        return Diagnosis(name, "mend", said, f"put {suite.title} {suite.range} on PATH; or\n{unpacking}")


def _bugsink_by_hand() -> str:
    folder, lock = bugsink.environment(), bugsink.LOCK
    made = f"`{sys.executable} -m venv {folder}`"
    return f"{made}\n`{folder}/bin/pip install --require-hashes -r {lock}`\n`cp {lock} {folder}/locked`"


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())


def _version(program: str) -> str:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return "of a version that it does not tell"
    found = re.search(r"\d+(\.\d+)+", said)
    return found[0] if found else "of a version that it does not tell"
