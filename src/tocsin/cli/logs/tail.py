"""`tocsin logs tail`: the newest records of a store, and those that come."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tocsin.cli.logs.ship import StoreOption
from tocsin.cli.logs.store import store_to_read, tell_absence

if TYPE_CHECKING:
    from tocsin.logs.tailing import Row

_COLOURS = {"DEBUG": "\x1b[2m", "WARNING": "\x1b[33m", "ERROR": "\x1b[31m", "CRITICAL": "\x1b[1;31m"}
_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"
_BESIDE = ("method", "url", "status", "latency", "trace", "request_id")


def tail(  # noqa: PLR0917 - typer hands them over by name
    service: Annotated[list[str] | None, typer.Option(help="Only what this service said. Repeatable.")] = None,
    severity: Annotated[str, typer.Option(help="Only what has at least this severity.")] = "DEFAULT",
    trace: Annotated[str, typer.Option(help="Only what belongs to this trace.")] = "",
    grep: Annotated[str, typer.Option(help="Only messages with this text.")] = "",
    count: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the newest records.")] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")] = False,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="How to write a record.")] = "text",
    store: StoreOption = None,
) -> None:
    """Show the newest records of a store, and with --follow those that come."""
    from tocsin.logs.tailing import Tail, wanted  # noqa: PLC0415 - an extra, which no other verb needs

    write = _json if form == "json" else _text
    try:
        with Tail(store_to_read(store), wanted(service or (), severity, trace, grep)) as end:
            tell_absence(end.store)
            for row in end.newest(count):
                sys.stdout.write(write(row))
            sys.stdout.flush()
            for row in end.follow() if follow else ():
                sys.stdout.write(write(row))
                sys.stdout.flush()
    except KeyboardInterrupt:
        return
    except BrokenPipeError:  # as in `tocsin logs tail -f | head`: what is left has no reader
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _json(row: Row) -> str:
    from tocsin.logs.values import plain  # noqa: PLC0415 - an extra, which no other verb needs

    return json.dumps({name: plain(value) for name, value in row.items()}, ensure_ascii=False) + "\n"


def _text(row: Row) -> str:
    from tocsin.logs.values import printable  # noqa: PLC0415 - an extra, which no other verb needs

    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    severity = str(row.get("severity", "DEFAULT"))
    head = f"{row['time']:%Y-%m-%d %H:%M:%S.%f}"[:-3]
    pairs = [(name, row[name]) for name in _BESIDE if name in row]
    fields = row.get("fields")
    pairs += fields.items() if isinstance(fields, dict) else ()
    beside = " ".join(f"{name}={printable(_short(value))}" for name, value in pairs)
    message = printable(str(row.get("message", "")))
    service = printable(str(row.get("service", "")))
    line = f"{head} {_painted(f'{severity:<8}', _COLOURS.get(severity, ''), coloured=coloured)} {service} {message}"
    if beside:
        line += " " + _painted(beside, _DIM, coloured=coloured)
    trace = "".join(f"\n    {printable(part)}" for part in str(row.get("stack_trace", "")).splitlines())
    return f"{line}{trace}\n"


def _short(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _painted(text: str, colour: str, *, coloured: bool) -> str:
    return f"{colour}{text}{_PLAIN}" if coloured and colour else text
