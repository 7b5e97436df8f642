"""The journal: every accepted event as one line of JSON, written before the sender is told so."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from tocsin.model import TocsinError


def write_whole(path: Path, content: bytes) -> None:
    """Replace *path* by *content* at once, so that no reader or kill sees half of it; only its owner may read it."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    beside.touch(mode=0o600)
    beside.write_bytes(content)
    beside.replace(path)


class Journal:
    """The file `events.jsonl` in *folder*, held by one process.

    A line is one write, so a kill loses nothing that was acknowledged; what a kill tore off mid-line was not.
    Raises TocsinError when the folder cannot be written, or another process holds it.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "events.jsonl"
        self.unreadable = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as cause:
            raise TocsinError(
                f"The inbox cannot write {self.path} ({cause.strerror}): give it a folder that it may write."
            ) from cause
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as cause:
            os.close(self._file)
            raise TocsinError(f"Another inbox holds {self.path}: stop it, or give this one another folder.") from cause
        size = os.fstat(self._file).st_size
        self._torn = size > 0 and os.pread(self._file, 1, size - 1) != b"\n"

    def __iter__(self) -> Iterator[tuple[dict[str, Any], int]]:
        """Yield every whole line, parsed, and its bytes; count what cannot be read in `unreadable`."""
        with self.path.open("rb") as file:
            for line in file:
                try:
                    record = orjson.loads(line)
                except orjson.JSONDecodeError:
                    self.unreadable += 1
                    continue
                yield record, len(line)

    def append(self, record: dict[str, Any]) -> int:
        """Write *record* as a line and give its bytes; raises OSError when it could not be written whole."""
        line = orjson.dumps(record) + b"\n"
        # What was torn stays, on a line of its own.
        text = b"\n" + line if self._torn else line
        self._torn = True
        if os.write(self._file, text) != len(text):
            raise OSError(f"{self.path}: no room for a whole line")
        self._torn = False
        return len(line)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)
