"""A part of the stack: the program to run, how it says that it is well, and how it fares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tocsin.model import TocsinError

Health = Literal["waiting", "starting", "healthy", "unhealthy", "restarting", "held", "stopped"]
"""`unhealthy` answers but is not ready; `held` was taken down on purpose and stays down until it is released."""


class PartFailed(TocsinError):  # noqa: N818 - said of a part, as in "the part failed"
    """A part did not become healthy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A program of the stack, all times in seconds.

    *ready* is an address that answers below 400 once the part is healthy; without one, a part that has run for a
    *pause* is. It is asked every *pause*; after *patience* silences in a row (no answer within *timeout*) the part
    counts as hung. It starts when all in *after* are healthy. *deadline* bounds its start, and *grace* its end between
    SIGTERM and SIGKILL.
    """

    name: str
    command: tuple[str, ...]
    folder: Path
    url: str = ""
    ready: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    deadline: float = 60.0
    grace: float = 5.0
    pause: float = 1.0
    timeout: float = 2.0
    patience: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PartState:
    """How a part fares now; *restarts* counts those that nobody asked for, *reason* says why the last one was."""

    name: str
    health: Health = "waiting"
    pid: int | None = None
    url: str = ""
    restarts: int = 0
    reason: str = ""
