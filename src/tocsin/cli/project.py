"""What every verb needs first: the catalog, its plan, and what can be seen of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from tocsin import live, source
from tocsin.checks import Case, Problem, from_plan, judge, questions
from tocsin.cli import reference
from tocsin.derive import Plan, derive
from tocsin.model import Place, surroundings
from tocsin.model.surroundings import Surroundings

PROOF = Path(".tocsin") / "proof" / "proof.json"
"""Where the last proof of the whole catalog is kept, below the project."""

CatalogOption = Annotated[
    str | None, typer.Option("--catalog", help="The catalog as module:NAME; else pyproject.toml names it.")
]


def asked(case: Case, prometheus: str, jobs: Sequence[str] = ()) -> Case:
    """Return *case* with what a running Prometheus says of *jobs*, or of all that it scrapes."""
    said = live.ask(prometheus, questions(case), jobs)
    return replace(case, observation=replace(case.observation, live=said))


@dataclass(frozen=True, slots=True)
class Project:
    """A loaded catalog, its plan, and the module from which it came."""

    plan: Plan
    module: str
    home: Path
    reference: str | None = None

    def problems(self, secrets: Path | None = None, prometheus: str | None = None) -> tuple[Problem, ...]:
        """Look at the project's folders, and at a running *prometheus* where its address is given; then judge."""
        catalog = self.plan.catalog
        seen = replace(
            live.look(secrets),
            runbooks=source.runbooks(catalog, self.home),
            commands=_commands(),
            allowances=source.allowances(self._modules),
            catalog=source.catalog_modules(self.reference),
            code=source.service_modules(catalog, self.home),
        )
        case = from_plan(self.plan, seen)
        jobs = [service.name for service in catalog.services]
        return judge(asked(case, prometheus, jobs) if prometheus else case, self.place)

    def place(self, problem: Problem) -> Place | None:
        """Return where a problem, or the declaration behind it, stands: its own, or else its service's."""
        service = problem.subject.partition("/")[0]
        return problem.place or source.find(problem.declared, self._modules) or source.find(service, self._modules)

    @property
    def surroundings(self) -> Surroundings:
        """What pyproject.toml says of running the services."""
        names = tuple(service.name for service in self.plan.catalog.services)
        return surroundings.read(source.settings(source.project_root()), names)

    @property
    def _modules(self) -> tuple[str, ...]:
        return (self.module.rpartition(".")[0] or self.module,)


def _commands() -> dict[str, frozenset[str]]:
    """Return every verb, without `tocsin`, with its flags."""
    from tocsin.cli import app  # noqa: PLC0415 - whose verbs need this module

    found = reference.commands(typer.main.get_command(app))
    return {
        name.partition(" ")[2]: frozenset(
            flag for each in verb.params for flag in (*each.opts, *each.secondary_opts) if flag.startswith("-")
        )
        for name, verb in found
    }


def load(reference: str | None) -> Project:
    """Load the catalog at *reference*, or the project's own."""
    catalog = source.load_catalog(reference)
    named = reference or str(source.settings(source.project_root())["catalog"])
    home = source.home(reference)
    prose = {name: page.text for name, page in source.runbooks(catalog, home).items()}
    return Project(derive(catalog, prose), named.partition(":")[0], home, reference)
