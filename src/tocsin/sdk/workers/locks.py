"""Locks on single bytes of a file, each held by one process, and freed by the kernel however that process ends.

POSIX drops all of a process's locks on a file as soon as the process closes any descriptor of it, and a forked child
holds none of its parent's. So the file is opened once in a process, and read or copied by nobody.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PAUSE = 0.0005
"""Seconds between two tries to get a lock."""


class ByteLocks:
    """The locks on the bytes of *path*, which stand for no content; *descriptor* is the only one of this process."""

    def __init__(self, descriptor: int, path: Path | None) -> None:
        self._descriptor = descriptor
        self._path = path
        self._inode = os.fstat(descriptor).st_ino

    def take(self, byte: int) -> bool:
        """Lock *byte*, and tell whether that worked; it does when this process holds it already."""
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def free(self, byte: int) -> None:
        """Unlock *byte*."""
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, byte)

    def held_elsewhere(self, byte: int) -> bool:
        """Tell whether another process holds *byte*, which this one must not hold."""
        if not self.take(byte):
            return True
        self.free(byte)
        return False

    @contextmanager
    def holding(self, byte: int, patience: float) -> Iterator[bool]:
        """Hold *byte* if it can be had within *patience* seconds, and tell whether it could."""
        until = time.monotonic() + patience
        taken = self.take(byte)
        while not taken and time.monotonic() < until:
            time.sleep(_PAUSE)
            taken = self.take(byte)
        try:
            yield taken
        finally:
            if taken:
                self.free(byte)

    def in_place(self) -> bool:
        """Tell whether the file is still the one that others find, and the descriptor still that of the file."""
        try:
            mine = os.fstat(self._descriptor).st_ino
            return mine == self._inode and (self._path is None or os.stat(self._path).st_ino == mine)  # noqa: PTH116 - half the time
        except OSError:
            return False

    def close(self) -> None:
        """Give up every lock, unless the descriptor is another file's by now."""
        try:
            if os.fstat(self._descriptor).st_ino == self._inode:
                os.close(self._descriptor)
        except OSError:
            return
