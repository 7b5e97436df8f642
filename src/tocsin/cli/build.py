"""`tocsin build`: write every artifact of the catalog, or say which are stale."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from tocsin import bundles, source
from tocsin.cli.findings import findings
from tocsin.cli.formats import text
from tocsin.cli.project import PROOF, CatalogOption, load
from tocsin.live.proofs import read_proofs
from tocsin.model import TocsinError
from tocsin.targets import PRODUCTION, Artifact
from tocsin.targets.runbooks import static
from tocsin.targets.text import NOTICE, NOTICE_MARKDOWN, NOTICE_SLASHES, NOTICE_SQL, NOTICE_TEXT

_WRITTEN = ("*.y*ml", "*.sql", "*.json", "*.ts", "*.md", "Dockerfile*")
"""What the files are called that may be ours."""

_NOTICES = (NOTICE, NOTICE_MARKDOWN, NOTICE_SLASHES, NOTICE_SQL)


def build(
    out: Annotated[Path | None, typer.Option(help="The folder to write to; monitoring/ by default.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; show what is stale and exit 1.")] = False,
    runbooks: Annotated[
        Path | None, typer.Option("--site", help="Write the runbooks there too, as pages for any web server.")
    ] = None,
    catalog: CatalogOption = None,
) -> None:
    """Write the Prometheus rules, the Alertmanager routes and all other artifacts of the catalog."""
    project = load(catalog)
    if problems := project.problems():
        text.report(findings(problems, project.place))
        raise typer.Exit(1)
    folder = out or source.project_root() / "monitoring"
    artifacts = bundles.deliver(project.plan, project.surroundings)
    if check and runbooks:
        raise TocsinError("--check writes nothing, and --site does: give one of them.")
    if runbooks and folder.resolve().is_relative_to(runbooks.resolve()):
        raise TocsinError(f"{runbooks} holds what else is written: choose another folder for --site.")
    if check:
        differences = list(_differences(folder, artifacts))
        sys.stdout.writelines(differences)
        raise typer.Exit(1 if differences else 0)
    changed = _write(folder, artifacts)
    sys.stdout.write(f"{len(artifacts)} artifacts in {_shown(folder)}, {changed} changed.\n")
    if runbooks is not None:
        pages = tuple(static(project.plan, PRODUCTION, read_proofs(source.project_root() / PROOF)))
        changed = _write(runbooks, pages)
        sys.stdout.write(f"{len(pages)} files of the runbooks in {_shown(runbooks)}, {changed} changed.\n")


def _differences(folder: Path, artifacts: tuple[Artifact, ...]) -> Iterator[str]:
    for artifact in artifacts:
        old = _read(folder / artifact.path)
        yield from difflib.unified_diff(
            old.splitlines(keepends=True),
            artifact.text.splitlines(keepends=True),
            f"{folder.name}/{artifact.path}",
            f"{folder.name}/{artifact.path} (as the catalog says)",
        )
    for stale in _stale(folder, artifacts):
        yield f"{folder.name}/{stale.relative_to(folder).as_posix()} is written by no target any more.\n"


def outdated(folder: Path, artifacts: tuple[Artifact, ...]) -> list[Path]:
    """Return the files of *folder* that a build would write or remove."""
    return [*(folder / artifact.path for artifact in _changed(folder, artifacts)), *_stale(folder, artifacts)]


def _changed(folder: Path, artifacts: tuple[Artifact, ...]) -> list[Artifact]:
    return [artifact for artifact in artifacts if _read(folder / artifact.path) != artifact.text]


def _write(folder: Path, artifacts: tuple[Artifact, ...]) -> int:
    changed = _changed(folder, artifacts)
    try:
        for artifact in changed:
            path = folder / artifact.path
            path.parent.mkdir(parents=True, exist_ok=True)
            half = path.with_name(f".{path.name}.half")
            half.write_text(artifact.text, encoding="utf-8")
            half.replace(path)
        for stale in _stale(folder, artifacts):
            stale.unlink()
    except OSError as cause:
        raise TocsinError(
            f"{cause.filename or folder} cannot be written ({cause.strerror}): "
            "mend its permissions, or choose another --out."
        ) from None
    return len(changed)


def _stale(folder: Path, artifacts: tuple[Artifact, ...]) -> Iterator[Path]:
    """Yield the files that we once wrote and now no longer do; those of other people stay."""
    current = {folder / artifact.path for artifact in artifacts}
    for path in sorted(path for pattern in _WRITTEN for path in folder.rglob(pattern)):
        if path not in current and _ours(path):
            yield path


def _ours(path: Path) -> bool:
    """Tell whether a file bears our notice: on top, or in JSON, which has no comments, among what it says of itself."""
    text = _read(path)
    return NOTICE_TEXT in text if path.suffix == ".json" else text.startswith(_NOTICES)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except OSError as cause:
        raise TocsinError(f"{path} cannot be read ({cause.strerror}): remove it, or choose another --out.") from None
    except UnicodeDecodeError:
        raise TocsinError(f"{path} is no text: remove it, or choose another --out.") from None


def _shown(folder: Path) -> str:
    root = source.project_root()
    return f"{folder.relative_to(root)}/" if folder.is_relative_to(root) else str(folder)
