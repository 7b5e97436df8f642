"""Looks at the folders that a catalog speaks of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tocsin.model import Observation


def look(runbooks: Mapping[str, Path], secrets: Path | None = None) -> Observation:
    """Return which runbook pages and, where a folder is named, which secrets are there.

    *runbooks* maps a service to the folder of its pages; pages that serve all lie under the name `""`.
    """
    pages = {
        f"{service}/runbooks/{page.name}".removeprefix("/")
        for service, folder in runbooks.items()
        for page in folder.glob("*.md")
    }
    found = frozenset(file.name for file in secrets.iterdir() if file.is_file()) if secrets else None
    return Observation(runbooks=frozenset(pages), secrets=found)
