"""What every verb that reads a store needs: its folder."""

from __future__ import annotations

import sys
from pathlib import Path

from tocsin.cli.logs.ship import store_folder
from tocsin.model import TocsinError


def store_to_read(given: Path | None) -> Path:
    """Return the folder of the store: the one *given*, or else that of the project's stack, which may come later.

    Raises:
        TocsinError: there is no folder where one is *given*.

    """
    if given is not None and not given.is_dir():
        raise TocsinError(f"There is no store in {given}: name its folder with --store.")
    return store_folder(given)


def tell_absence(store: Path) -> None:
    """Tell why nothing is found in a store that does not exist yet."""
    if not store.is_dir():
        sys.stderr.write(f"tocsin: There is no store in {store} yet: tocsin up and tocsin logs ship fill one.\n")
