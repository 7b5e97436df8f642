"""`tocsin prove`: rehearse every alert, and let promtool judge."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tocsin import source
from tocsin.cli import completing
from tocsin.cli.mutate import mutated, report, told
from tocsin.cli.project import PROOF, CatalogOption, load
from tocsin.cli.proofs import FORMS, Form, picture
from tocsin.cli.scenarios import Files, ScenariosOption, given
from tocsin.model import TocsinError
from tocsin.proof.proving import Proof, book, choose, stages
from tocsin.proof.proving import prove as run_proof
from tocsin.proof.stage import Stage
from tocsin.proof.theatre import Notice, Theatre
from tocsin.stack import tools
from tocsin.targets import PRODUCTION

MEMORIES = Path(".tocsin") / "proof" / "readings.json"
"""Where it is kept, below the project, what came of earlier rehearsals."""


def prove(  # noqa: PLR0917 - typer hands them over by name
    alerts: Annotated[
        list[str] | None,
        typer.Argument(
            help="Alerts, as ServiceDown or voice-commerce/ServiceDown, or services; all.",
            autocompletion=completing.alerts,
        ),
    ] = None,
    mutate: Annotated[
        bool, typer.Option("--mutate", help="Then break each rule and route on purpose: do the proofs notice?")
    ] = False,
    form: Annotated[Form, typer.Option("--format", help="How to write the proof.")] = "text",
    drawing: Annotated[Path | None, typer.Option("--picture", help="A file to draw the matrix into, in SVG.")] = None,
    rules: Files = None,
    scenarios: ScenariosOption = None,
    catalog: CatalogOption = None,
) -> None:
    """Prove each alert: it rings on its fault in time, resolves, and is silent else; exit 0 when all do."""
    foreign = given(rules or (), scenarios, catalog)
    if foreign and mutate:
        raise TocsinError("--mutate breaks the rules of a catalog: leave out --rules and --scenarios, or --mutate.")
    everybody = foreign.stages if foreign else _declared(catalog)
    chosen = choose(everybody, alerts or ())
    theatre = Theatre(tools.find("promtool"), source.project_root() / MEMORIES)
    with progress() as notice:
        proof = run_proof(theatre, chosen, everybody, notice)
    if foreign:
        proof = foreign.noted(chosen, proof)
    elif not alerts:
        proof = told(load(catalog).plan, proof)
        _keep(proof)
    if drawing is not None:
        _draw(proof, drawing)
    if mutate and not proof.problems:
        project = load(catalog)
        with progress() as notice:
            mutation = mutated(project.plan, alerts or (), notice)
        report(project, mutation, form)
    sys.stdout.write(FORMS[form](proof))
    raise typer.Exit(1 if proof.problems else 0)


def _declared(catalog: str | None) -> list[Stage]:
    plan = load(catalog).plan
    return stages(plan, book(plan, PRODUCTION))


def _keep(proof: Proof) -> None:
    """Keep a proof whole or not at all, for it may be read at this moment; where none can be kept, none is."""
    file = source.project_root() / PROOF
    part = file.with_suffix(".part")
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(FORMS["json"](proof), encoding="utf-8")
        part.replace(file)


def _draw(proof: Proof, file: Path) -> None:
    try:
        file.write_text(picture.render(proof), encoding="utf-8")
    except OSError as error:
        raise TocsinError(
            f"{file} cannot be written ({error.strerror}): name a file in a folder that is there."
        ) from None


@contextmanager
def progress() -> Iterator[Notice]:
    """Show how many rehearsals were held, to a person at a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task("Rehearsing", total=None)
        yield lambda held, whole: shown.update(task, completed=held, total=whole)
