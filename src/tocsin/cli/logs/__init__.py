"""`tocsin logs`: one module for each of its verbs."""

from __future__ import annotations

from importlib.util import find_spec

import typer

from tocsin.cli.logs.load import load
from tocsin.cli.logs.query import query
from tocsin.cli.logs.ship import ship
from tocsin.cli.logs.tail import tail
from tocsin.model import TocsinError

app = typer.Typer(name="logs", help="Keep what services say, and ask it.", no_args_is_help=True)


@app.callback()
def logs() -> None:
    """Keep what services say, and ask it."""
    if find_spec("duckdb") is None:
        raise TocsinError("DuckDB is not installed, which reads the logs: `pip install 'tocsin[logs]'`.")


app.command()(load)
app.command()(query)
app.command()(ship)
app.command()(tail)
