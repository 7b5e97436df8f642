"""The shipper as a part of the stack: it keeps what the services print in the store of the run folder."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from tocsin.stack.part import Part
from tocsin.stack.setup import LOGS, Setup


def installed() -> bool:
    """Tell whether there is what seals the logs."""
    return find_spec("duckdb") is not None


def part(setup: Setup) -> Part:
    """Return the part; the services start after it, and so are stopped before it, and their last lines are kept too."""
    companions = (companion.name for companion in setup.surroundings.companions)
    services = (service.name for service in setup.hosted)
    return Part(
        name=LOGS,
        command=(
            *(sys.executable, "-m", "tocsin.cli", "logs", "ship", f"--store={setup.data(LOGS)}"),
            *(str(setup.logs / f"{name}.log") for name in (*companions, *services)),
        ),
        folder=setup.root,
        environment={"PYTHONUNBUFFERED": "1"},
        pause=0.2,
    )
