"""`tocsin doctor`: what is missing on this machine, and what to do."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from tocsin.cli.doctor import machine, project
from tocsin.cli.doctor.diagnosis import Diagnosis
from tocsin.cli.project import CatalogOption
from tocsin.cli.status import FolderOption, run_folder


def doctor(
    *,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="How to write it.")] = "text",
    folder: FolderOption = None,
    catalog: CatalogOption = None,
) -> None:
    """Tell what is missing here and what to do: exit 0 when all is there that every verb needs, 1 when not."""
    found = list(_examined(run_folder(folder), catalog))
    sys.stdout.write(_as_json(found) if form == "json" else _as_text(found))
    raise typer.Exit(0 if _is_well(found) else 1)


def _examined(folder: Path, catalog: str | None) -> Iterator[Diagnosis]:
    yield machine.python()
    yield from machine.tools()
    yield machine.tracker()
    yield from machine.packages()
    yield from machine.programs()
    yield machine.writable(folder)
    yield machine.space(folder)
    yield from project.examined(folder, catalog)


def _is_well(found: Sequence[Diagnosis]) -> bool:
    return all(each.state != "mend" for each in found)


def _as_json(found: Sequence[Diagnosis]) -> str:
    return json.dumps({"well": _is_well(found), "found": [asdict(each) for each in found]}, indent=2) + "\n"


def _as_text(found: Sequence[Diagnosis]) -> str:
    states, names = (max(map(len, column)) for column in zip(*((each.state, each.name) for each in found), strict=True))
    margin = " " * (states + names + 4)
    lines = []
    for each in found:
        lines.append(f"{each.state:{states}}  {each.name:{names}}  {each.said}")
        lines.extend(f"{margin}{line}" for line in each.cure.splitlines())
    count = sum(each.state == "mend" for each in found)
    verdict = f"{count} thing{'s' if count > 1 else ''} to mend." if count else "All is there that every verb needs."
    return "\n".join((*lines, verdict)) + "\n"
