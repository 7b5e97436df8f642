"""What every verb needs first: the catalog, its plan, and what can be seen of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from tocsin import live, source
from tocsin.checks import Problem, from_plan, judge
from tocsin.derive import Plan, derive
from tocsin.model import Place

CatalogOption = Annotated[
    str | None, typer.Option("--catalog", help="The catalog as module:NAME; else pyproject.toml names it.")
]


@dataclass(frozen=True, slots=True)
class Project:
    """A loaded catalog, its plan, and the module from which it came."""

    plan: Plan
    module: str
    home: Path

    def problems(self, secrets: Path | None = None) -> tuple[Problem, ...]:
        """Look at the project's folders, then judge."""
        seen = live.look(source.runbook_folders(self.plan.catalog, self.home), secrets)
        return judge(from_plan(self.plan, seen))

    def place(self, problem: Problem) -> Place | None:
        """Return where the declaration behind a problem stands: its own, or else its service's."""
        package = self.module.rpartition(".")[0] or self.module
        service = problem.subject.partition("/")[0]
        return source.find(problem.declared, (package,)) or source.find(service, (package,))


def load(reference: str | None) -> Project:
    """Load the catalog at *reference*, or the project's own."""
    catalog = source.load_catalog(reference)
    named = reference or str(source.settings(source.project_root())["catalog"])
    return Project(derive(catalog), named.partition(":")[0], source.home(reference))


def report(project: Project, problems: tuple[Problem, ...]) -> None:
    """Write each problem on a line of its own: file:line:column, what, and which check says so."""
    for problem in problems:
        place = project.place(problem)
        where = f"{place.file}:{place.line}:{place.column}: " if place else ""
        sys.stderr.write(f"{where}{problem.severity}: {problem.subject}: {problem.message} [{problem.check}]\n")
