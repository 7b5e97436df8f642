"""Stores of log lines as tests want them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tocsin.logs import layout
from tocsin.logs import seal as sealing

Record = dict[str, Any]


def record(message: str = "sold", **members: Any) -> Record:
    """A line's members: those of a record of the shop, and *members* in place of them."""
    line = {
        "severity": "INFO",
        "time": "2026-11-25T04:00:00.000000Z",
        "message": message,
        "serviceContext": {"service": "shop", "version": "1"},
    }
    return line | members


def append(store: Path, records: Iterable[Record], service: str = "shop", number: int = 1) -> Path:
    """Append lines to a segment."""
    segment = layout.Segment(layout.service_folder(store, service), number)
    segment.folder.mkdir(parents=True, exist_ok=True)
    with segment.lines.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(record) + "\n" for record in records)
    return segment.lines


def seal(store: Path, service: str = "shop", number: int = 1) -> None:
    """Seal a segment, as the store does."""
    with sealing.connect() as connection:
        sealing.seal(store, layout.Segment(layout.service_folder(store, service), number), connection)


def contents(store: Path) -> dict[str, bytes]:
    """Every file of a store, by its path in it."""
    return {str(path.relative_to(store)): path.read_bytes() for path in store.rglob("*") if path.is_file()}
