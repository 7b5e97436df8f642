"""What the project has: a catalog that loads, artifacts that are not stale, ports that are free."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tocsin import bundles, source
from tocsin.cli.build import outdated
from tocsin.cli.doctor.diagnosis import Diagnosis
from tocsin.cli.project import Project, load
from tocsin.model import TocsinError
from tocsin.stack import bugsink, console, ports, state
from tocsin.stack.setup import usual_ports

_SHOWN = 3


def examined(folder: Path, catalog: str | None) -> Iterator[Diagnosis]:
    """Yield what was found of the catalog, and if it loads, of monitoring/ and of the ports of a run in *folder*."""
    try:
        project = load(catalog)
    except TocsinError as problem:
        cure = "until then only `tocsin check --rules`, `explain` and `logs` have something to work on"
        yield Diagnosis("catalog", "mend", str(problem), cure)
        return
    count = len(project.plan.catalog.services)
    yield Diagnosis("catalog", "ok", f"{count} service{'s' if count > 1 else ''} in {source.project_root()}")
    yield _monitoring(project)
    yield _ports(project, folder)


def _monitoring(project: Project) -> Diagnosis:
    folder = source.project_root() / "monitoring"
    stale = outdated(folder, bundles.deliver(project.plan, project.surroundings))
    if not stale:
        return Diagnosis("monitoring/", "ok", "as the catalog says")
    names = ", ".join(path.relative_to(folder).as_posix() for path in stale[:_SHOWN])
    more = f" and {len(stale) - _SHOWN} more" if stale[_SHOWN:] else ""
    return Diagnosis("monitoring/", "mend", f"stale: {names}{more}", "`tocsin build` writes them")


def _ports(project: Project, folder: Path) -> Diagnosis:
    try:
        around = project.surroundings
        wanted = usual_ports(project.plan, around, tracked=bugsink.installed(), shown=console.installed())
        running = state.read(folder)
        if running is None:
            ports.require_free(wanted)
    except TocsinError as problem:
        said, _, cure = str(problem).rstrip(".").partition(": ")
        return Diagnosis("ports", "mend", said, cure)
    numbers = ", ".join(str(port) for port in sorted(wanted.values()))
    whose = "free" if running is None else f"of the stack that runs (pid {running.pid})"
    return Diagnosis("ports", "ok", f"{numbers}: {whose}")
