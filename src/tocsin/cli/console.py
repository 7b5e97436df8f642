"""`tocsin console`: pages that show what runs, rings and was proven."""

from __future__ import annotations

import asyncio
import sys
import webbrowser
from collections.abc import Callable
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from tocsin import source
from tocsin.cli.drill import prepare
from tocsin.cli.project import PROOF, CatalogOption, Project, load
from tocsin.cli.status import FolderOption, run_folder
from tocsin.console.drills import Choice, Drills
from tocsin.console.replays import Replays
from tocsin.derive import quicken
from tocsin.model import TocsinError
from tocsin.model.surroundings import Surroundings
from tocsin.proof.proving import book, stages
from tocsin.proof.replay import replay, scene
from tocsin.proof.shown import Replay
from tocsin.proof.stage import Stage
from tocsin.stack import bugsink, state, tools
from tocsin.stack.cases import select
from tocsin.stack.drill import drill
from tocsin.stack.local import Stack
from tocsin.stack.setup import ALERTMANAGER, BUGSINK, CONSOLE_PORT, INBOX, LOGS, PROMETHEUS, Setup, usual_ports
from tocsin.targets import PRODUCTION

SPEED = 60
"""By how much a drill that a reader begins divides all durations."""


def console(
    *,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Where to listen; 0 takes any free port.")
    ] = CONSOLE_PORT,
    browser: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    prometheus: Annotated[str | None, typer.Option(help="Ask the Prometheus at this URL.")] = None,
    alertmanager: Annotated[str | None, typer.Option(help="Ask the Alertmanager at this URL.")] = None,
    folder: FolderOption = None,
    catalog: CatalogOption = None,
) -> None:
    """Show services, boards, alerts, objectives, logs and proofs in the browser, until Ctrl-C."""
    if find_spec("nicegui") is None:
        raise TocsinError("The console needs NiceGUI, which is not installed: install tocsin[console].")
    from tocsin.console import serving  # noqa: PLC0415 - other verbs go without NiceGUI, which takes a second to load

    project = load(catalog)
    setup = Setup(
        plan=project.plan,
        root=source.project_root(),
        folder=run_folder(folder),
        ports=usual_ports(project.plan, Surroundings(), tracked=bugsink.installed()),
    )
    found = _addresses(setup)
    serving.serve(
        partial(
            serving.opened,
            project.plan,
            prometheus=(prometheus or found[PROMETHEUS]).rstrip("/"),
            alertmanager=(alertmanager or found[ALERTMANAGER]).rstrip("/"),
            inbox=found[INBOX],
            tracker=found.get(BUGSINK, ""),
            tracker_token=bugsink.token_file(setup),
            store=setup.data(LOGS),
            monitoring=source.project_root() / "monitoring",
            boards=_boards(setup),
            proof=source.project_root() / PROOF,
            drills=drills_of(project, setup.folder / "drill"),
            replays=replays_of(project),
            code=partial(source.catalog_modules, catalog),
        ),
        port,
        partial(_tell, browser),
    )


def _addresses(setup: Setup) -> dict[str, str]:
    """Return where the parts of the run are, or would be if one ran with the usual ports."""
    running = state.read(setup.folder)
    if running is not None:
        return {part.name: part.url.rstrip("/") for part in running.parts if part.url}
    return {name: setup.url(name) for name in setup.ports}


def _boards(setup: Setup) -> Path:
    """Return the folder of the dashboards: of the run, whose links stay on this machine, or else of the project."""
    running = state.read(setup.folder) is not None
    return (setup.configuration if running else setup.root / "monitoring") / "grafana" / "dashboards"


def drills_of(project: Project, folder: Path) -> Drills:
    """Return how a reader drills one alert, in a stack of its own below the run folder."""

    async def drilled(alert: str, notice: Callable[[str, float], None]) -> str:
        setup, selection = await asyncio.to_thread(prepare, project, [alert], SPEED, folder)
        async with Stack(setup) as stack:
            (outcome,) = await drill(stack, selection.cases, lambda _, step, seconds: notice(step, seconds))
        return outcome.problem

    cases = select(quicken(project.plan, SPEED), speed=SPEED).cases
    return Drills([Choice(case.rule.subject, str(case.fault)) for case in cases], drilled, SPEED)


def replays_of(project: Project) -> Replays:
    """Return how a reader sees a rehearsal of the matrix, in which promtool judges the rules as they are declared."""

    @cache
    def everybody() -> list[Stage]:
        return stages(project.plan, book(project.plan, PRODUCTION))

    def replayed(alert: str, fault: str) -> Replay:
        return replay(tools.find("promtool"), scene(everybody(), alert, fault))

    return Replays(replayed)


def _tell(browser: bool, address: str) -> None:
    sys.stdout.write(f"The console is at {address}\n")
    sys.stdout.flush()
    if browser:
        webbrowser.open(address)
