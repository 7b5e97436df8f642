"""Makes Alertmanager's keys and becomes the inbox, in a container.

`python -m tocsin.stack.contained NAME PORT DATA KEYS RUNBOOKS`: NAME is what other containers call it; the
others are folders, of which Alertmanager is given that of the keys.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tocsin.derive import derive
from tocsin.model import TocsinError
from tocsin.source import load_catalog
from tocsin.stack import secrets
from tocsin.stack.inbox.keys import save_keys

_GROUP_READS = 0o640
"""Alertmanager runs as somebody else, but in the same group."""


def main(name: str, port: str, data: Path, keys: Path, runbooks: Path) -> None:
    """Become the inbox; end with 2 when there is no catalog, or a folder cannot be written."""
    try:
        command = _prepared(name, port, data, keys, runbooks)
    except TocsinError as problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(2)
    except OSError as cause:
        sys.stderr.write(f"{cause.filename} cannot be written ({cause.strerror}): mend who owns its volume.\n")
        sys.exit(2)
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


def _prepared(name: str, port: str, data: Path, keys: Path, runbooks: Path) -> list[str]:
    """Write the keys, and return the inbox's command line."""
    plan = derive(load_catalog())
    known = data / "keys.json"
    save_keys(known, secrets.write_routes(plan, keys, f"http://{name}:{port}"))
    for route in plan.routes:
        (keys / route.secret).chmod(_GROUP_READS)
    return [
        *(sys.executable, "-m", "tocsin.stack.inbox"),
        *(f"--name={name}", f"--port={port}", f"--folder={data}", f"--keys={known}"),
        f"--runbooks={runbooks}",
    ]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(Path, sys.argv[3:6]))
