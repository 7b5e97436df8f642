"""`tocsin explain`: the page of a check."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tocsin.checks import CHECKS
from tocsin.cli import completing
from tocsin.cli.pages import headline, page
from tocsin.model import TocsinError


def explain(
    check: Annotated[
        str | None,
        typer.Argument(help="A check's name, like promql/syntax; without one, all.", autocompletion=completing.checks),
    ] = None,
) -> None:
    """Say what a check finds, why that matters, and how to mend it; or name all checks."""
    if check is None:
        width = max(len(name) for name in CHECKS)
        sys.stdout.writelines(f"{name:{width}}  {headline(name)}\n" for name in sorted(CHECKS))
        return
    if check not in CHECKS:
        raise TocsinError(f"There is no check {check!r}: choose one of {', '.join(CHECKS)}.")
    sys.stdout.write(f"# {check}\n\n{page(check)}\n")
