"""Prometheus and Alertmanager, each with its command-line tool: where they are, and how they get there.

Set-up runs this module: those on PATH are used if Tocsin supports their version, else Debian's packages are fetched.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tocsin.model import TocsinError
from tocsin.source import project_root
from tocsin.stack import debian

Version = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Suite:
    """Programs of one project, used in one version, and Debian's package of them.

    Later releases of Debian keep some of them in a package of their own, *split*.
    """

    title: str
    package: str
    split: tuple[str, ...]
    programs: tuple[str, ...]
    oldest: Version
    below: Version | None = None

    def supports(self, version: Version) -> bool:
        """Tell whether Tocsin has been tried with this version."""
        return self.oldest <= version and (self.below is None or version < self.below)

    @property
    def range(self) -> str:
        """The supported versions, in words."""
        oldest = ".".join(map(str, self.oldest[:2]))
        return f"{oldest} or later" + (f", below {self.below[0]}" if self.below else "")


PROMETHEUS = Suite("Prometheus", "prometheus", ("promtool",), ("prometheus", "promtool"), (2, 42, 0), below=(4, 0, 0))
ALERTMANAGER = Suite("Alertmanager", "prometheus-alertmanager", (), ("alertmanager", "amtool"), (0, 25, 0))
SUITES = (PROMETHEUS, ALERTMANAGER)
SUITE_OF = {program: suite for suite in SUITES for program in suite.programs}

NAMES_ON_PATH = {"alertmanager": ("alertmanager", "prometheus-alertmanager")}
"""Debian calls Alertmanager by its package's name."""

TEMPLATES = b"/usr/share/prometheus/alertmanager"
"""The folder, fixed in Debian's Alertmanager, from which it reads its message templates; no option changes it."""

TEMPLATES_ELSEWHERE = b"/proc/self/fd/9"
"""The folder that a patched copy reads instead: whichever its launcher opened as file descriptor 9."""

LAUNCHER = """\
#!/bin/sh
# Debian's Alertmanager reads its templates from one fixed folder; the copy started here reads them from descriptor 9.
package="$(dirname "$(readlink -f "$0")")/../debian/prometheus-alertmanager"
exec 9<"$package/usr/share/prometheus/alertmanager"
exec "$package/alertmanager" "$@"
"""


def find(name: str) -> Path:
    """Return the program *name*: the one that set-up put into the project's .tools/bin, else one on PATH.

    Raises:
        TocsinError: there is none, or the one on PATH is of a version that Tocsin does not support.

    """
    suite = SUITE_OF[name]
    ours = project_root() / ".tools" / "bin" / name
    if os.access(ours, os.X_OK):
        return ours
    on_path = _on_path(name, ours.parent)
    if on_path is None:
        raise TocsinError(
            f"There is no {name} in {ours.parent} or on PATH: run `{sys.executable} -m tocsin.stack.tools`, "
            f"or put {suite.title} {suite.range} on PATH."
        )
    _require_supported(suite, on_path)
    return on_path


def version(program: Path) -> Version:
    """Return what *program* says of its version: major, minor, patch.

    Raises:
        TocsinError: it cannot be run, or says no version.

    """
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as cause:
        raise TocsinError(f"{program} could not be run to ask its version: {cause}.") from None
    found = re.search(r"version (\d+)\.(\d+)\.(\d+)", said.stdout + said.stderr)
    if not found:
        raise TocsinError(f"{program} does not tell its version when it is run with --version.")
    major, minor, patch = map(int, found.groups())
    return major, minor, patch


def provide(folder: Path) -> None:
    """Put every program into `folder`/bin, and leave alone what is there.

    Raises:
        TocsinError: a program is neither on PATH nor to be had from Debian's packages.

    """
    programs = folder / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    wanted = [suite for suite in SUITES if not all(os.access(programs / name, os.X_OK) for name in suite.programs)]
    lacking = [suite for suite in wanted if not _link_from_path(suite, programs)]
    if lacking:
        _link_from_debian(lacking, programs, folder / "debian")


def _on_path(name: str, ours: Path) -> Path | None:
    folders = [folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if Path(folder) != ours]
    called = NAMES_ON_PATH.get(name, (name,))
    found = next(filter(None, (shutil.which(other, path=os.pathsep.join(folders)) for other in called)), None)
    return Path(found) if found else None


def _require_supported(suite: Suite, program: Path) -> None:
    found = version(program)
    if not suite.supports(found):
        raise TocsinError(
            f"{program} is version {'.'.join(map(str, found))}, but Tocsin needs {suite.title} {suite.range}."
        )


def _link_from_path(suite: Suite, programs: Path) -> bool:
    """Link a suite from PATH if all of it is there; one that cannot serve is named and passed over."""
    found = {name: _on_path(name, programs) for name in suite.programs}
    try:
        for program in found.values():
            if program is None:
                return False
            _require_supported(suite, program)
    except TocsinError as problem:
        _say(f"{problem} Passing it over.")
        return False
    for name, program in found.items():
        if program is not None:
            _link(programs / name, program)
    return True


def _link_from_debian(suites: list[Suite], programs: Path, into: Path) -> None:
    titles = " and ".join(suite.title for suite in suites)
    _say(f"fetching {titles} from Debian's packages into {into} (about 30 MB; nothing is installed) ...")
    into.mkdir(exist_ok=True)
    try:
        debian.fetch(
            [suite.package for suite in suites], into, optional=[name for suite in suites for name in suite.split]
        )
    except debian.PackageError as problem:
        ranges = " and ".join(f"{suite.title} {suite.range} ({', '.join(suite.programs)})" for suite in suites)
        cure = "mend that, or put" if shutil.which("apt-get") else "put"
        raise TocsinError(f"{problem}: {cure} {ranges} on PATH, and run `make setup` again.") from None
    for suite in suites:
        for name in suite.programs:
            unpacked = _unpacked(suite, name, into)
            _require_supported(suite, unpacked)
            if name == "alertmanager":
                _launch_with_templates(programs / name, unpacked, into / suite.package / name)
            else:
                _link(programs / name, Path("..") / unpacked.relative_to(into.parent))


def _unpacked(suite: Suite, name: str, into: Path) -> Path:
    for package in (suite.package, *suite.split):
        for called in NAMES_ON_PATH.get(name, (name,)):
            program = into / package / "usr" / "bin" / called
            if program.is_file():
                return program
    raise TocsinError(
        f"Debian's {suite.package} has no {name} in this release: put {suite.title} {suite.range} on PATH, "
        "and run `make setup` again."
    )


def _launch_with_templates(launcher: Path, unpacked: Path, copy: Path) -> None:
    """Write a copy of Debian's Alertmanager that finds its templates without the package being installed."""
    code = unpacked.read_bytes()
    hits = [hit.start() for hit in re.finditer(re.escape(TEMPLATES) + rb"(?!/)", code)]
    if len(hits) != 1:
        raise TocsinError(
            f"{unpacked} names the folder of its templates {len(hits)} times, not once, so it cannot be used "
            f"uninstalled: put Alertmanager {ALERTMANAGER.range} on PATH, and run `make setup` again."
        )
    after = hits[0] + len(TEMPLATES)
    copy.write_bytes(code[: hits[0]] + TEMPLATES_ELSEWHERE.ljust(len(TEMPLATES), b"/") + code[after:])
    copy.chmod(0o755)
    unfinished = launcher.with_name(f".{launcher.name}")
    unfinished.write_text(LAUNCHER, encoding="utf-8")
    unfinished.chmod(0o755)
    unfinished.replace(launcher)


def _link(link: Path, program: Path) -> None:
    unfinished = link.with_name(f".{link.name}")
    unfinished.unlink(missing_ok=True)
    unfinished.symlink_to(program)
    unfinished.replace(link)


def _say(sentence: str) -> None:
    sys.stderr.write(f"set-up: {sentence}\n")


if __name__ == "__main__":
    try:
        provide(project_root() / ".tools")
    except TocsinError as problem:
        sys.exit(f"set-up: {problem}")
    except KeyboardInterrupt:
        sys.exit("set-up: stopped; what was begun is undone.")
