"""The rules and the scenarios that `tocsin prove` is given in place of a catalog."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from tocsin import live
from tocsin.cli.formats import text
from tocsin.model import TocsinError
from tocsin.proof.foreign import Foreign, foreign

Files = Annotated[
    list[str] | None,
    typer.Option("--rules", help="Rule files that Tocsin did not make, folders or patterns, with --scenarios."),
]
ScenariosOption = Annotated[
    Path | None,
    typer.Option("--scenarios", help="How the services behave that these rules watch, and on what each alert rings."),
]


def given(rules: Sequence[str], scenarios: Path | None, catalog: str | None) -> Foreign | None:
    """Return the rules that are to be proved by the scenarios of a file, None where a catalog's are.

    Raises:
        TocsinError: one is given without the other, or beside a catalog, or cannot be used.

    """
    if not rules and scenarios is None:
        return None
    if catalog is not None:
        raise TocsinError("--catalog and --rules exclude each other: prove a catalog's alerts, or those of files.")
    if not rules:
        raise TocsinError("--scenarios says how to try the rules of files: name them with --rules.")
    if scenarios is None:
        raise TocsinError("--rules needs --scenarios FILE, which says how the services behave and on what alerts ring.")
    found = foreign(live.look_into(rules, (), (), (), 0.0), live.read_scenarios(scenarios))
    text.report((), found.skipped)
    return found
