"""HANDS: one module for each verb; the only room that writes artifacts."""

from __future__ import annotations

import sys

import typer

from tocsin.cli.build import build
from tocsin.cli.check import Spread, check
from tocsin.cli.console import console
from tocsin.cli.drill import drill
from tocsin.cli.explain import explain
from tocsin.cli.logs import app as logs
from tocsin.cli.prove import prove
from tocsin.cli.show import show
from tocsin.cli.status import status
from tocsin.cli.up import up
from tocsin.model import TocsinError

VERBS = (show, check, explain, build, prove, up, status, drill, console)

app = typer.Typer(
    name="tocsin",
    help="Observability for Python services in which every alarm is proven to ring.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
)
for verb in VERBS:
    app.command(cls=Spread if verb in {check, prove} else None)(verb)
app.add_typer(logs)


def main() -> None:
    """Run a verb; what a user can mend is said in one sentence."""
    try:
        app()
    except TocsinError as problem:
        sys.stderr.write(f"tocsin: {problem}\n")
        sys.exit(2)
