"""`tocsin conform`: hold what a running service exposes, in whatever language, to what its catalog declares."""

from __future__ import annotations

from typing import Annotated

import typer

from tocsin import live
from tocsin.checks import conforming
from tocsin.cli import completing
from tocsin.cli.check import Judged, told
from tocsin.cli.findings import findings
from tocsin.cli.formats import Form
from tocsin.cli.project import CatalogOption, load
from tocsin.model import TocsinError


def conform(
    service: Annotated[str, typer.Argument(help="The service.", autocompletion=completing.services)],
    metrics: Annotated[str, typer.Option(help="What it exposes: a file, or the address of its /metrics.")],
    libraries: Annotated[
        str, typer.Option(help="How the names begin of metrics that its libraries choose, like tomcat_,hikaricp_.")
    ] = "",
    form: Annotated[Form, typer.Option("--format", help="How to write the problems.")] = "text",
    catalog: CatalogOption = None,
) -> None:
    """Judge whether a service exposes what its catalog declares: exit 0 when it does, 1 when something differs."""
    project = load(catalog)
    names = [known.name for known in project.plan.catalog.services]
    if service not in names:
        raise TocsinError(f"There is no service {service!r} in the catalog: choose one of {', '.join(names)}.")
    others = [each.strip() for each in libraries.split(",") if each.strip()]
    seen = live.look_at(service, metrics, others)
    found = findings(conforming(project.plan, seen), project.place)
    exposed = len(seen.exposed.families) if seen.exposed else 0
    told(Judged(found, (), f"{service} exposes {exposed} metrics as declared"), form)
