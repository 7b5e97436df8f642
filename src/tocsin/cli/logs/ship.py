"""`tocsin logs ship`: keep what comes in on standard input or in files."""

from __future__ import annotations

import signal
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.status import Status

from tocsin import source
from tocsin.logs.limits import Limits
from tocsin.model import TocsinError

if TYPE_CHECKING:
    from tocsin.logs.ship import Shipper

StoreOption = Annotated[
    Path | None, typer.Option("--store", help="The store's folder; .tocsin/data/logs/ of the project by default.")
]


def store_folder(given: Path | None) -> Path:
    """Return the folder of the store: the one *given*, or else that of the project's stack."""
    return (given or source.project_root() / ".tocsin" / "data" / "logs").absolute()


def ship(
    *,
    files: Annotated[list[Path] | None, typer.Argument(help="Files to follow; standard input without any.")] = None,
    service: Annotated[str | None, typer.Option("--service", help="Whose they are; else the file's name.")] = None,
    store: StoreOption = None,
    once: Annotated[bool, typer.Option("--once", help="End at the end of the files.")] = False,
    days: Annotated[int, typer.Option("--days", min=1, help="Days of lines to keep.")] = Limits().days,
    size: Annotated[int, typer.Option("--size", min=1, help="MiB of sealed lines to keep.")] = Limits().size >> 20,
) -> None:
    """Keep what services print: read standard input, or follow files through rotation and truncation.

    Exit 0 when everything was kept, 1 when something had to be dropped, 2 when the files or the store cannot be used.
    """
    from tocsin.logs.ship import Shipper  # noqa: PLC0415 - DuckDB is an extra, and slow to load

    for path in files or []:
        _require_file(path)
    console = Console(stderr=True, highlight=False)
    limits = Limits(days=days, size=size << 20)
    say = partial(console.print, markup=False, soft_wrap=True)
    with Shipper(store_folder(store), limits=limits, say=say) as shipper:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: shipper.stop())
        if files:
            for path in files:
                shipper.follow(path, service or path.name.split(".")[0])
        else:
            shipper.read(sys.stdin.fileno(), service or "stdin")
        _run(shipper, console, once=once)
        dropped = shipper.dropped
    raise typer.Exit(1 if dropped else 0)


def _run(shipper: Shipper, console: Console, *, once: bool) -> None:
    if not console.is_terminal:
        shipper.run(once=once)
        return
    with Status("", console=console) as status:
        shipper.run(once=once, notice=lambda: status.update(_progress(shipper)))


def _progress(shipper: Shipper) -> str:
    dropped = f", {shipper.dropped:,} bytes dropped" if shipper.dropped else ""
    return f"{shipper.lines:,} lines, {shipper.bytes / 1e6:,.1f} MB kept{dropped}"


def _require_file(path: Path) -> None:
    """Refuse what cannot be followed; a file may come later."""
    try:
        if path.exists() and not path.is_file():
            raise TocsinError(f"{path} is no file: name the files to ship, or pipe their lines to standard input.")
        if path.exists():
            path.open("rb").close()
        elif not path.absolute().parent.is_dir():
            raise TocsinError(f"There is no folder {path.absolute().parent} for {path.name} to come to: make it first.")
    except OSError as error:
        raise TocsinError(f"{path} cannot be read ({error.strerror}): mend its permissions.") from None
