"""`tocsin explain`: the page of a check."""

from __future__ import annotations

import inspect
import sys
from typing import Annotated

import typer

from tocsin.checks import CHECKS
from tocsin.model import TocsinError


def explain(check: Annotated[str, typer.Argument(help="A check's name, like promql/syntax.")]) -> None:
    """Say what a check finds, why that matters, and how to mend it."""
    if check not in CHECKS:
        raise TocsinError(f"There is no check {check!r}: choose one of {', '.join(CHECKS)}.")
    page = inspect.getdoc(sys.modules[CHECKS[check].__module__])
    sys.stdout.write(f"# {check}\n\n{page}\n")
