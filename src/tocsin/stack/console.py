"""The console as a part of the stack: it learns from the run folder where the others are."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from tocsin.stack.part import Part
from tocsin.stack.setup import CONSOLE, Setup


def installed() -> bool:
    """Tell whether there is what draws its pages."""
    return find_spec("nicegui") is not None


def part(setup: Setup) -> Part:
    """Return the part, which needs none of the others: it says of each that is away that it is."""
    url = setup.url(CONSOLE)
    return Part(
        name=CONSOLE,
        command=(
            *(sys.executable, "-m", "tocsin.cli", "console"),
            f"--port={setup.ports[CONSOLE]}",
            f"--folder={setup.folder}",
            *([f"--catalog={setup.catalog}"] if setup.catalog else []),
        ),
        folder=setup.root,
        url=f"{url}/",
        ready=f"{url}/healthz",
        environment={"PYTHONUNBUFFERED": "1"},
    )
