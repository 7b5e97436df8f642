"""Projects in which tests run `tocsin up`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tocsin.stack import state
from tocsin.stack.part import PartState

ROOT = Path(__file__).parents[2]
TOCSIN = Path(sys.executable).with_name("tocsin")
PATIENCE = 120.0

PYPROJECT = """\
[tool.tocsin]
catalog = "shop:CATALOG"
"""

CATALOG = """\
from tocsin import Catalog, Service, Team

CHECKOUT = Service(name="checkout", team="shop", port=8000, because="Nobody can buy.", app="checkout:app")
CATALOG = Catalog(
    services=(CHECKOUT,),
    teams=(Team(name="shop", slack="#shop"),),
    runbooks="https://runbooks.example",
    heartbeat="https://heartbeat.example/shop",
)
"""

APP = """\
async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body"})
"""


def gone(pid: int) -> bool:
    """Whether no such process runs any more."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@dataclass(frozen=True, slots=True)
class Project:
    """A folder in which `tocsin` is run, its own run folder elsewhere."""

    root: Path
    folder: Path

    def command(self, verb: str, *options: str) -> list[str]:
        """Return the command line of a verb."""
        return [str(TOCSIN), verb, "--folder", str(self.folder), *options]

    @property
    def environment(self) -> dict[str, str]:
        """The environment, with the tools of this repository on PATH."""
        return {**os.environ, "PATH": f"{ROOT / '.tools' / 'bin'}{os.pathsep}{os.environ['PATH']}"}

    def run(self, verb: str, *options: str, **settings: Any) -> subprocess.CompletedProcess[str]:
        """Run a verb to its end."""
        given = {"cwd": self.root, "env": self.environment, "capture_output": True, "text": True, **settings}
        return subprocess.run(self.command(verb, *options), check=False, **given)

    def status(self) -> dict[str, Any]:
        """Return what `tocsin status --format json` says."""
        found: dict[str, Any] = json.loads(self.run("status", "--format", "json").stdout)
        return found

    def parts(self) -> dict[str, PartState]:
        """Return every part's state by name, none when no stack runs."""
        found = state.read(self.folder)
        return {part.name: part for part in found.parts} if found else {}

    def healthy(self) -> bool:
        """Whether a stack runs, all of it healthy."""
        return bool(self.parts()) and all(part.health == "healthy" for part in self.parts().values())

    def pids(self) -> list[int]:
        """Return the pids of all parts."""
        return [part.pid for part in self.parts().values() if part.pid]

    def get(self, part: str, path: str, **query: str) -> Any:
        """Return the JSON that a part answers."""
        return httpx.get(self.parts()[part].url + path, params=query, trust_env=False, timeout=30).json()


@dataclass(slots=True)
class Up:
    """`tocsin up`, running."""

    project: Project
    process: subprocess.Popen[str]

    def wait_until_ready(self) -> None:
        """Read what it says until it is ready."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("Ready after"):
                return
        pytest.fail(f"The stack did not start: {self.process.communicate()[1]}")

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
        """Send a signal; return the exit code, and what it said since and of errors."""
        self.process.send_signal(number)
        said, errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said, errors


def start(project: Project, *options: str) -> Up:
    """Start `tocsin up` on free ports."""
    process = subprocess.Popen(
        project.command("up", "--free-ports", *options),
        cwd=project.root,
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return Up(project, process)
