"""`tocsin up`: run the whole stack on this machine."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Coroutine, Iterator
from typing import Annotated

import typer

from tocsin import source
from tocsin.cli.progress import Progress
from tocsin.cli.project import CatalogOption, load
from tocsin.cli.status import FolderOption, run_folder
from tocsin.model import TocsinError
from tocsin.stack import bugsink, console, ports
from tocsin.stack.local import Stack
from tocsin.stack.part import PartFailed
from tocsin.stack.setup import Setup, usual_ports


def up(
    *,
    seconds: Annotated[float | None, typer.Option("--for", min=0, help="Stop by itself after so many seconds.")] = None,
    traffic: Annotated[bool, typer.Option("--traffic/--no-traffic", help="Send visitors to the services.")] = True,
    offset: Annotated[int, typer.Option(help="Move every port by so many.")] = 0,
    free_ports: Annotated[bool, typer.Option("--free-ports", help="Take any free ports.")] = False,
    folder: FolderOption = None,
    catalog: CatalogOption = None,
) -> None:
    """Run Prometheus, Alertmanager, services, traffic, error tracker, inbox and console, until Ctrl-C."""
    if offset and free_ports:
        raise TocsinError("--offset and --free-ports contradict each other: give one of them.")
    project = load(catalog)
    around = project.surroundings
    usual = usual_ports(project.plan, around, tracked=bugsink.installed(), shown=console.installed())
    setup = Setup(
        plan=project.plan,
        root=source.project_root(),
        folder=run_folder(folder),
        ports=ports.free(usual) if free_ports else ports.shifted(usual, offset),
        surroundings=around,
        catalog=catalog,
        traffic=1.0 if traffic else 0.0,
    )
    try:
        finished = asyncio.run(_run(setup, seconds))
    except PartFailed as failure:
        sys.stderr.write(f"tocsin: {failure}\n")
        raise typer.Exit(1) from None
    raise typer.Exit(0 if finished else 1)


async def _run(setup: Setup, seconds: float | None) -> bool:
    """Run the stack until told to stop, or for *seconds*; return whether it ever was ready."""
    told = asyncio.Event()
    for number in _endings():
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    with Progress(setup.folder) as progress:
        stack = Stack(setup, notice=progress.notice)
        progress.starting(stack.states, bugsink.remark(setup))
        try:
            ready = await _unless(told, stack.start())
            if ready:
                progress.ready()
                await _unless(told, _last(stack, seconds))
            progress.stopping()
        finally:
            await stack.stop()
        progress.stopped(was_ready=ready)
    return ready


def _endings() -> Iterator[signal.Signals]:
    """Yield the signals that stop the stack; under nohup a closed terminal does not."""
    yield from (signal.SIGINT, signal.SIGTERM)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        yield signal.SIGHUP


async def _last(stack: Stack, seconds: float | None) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stack.failure()
    except TimeoutError:
        return


async def _unless(told: asyncio.Event, doing: Coroutine[None, None, None]) -> bool:
    """Do it, unless *told* to stop meanwhile; return whether it was done."""
    work = asyncio.create_task(doing)
    word = asyncio.create_task(told.wait())
    await asyncio.wait({work, word}, return_when=asyncio.FIRST_COMPLETED)
    word.cancel()
    if work.done():
        work.result()
        return True
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    return False
