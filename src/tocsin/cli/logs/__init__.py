"""`tocsin logs`: one module for each of its verbs."""

from __future__ import annotations

import typer

from tocsin.cli.logs.load import load

app = typer.Typer(name="logs", help="Keep what services say, and ask it.", no_args_is_help=True)


@app.callback()
def logs() -> None:
    """Keep what services say, and ask it."""


app.command()(load)
