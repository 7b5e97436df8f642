"""`tocsin drill`: break services on purpose, and follow each alert until it is resolved."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tocsin import source
from tocsin.cli import completing, outcomes
from tocsin.cli.outcomes import Form, Report
from tocsin.cli.progress import Progress
from tocsin.cli.project import CatalogOption, Project, load
from tocsin.cli.receivers import drill_receivers
from tocsin.cli.status import FolderOption
from tocsin.derive import always_open, quicken
from tocsin.model import TocsinError
from tocsin.stack import ports, state, tools
from tocsin.stack.cases import Case, Selection, select
from tocsin.stack.drill import Outcome
from tocsin.stack.drill import drill as run_drill
from tocsin.stack.local import Stack
from tocsin.stack.part import PartFailed
from tocsin.stack.receivers import PATIENCE
from tocsin.stack.setup import Setup, usual_ports
from tocsin.stack.traffic import day_shape, local_hour

VISITORS = 3.0
"""How many times a mean day's visitors come: windows are short in a drill, and still need events enough."""

INTERRUPTED = 130
"""What shells report of a program that Ctrl-C ended."""


def drill(
    alerts: Annotated[
        list[str] | None,
        typer.Argument(
            help="Alerts, as ServiceDown or voice-commerce/ServiceDown; else all.", autocompletion=completing.alerts
        ),
    ] = None,
    speed: Annotated[int, typer.Option(help="Divide every duration of the rules and routes by this.")] = 60,
    form: Annotated[Form, typer.Option("--format", help="How to write the outcome.")] = "text",
    folder: FolderOption = None,
    catalog: CatalogOption = None,
    *,
    receivers: Annotated[
        bool, typer.Option("--receivers", help="Break nothing: send a marked test alert on every route instead.")
    ] = False,
    alertmanager: Annotated[
        str | None, typer.Option(help="Whose receivers, such as http://localhost:9093; else the running stack's.")
    ] = None,
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds that a test alert may take to a receiver.")
    ] = PATIENCE,
    see_resolved: Annotated[
        bool, typer.Option("--see-resolved", help="Wait until the test alerts' resolves are delivered: minutes.")
    ] = False,
) -> None:
    """Break services in a stack of its own: exit 0 when every alert rang, was delivered and was resolved."""
    project = load(catalog)
    if receivers:
        if alerts:
            raise TocsinError("--receivers drills every route, not chosen alerts: leave them out.")
        if form == "junit":
            raise TocsinError("--receivers has no JUnit: give --format json.")
        well = drill_receivers(
            project.plan, alertmanager, folder, form=form, patience=patience, see_resolved=see_resolved
        )
        raise typer.Exit(0 if well else 1)
    if alertmanager:
        raise TocsinError("--alertmanager is for --receivers: give both, or neither.")
    setup, selection = prepare(project, alerts or (), speed, folder or source.project_root() / ".tocsin" / "drill")
    report = _drilled(setup, selection)
    outcomes.write(report, form)
    raise typer.Exit(1 if report.problems else 0)


def prepare(project: Project, alerts: Sequence[str], speed: int, folder: Path) -> tuple[Setup, Selection]:
    """Return the stack in which alerts are drilled, with an empty folder, and which of them.

    Raises:
        TocsinError: no alert has such a name, none of them can be drilled, the speed is too high, or the folder holds
            something else.

    """
    plan = quicken(always_open(project.plan), speed)
    selection = select(plan, alerts, speed=speed)
    around = project.surroundings
    setup = Setup(
        plan=plan,
        root=source.project_root(),
        folder=_emptied(folder.absolute()),
        ports=ports.free(usual_ports(plan, around)),
        surroundings=around,
        catalog=project.reference,
        traffic=VISITORS / day_shape(local_hour(time.time())),
        fault_token=secrets.token_hex(16),
        speed=speed,
    )
    return setup, selection


def _drilled(setup: Setup, selection: Selection) -> Report:
    began = time.monotonic()
    try:
        found = asyncio.run(_run(setup, selection.cases))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.stderr.write("tocsin: The drill was interrupted; all that it started has stopped.\n")
        raise typer.Exit(INTERRUPTED) from None
    except PartFailed as failure:
        sys.stderr.write(f"tocsin: {failure}\n")
        raise typer.Exit(1) from None
    return Report(
        outcomes=found,
        left=selection.left,
        opened=tuple(hours.name for hours in setup.plan.catalog.hours),
        speed=setup.speed,
        prometheus=".".join(map(str, tools.version(tools.find("prometheus")))),
        took=time.monotonic() - began,
    )


def _emptied(folder: Path) -> Path:
    """Return *folder* without what an earlier drill left in it; a folder of anybody else's is refused."""
    if folder.exists() and any(folder.iterdir()):
        if state.read(folder) is not None:
            raise TocsinError(f"A stack runs in {folder} already: wait until it has ended, or choose another --folder.")
        if not state.ran_in(folder):
            raise TocsinError(f"{folder} holds something else than a drill: choose another --folder.")
        shutil.rmtree(folder)
    return folder


async def _run(setup: Setup, chosen: tuple[Case, ...]) -> list[Outcome]:
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    console = Console(stderr=True, highlight=False)
    with Progress(setup.folder, console) as progress:
        stack = Stack(setup, notice=progress.notice)
        progress.starting(stack.states)
        async with stack:
            console.print(f"Drilling {len(chosen)} alerts; the inbox is at {stack.url('inbox')}/")

            def notice(case: Case, step: str, seconds: float) -> None:
                console.print(f"  {case.rule.subject:<44} {step:<10} {seconds:6.2f} s", soft_wrap=True)

            return await run_drill(stack, chosen, notice)
