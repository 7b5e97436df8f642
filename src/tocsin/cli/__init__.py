"""HANDS: one module for each verb; the only room that writes artifacts."""

from __future__ import annotations

import sys
from importlib import metadata
from typing import Annotated

try:
    import typer
except ModuleNotFoundError:
    sys.stderr.write("tocsin: The commands are an extra, which is not installed: `pip install 'tocsin[all]'`.\n")
    sys.exit(2)

from tocsin.cli.build import build
from tocsin.cli.check import Spread, check
from tocsin.cli.conform import conform
from tocsin.cli.console import console
from tocsin.cli.doctor import doctor
from tocsin.cli.drill import drill
from tocsin.cli.explain import explain
from tocsin.cli.imports import app as imports
from tocsin.cli.logs import app as logs
from tocsin.cli.new import app as new
from tocsin.cli.prove import prove
from tocsin.cli.show import show
from tocsin.cli.status import status
from tocsin.cli.up import up
from tocsin.model import TocsinError

VERBS = (show, check, conform, explain, build, prove, up, status, drill, console, doctor)

app = typer.Typer(
    name="tocsin",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
)


def _tell_version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"tocsin {metadata.version('tocsin')}\n")
        raise typer.Exit


@app.callback()
def tocsin(
    version: Annotated[
        bool,
        typer.Option("--version", help="Tell the version, and do no more.", callback=_tell_version, is_eager=True),
    ] = False,
) -> None:
    """Observability for Python services in which every alarm is proven to ring."""


for verb in VERBS:
    app.command(cls=Spread if verb in {check, prove} else None)(verb)
app.add_typer(logs)
app.add_typer(imports)
app.add_typer(new)


def main() -> None:
    """Run a verb; what a user can mend is said in one sentence."""
    try:
        app()
    except TocsinError as problem:
        sys.stderr.write(f"tocsin: {problem}\n")
        sys.exit(2)
