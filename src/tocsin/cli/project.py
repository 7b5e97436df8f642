"""What every verb needs first: the catalog, its plan, and what can be seen of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
    reference: str | None = None

    def problems(self, secrets: Path | None = None) -> tuple[Problem, ...]:
        """Look at the project's folders, then judge."""
        catalog = self.plan.catalog
        seen = replace(
            live.look(source.runbook_folders(catalog, self.home), secrets),
            allowances=source.allowances(self._modules),
            catalog=source.catalog_modules(self.reference),
            code=source.service_modules(catalog, self.home),
        )
        return judge(from_plan(self.plan, seen), self.place)

    def place(self, problem: Problem) -> Place | None:
        """Return where a problem, or the declaration behind it, stands: its own, or else its service's."""
        service = problem.subject.partition("/")[0]
        return problem.place or source.find(problem.declared, self._modules) or source.find(service, self._modules)

    @property
    def _modules(self) -> tuple[str, ...]:
        return (self.module.rpartition(".")[0] or self.module,)


def load(reference: str | None) -> Project:
    """Load the catalog at *reference*, or the project's own."""
    catalog = source.load_catalog(reference)
    named = reference or str(source.settings(source.project_root())["catalog"])
    return Project(derive(catalog), named.partition(":")[0], source.home(reference), reference)
