"""The bounded log of a part: what it prints, and the same of the run before."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

LARGEST = 16 * 1024 * 1024
"""Bytes after which a log is set aside; each part keeps one log set aside, so at most twice this."""

_TAIL = 8192


def start_afresh(log: Path) -> None:
    """Set the log of an earlier run aside."""
    if log.exists():
        log.replace(_aside(log))


def bound(log: Path) -> None:
    """Set *log* aside once it is larger than LARGEST, while its part goes on appending to the same file.

    A line that is printed between the copy and the cut is lost.
    """
    if log.exists() and log.stat().st_size > LARGEST:
        shutil.copyfile(log, _aside(log))
        os.truncate(log, 0)


def last_line(log: Path) -> str:
    """Return the last line of *log* that says something, or nothing."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL))
        lines = file.read().decode(errors="replace").splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _aside(log: Path) -> Path:
    return log.with_name(f"{log.name}.1")
