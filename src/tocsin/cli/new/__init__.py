"""`tocsin new service`: a folder for a service, with promises, an application, customers, tests and a runbook."""

from __future__ import annotations

import keyword
import sys
from importlib import resources
from pathlib import Path
from string import Template
from typing import Annotated

import typer

from tocsin import source
from tocsin.cli.new.enrol import Unclear, enrolled, names
from tocsin.cli.project import CatalogOption, Project, load
from tocsin.model import TocsinError
from tocsin.model.naming import require_host, slug
from tocsin.stack.setup import usual_ports

app = typer.Typer(name="new", help="Begin something new.", no_args_is_help=True)

_FIRST_PORT, _LAST_PORT = 8000, 65_535


@app.callback()
def new() -> None:
    """Begin something new."""


@app.command()
def service(
    name: Annotated[str, typer.Argument(help="What the service is called, like returns.")],
    team: Annotated[str, typer.Option(help="The team that answers for it, one of the catalog's.")],
    port: Annotated[int | None, typer.Option(help="Where it listens; else the next port that no other has.")] = None,
    catalog: CatalogOption = None,
) -> None:
    """Write the folder of a service that is checked, proved and tested, and add it to the catalog."""
    project = load(catalog)
    require_host(name, "service")
    _require_free(project, name, team)
    words = _words(project, name, team, port)
    file, listed = _catalog(project)
    before = source.passage(file).text
    if words["constant"] in names(before):
        words["constant"] += "_SERVICE"
    folder = project.home / words["folder"]
    after = _enrolled(before, listed, words)
    for written in _write(folder, words):
        sys.stdout.write(f"{_shown(written)}\n")
    _replace(file, after)
    sys.stdout.write(
        f"{_shown(file)}: one import, and {words['constant']} among the services\n\n"
        f"Next: `tocsin check`, `tocsin prove {name}`, `pytest {_shown(folder)}`, `tocsin build`.\n"
    )


def _require_free(project: Project, name: str, team: str) -> None:
    catalog = project.plan.catalog
    taken = [*(each.name for each in catalog.services), *(each.name for each in project.surroundings.companions)]
    if name in taken:
        raise TocsinError(f"There is a service {name} already: choose another name.")
    teams = [each.name for each in catalog.teams]
    if team not in teams:
        raise TocsinError(f"The catalog knows no team {team!r}: use one of {', '.join(teams)}, or add it to `teams`.")
    module = name.replace("-", "_")
    if keyword.iskeyword(module) or (_package(project) == "" and module in sys.stdlib_module_names):
        raise TocsinError(f"Python has a meaning for {module!r} of its own: choose another name.")
    for path in (project.home / module, project.home / f"{module}.py"):
        if path.exists():
            raise TocsinError(f"{_shown(path)} is there already: remove it, or choose another name.")


def _words(project: Project, name: str, team: str, port: int | None) -> dict[str, str]:
    """Return what the templates say in the places that they leave open."""
    folder = name.replace("-", "_")
    camel = "".join(part.capitalize() for part in name.split("-"))
    title = name.replace("-", " ")
    return {
        "name": name,
        "title": title,
        "Title": title.capitalize(),
        "team": team,
        "port": str(_port(project, port)),
        "folder": folder,
        "package": ".".join(filter(None, (_package(project), folder))),
        "constant": folder.upper(),
        "metric": folder,
        "camel": camel,
        "page": slug(f"{camel}EntriesRejected"),
    }


def _package(project: Project) -> str:
    return project.module.rpartition(".")[0]


def _port(project: Project, wanted: int | None) -> int:
    taken = {*usual_ports(project.plan, project.surroundings, tracked=True, shown=True).values()}
    taken |= {each.port for each in project.plan.catalog.services}
    if wanted is None:
        first = max((each.port for each in project.plan.catalog.services), default=_FIRST_PORT - 1)
        return next(port for port in range(first + 1, _LAST_PORT) if port not in taken)
    if not 0 < wanted <= _LAST_PORT:
        raise TocsinError(f"There is no port {wanted}: give one from 1 to {_LAST_PORT}.")
    if wanted in taken:
        raise TocsinError(f"The port {wanted} has another part of the stack: give another --port, or none.")
    return wanted


def _catalog(project: Project) -> tuple[Path, str]:
    """Return the file of the catalog's module, and the catalog's name in it."""
    reference = project.reference or str(source.settings(source.project_root())["catalog"])
    file = sys.modules[project.module].__file__
    if file is None or not file.endswith(".py"):
        raise TocsinError(f"The module {project.module} has no text to which a service could be added: name another.")
    return Path(file), reference.partition(":")[2]


def _enrolled(text: str, catalog: str, words: dict[str, str]) -> str:
    try:
        return enrolled(text, catalog, f"{words['package']}.monitoring", words["constant"])
    except Unclear:
        raise TocsinError(
            f"{catalog} does not list its services itself, as in services=(A, B), so that {words['constant']} could "
            "be added: list them there."
        ) from None


def _write(folder: Path, words: dict[str, str]) -> list[Path]:
    """Fill the templates into *folder*, and return what was written."""
    written = []
    try:
        for template in sorted(resources.files(__name__).joinpath("template").iterdir(), key=lambda each: each.name):
            file = _file(template.name.removesuffix(".tmpl"), folder, words["page"])
            if file.exists():
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(Template(template.read_text(encoding="utf-8")).substitute(words), encoding="utf-8")
            written.append(file)
    except OSError as cause:
        raise TocsinError(f"{cause.filename} cannot be written ({cause.strerror}): mend its permissions.") from None
    return written


def _file(template: str, folder: Path, page: str) -> Path:
    """Return what is made of a template; the page of the objectives' alerts is for all services, and may be there."""
    if template == "error-budget-burn.md":
        return folder.parent / "runbooks" / template
    return folder / "runbooks" / f"{page}.md" if template == "runbook.md" else folder / template


def _replace(file: Path, text: str) -> None:
    try:
        half = file.with_name(f".{file.name}.half")
        half.write_text(text, encoding="utf-8")
        half.replace(file)
    except OSError as cause:
        raise TocsinError(f"{cause.filename} cannot be written ({cause.strerror}): mend its permissions.") from None


def _shown(path: Path) -> str:
    root = source.project_root()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
