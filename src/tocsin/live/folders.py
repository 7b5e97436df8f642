"""Looks at the folders that a catalog speaks of."""

from __future__ import annotations

from pathlib import Path

from tocsin.model import Observation


def look(secrets: Path | None = None) -> Observation:
    """Return which secrets are there, where a folder is named."""
    found = frozenset(file.name for file in secrets.iterdir() if file.is_file()) if secrets else None
    return Observation(secrets=found)
