"""Debian's packages, fetched and unpacked without root: apt-get keeps its state to itself, nothing is installed.

Set-up also runs this file by itself, before Tocsin can be imported, so it needs the standard library alone:
`python -P debian.py FOLDER PACKAGE...`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# The system's package sources, keys and proxies stay in force; its hooks after an update are not ours to run.
CONFIGURATION = """\
Dir::State "{folder}/state";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
Dir::Log "{folder}/log";
APT::Sandbox::User "root";
Acquire::Languages "none";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
"""


class PackageError(Exception):
    """A package could not be had; the text is one sentence that says which and why."""


def fetch(packages: Sequence[str], into: Path, optional: Sequence[str] = ()) -> None:
    """Unpack each of *packages*, and those of *optional* that exist, into `into/<package>`, in place of what was there.

    What is fetched and unpacked lies in `into/.partial` until it is whole. apt-get's own words go to standard error.

    Raises:
        PackageError: apt-get is missing, cannot get a package, or a package cannot be unpacked.

    """
    named = " and ".join(packages)
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise PackageError(f"There is no apt-get on this machine to fetch {named} with")
    partial = (into / ".partial").resolve()
    shutil.rmtree(partial, ignore_errors=True)
    try:
        configuration = ["--config-file", str(_configure(partial))]
        downloads = partial / "downloads"
        downloads.mkdir()
        # One broken source of many is no reason to stop: whether the packages can be had decides.
        _run(["apt-get", *configuration, "update"], downloads)
        known = [package for package in optional if _knows(package, configuration)]
        if not _run(["apt-get", *configuration, "download", *packages, *known], downloads):
            raise PackageError(f"apt-get could not fetch {named} for the reason above")
        for package in (*packages, *known):
            _unpack(package, downloads, into)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _configure(folder: Path) -> Path:
    for name in ("state/lists/partial", "cache/archives/partial", "log"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    configuration = folder / "apt.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder), encoding="utf-8")
    return configuration


def _knows(package: str, configuration: Sequence[str]) -> bool:
    asked = subprocess.run(["apt-cache", *configuration, "show", package], capture_output=True, check=False)
    return asked.returncode == 0


def _unpack(package: str, downloads: Path, into: Path) -> None:
    archives = [str(path) for path in downloads.glob(f"{package}_*.deb")]
    unpacked = downloads / package
    if len(archives) != 1 or not _run(["dpkg", "--extract", archives[0], str(unpacked)], downloads):
        raise PackageError(f"The package {package} could not be unpacked into {into}")
    shutil.rmtree(into / package, ignore_errors=True)
    unpacked.rename(into / package)


def _run(command: Sequence[str], folder: Path) -> bool:
    return subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False).returncode == 0


if __name__ == "__main__":
    try:
        fetch(sys.argv[2:], Path(sys.argv[1]))
    except PackageError as problem:
        sys.exit(f"set-up: {problem}.")
    except KeyboardInterrupt:
        sys.exit("set-up: stopped; what was begun is undone.")
