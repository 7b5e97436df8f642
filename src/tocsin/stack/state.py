"""The run folder's state file: which stack runs there, and how its parts fare.

A lock on a file beside it says whether a stack runs: the system frees it however the holder ends.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tocsin.model import TocsinError
from tocsin.stack.inbox.journal import write_whole
from tocsin.stack.part import PartState

_FILE = "state.json"
_LOCK = "lock"
_TRIES, _PAUSE = 5, 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class StackState:
    """A running stack: the process that supervises it, since when (Unix seconds), and every part's state."""

    pid: int
    since: float
    parts: tuple[PartState, ...]

    @property
    def healthy(self) -> bool:
        """Whether every part is."""
        return bool(self.parts) and all(part.health == "healthy" for part in self.parts)


@contextmanager
def sole(folder: Path) -> Iterator[None]:
    """Be the only stack that runs in *folder*.

    Raises:
        TocsinError: one runs there already.
        OSError: the folder cannot be written.

    """
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _take_soon(lock):
            running = read(folder)
            whose = f" (pid {running.pid})" if running else ""
            way_out = f", or with `kill {running.pid}`" if running else ""
            raise TocsinError(f"A stack runs in {folder} already{whose}: stop it with Ctrl-C in its terminal{way_out}.")
        (folder / _FILE).unlink(missing_ok=True)
        yield
        (folder / _FILE).unlink(missing_ok=True)
    finally:
        os.close(lock)


def write(folder: Path, parts: tuple[PartState, ...], since: float) -> None:
    """Write the state of this process's stack, all of it at once.

    Raises:
        TocsinError: the file cannot be written.

    """
    state = StackState(pid=os.getpid(), since=since, parts=parts)
    try:
        write_whole(folder / _FILE, json.dumps(asdict(state), indent=2).encode())
    except OSError as error:
        raise TocsinError(f"{folder / _FILE} cannot be written ({error.strerror}): the stack was stopped.") from None


def read(folder: Path) -> StackState | None:
    """Return the state of the stack that runs in *folder*, or None when none does.

    Raises:
        TocsinError: the folder's files cannot be read.

    """
    try:
        lock = os.open(folder / _LOCK, os.O_RDONLY)
        try:
            if _take(lock, fcntl.LOCK_SH):
                return None
        finally:
            os.close(lock)
        found = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        parts = tuple(PartState(**part) for part in found["parts"])
        return StackState(pid=found["pid"], since=found["since"], parts=parts)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TocsinError(f"The state of the stack in {folder} cannot be read ({error}): remove that folder.") from None


def ran_in(folder: Path) -> bool:
    """Tell whether a stack ever ran in *folder*."""
    return (folder / _LOCK).exists()


def _take(lock: int, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _take_soon(lock: int) -> bool:
    """Try a few times: whoever reads the state holds the lock for an instant."""
    for _ in range(_TRIES):
        if _take(lock, fcntl.LOCK_EX):
            return True
        time.sleep(_PAUSE)
    return False
