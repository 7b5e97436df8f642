"""Standard output, one write for each line; a closed, full or failing one never raises."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from threading import RLock
from typing import TextIO

_lock = RLock()
"""Held for one line, so that long lines of two threads do not mix."""


def _renew() -> None:
    global _lock  # noqa: PLW0603 - a child must not wait for a thread that only its parent has
    _lock = RLock()


os.register_at_fork(after_in_child=_renew)


class Stdout:
    """Writes to whatever sys.stdout is at the moment; *lost* is told of each line that could not be written."""

    def __init__(self, lost: Callable[[], None]) -> None:
        self._lost = lost
        self._stream: TextIO | None = None
        self._descriptor = -1

    def write(self, line: bytes) -> None:
        """Write *line*, which ends with a newline."""
        try:
            if sys.stdout is not self._stream:
                self._follow(sys.stdout)
            with _lock:
                if self._descriptor < 0:
                    sys.stdout.write(line.decode())
                    sys.stdout.flush()
                    return
                written = os.write(self._descriptor, line)
                while written < len(line):
                    written += os.write(self._descriptor, line[written:])
        except Exception:  # noqa: BLE001 - whatever is wrong with the output, the service goes on
            self._lost()

    def _follow(self, stream: TextIO) -> None:
        try:
            self._descriptor = stream.fileno()
        except OSError:  # io.UnsupportedOperation: a stream in memory
            self._descriptor = -1
        self._stream = stream
