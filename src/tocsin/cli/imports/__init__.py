"""`tocsin import`: declarations made of what others wrote."""

from __future__ import annotations

import typer

from tocsin.cli.imports.rules import rules

app = typer.Typer(name="import", help="Make declarations of what others wrote.", no_args_is_help=True)


@app.callback()
def imports() -> None:
    """Make declarations of what others wrote."""


app.command()(rules)
