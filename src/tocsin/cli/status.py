"""`tocsin status`: how the parts of the running stack fare."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from tocsin import source
from tocsin.stack import state
from tocsin.stack.state import StackState

FolderOption = Annotated[
    Path | None, typer.Option("--folder", help="Where the stack keeps all it writes; .tocsin/ by default.")
]


def status(
    *,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="How to write it.")] = "text",
    folder: FolderOption = None,
) -> None:
    """Tell each part's health, address, pid and restarts: exit 0 when all are healthy."""
    place = run_folder(folder)
    found = state.read(place)
    if form == "json":
        sys.stdout.write(json.dumps(_as_json(found), indent=2) + "\n")
    elif found is None:
        sys.stdout.write(f"No stack runs in {place}: start one with `tocsin up`.\n")
    else:
        _show(found)
    raise typer.Exit(0 if found is not None and found.healthy else 1)


def run_folder(given: Path | None) -> Path:
    """Return the folder of the run: the one *given*, or else the project's own."""
    return (given or source.project_root() / ".tocsin").absolute()


def _as_json(found: StackState | None) -> dict[str, object]:
    if found is None:
        return {"running": False, "healthy": False, "parts": []}
    return {"running": True, "healthy": found.healthy, **asdict(found)}


def _show(found: StackState) -> None:
    rows = [
        ("part", "health", "pid", "restarts", "address", "why it was last restarted"),
        *((p.name, p.health, str(p.pid or ""), str(p.restarts), p.url, p.reason) for p in found.parts),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write("  ".join(cells).rstrip() + "\n")
