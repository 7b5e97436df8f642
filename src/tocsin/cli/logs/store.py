"""What every verb that reads a store needs: its folder."""

from __future__ import annotations

from pathlib import Path

from tocsin.cli.logs.ship import store_folder
from tocsin.model import TocsinError


def store_to_read(given: Path | None) -> Path:
    """Return the folder of the store: the one *given*, which must be there, or else that of the project's stack.

    Raises:
        TocsinError: there is no such folder.

    """
    if given is not None and not given.is_dir():
        raise TocsinError(f"There is no store in {given}: name its folder with --store.")
    return store_folder(given)
