"""`tocsin logs load`: bring what was kept here to BigQuery."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.status import run_folder
from tocsin.model import TocsinError


def load(
    *,
    project: Annotated[str, typer.Option(help="The project of Google Cloud.")],
    dataset: Annotated[str, typer.Option(help="The dataset that monitoring/bigquery made.")] = "tocsin",
    store: Annotated[Path | None, typer.Option(help="The store's folder; the one of `tocsin up` by default.")] = None,
    day: Annotated[
        list[datetime] | None,
        typer.Option(formats=["%Y-%m-%d"], help="A day to load, in UTC; all that are over by default. Repeatable."),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Load days although BigQuery had them.")] = False,
) -> None:
    """Load the records of a store into BigQuery, each day of each service once."""
    try:
        from tocsin.logs import loading  # noqa: PLC0415 - an extra, which no other verb needs
    except ModuleNotFoundError as missing:
        raise TocsinError(
            f"`tocsin logs load` needs {missing.name}, which is not installed: pip install 'tocsin[bigquery]'."
        ) from None
    folder = store or run_folder(None) / "data" / "logs"
    if not folder.is_dir():
        raise TocsinError(f"There is no store in {folder}: name its folder with --store.")
    days = {each.date() for each in day or ()}
    loaded = 0
    for part in loading.load(loading.connect(project), dataset, folder, days, again=again):
        outcome = "there already" if part.before else "loaded"
        lines = "line" if part.lines == 1 else "lines"
        sys.stdout.write(f"{part.day} {part.service}: {part.lines} {lines} {outcome}.\n")
        loaded += 1
    if not loaded:
        sys.stdout.write("Nothing to load: days that are not over yet are loaded with --day.\n")
