"""The dashboards in a folder: files of JSON, each in the folder of Grafana in which it is shown."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import orjson

from tocsin.console.boards.models import Board, board


def boards(folder: Path) -> tuple[Board, ...]:
    """Return every dashboard below *folder*, by folder and title; what is no dashboard is passed over."""
    found = (_read(file, file.stat().st_mtime_ns) for file in sorted(folder.glob("**/*.json")))
    return tuple(sorted(filter(None, found), key=lambda each: (each.folder, each.title)))


@lru_cache(maxsize=500)
def _read(file: Path, _changed: int) -> Board | None:
    try:
        tree = orjson.loads(file.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    return board(tree, file.parent.name) if isinstance(tree, dict) and "panels" in tree else None
