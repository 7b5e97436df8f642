"""`tocsin import rules`: rule files in, a module of declarations out, and the list of what is left to do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from tocsin import live, source
from tocsin.adopt import Adopted, Left, adopt
from tocsin.checks import Problem, from_plan, judge
from tocsin.derive import derive
from tocsin.model import Catalog, DeclarationError, Observation, Passage, Place, TocsinError
from tocsin.model.naming import require_host


def rules(
    files: Annotated[list[str], typer.Argument(help="Rule files, folders or patterns.")],
    service: Annotated[str, typer.Option(help="The service that they are for; else the one job that they name.")] = "",
    team: Annotated[str, typer.Option(help="The team that answers for it.")] = "team",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="The port on which it listens.")] = 8000,
    out: Annotated[Path | None, typer.Option(help="Where to write the module, instead of to standard output.")] = None,
) -> None:
    """Write the declarations that can be made of rules, and list what cannot: Prometheus's, Sloth's, Pyrra's."""
    for name, what in ((service or "x", "service"), (team, "team")):
        try:
            require_host(name, what)
        except DeclarationError as cause:
            raise TocsinError(str(cause)) from None
    if out is not None and out.exists():
        raise TocsinError(f"{out} exists already: name another file, or remove it first.")
    seen = live.look_into(files, [], [], [], 0.0)
    if not seen.rules:
        raise TocsinError(f"{', '.join(files)}: no rule was found: name files with `groups:` of rules.")
    adopted = adopt(seen.rules, service, team, port)
    if out is None:
        sys.stdout.write(adopted.text)
    else:
        out.write_text(adopted.text, encoding="utf-8")
    _list("Left to do", [*_unread(seen), *adopted.left])
    home = out.parent if out else Path()
    _list("What `tocsin check` will say", list(announced(adopted, seen.rules[0].place, home)))


def announced(adopted: Adopted, first: Place, home: Path) -> Iterator[Left]:
    """Yield what `tocsin check` finds in the declarations, each with the rule that they come from, else the *first*."""
    for problem in found(adopted, home):
        yield Left(_place(adopted, problem) or first, problem.subject, f"{problem.message} [{problem.check}]")


def found(adopted: Adopted, home: Path) -> tuple[Problem, ...]:
    """Return the problems of the declarations, as `tocsin check` finds them with the runbooks below *home*."""
    names: dict[str, object] = {}
    exec(compile(adopted.text, "imported", "exec"), names)  # noqa: S102 - our own text, whose strings are literals
    catalog = names["CATALOG"]
    if not isinstance(catalog, Catalog):
        raise TypeError(f"CATALOG is a {type(catalog).__name__}")
    pages = source.runbooks(catalog, home)
    seen = Observation(runbooks=pages, catalog=(Passage(adopted.text, "imported.py"),))
    return judge(from_plan(derive(catalog, {name: page.text for name, page in pages.items()}), seen))


def _place(adopted: Adopted, problem: Problem) -> Place | None:
    parts = (problem.declared, *reversed(problem.subject.split("/")))
    return next((adopted.places[part] for part in parts if part in adopted.places), None)


def _unread(seen: Observation) -> Iterator[Left]:
    yield from (Left(part.place, "", part.why) for part in seen.skipped)
    yield from (Left(part.place, "", part.why) for part in seen.refused)


def _list(title: str, left: list[Left]) -> None:
    if left:
        sys.stderr.write(f"{title}:\n")
    for each in left:
        subject = f"{each.subject}: " if each.subject else ""
        sys.stderr.write(f"{each.place.file}:{each.place.line}: {subject}{each.why}\n")
