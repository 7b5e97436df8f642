"""Rehearsals that readers of the console see again: one is replayed at a time, off the event loop, and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tocsin.proof.shown import Replay

KEPT = 64
"""Replays that are kept; what was seen first goes first."""


class Replays:
    """Replays of an alert under a fault; what is declared stays the same while the console runs."""

    def __init__(self, replay: Callable[[str, str], Replay]) -> None:
        self._replay = replay
        self._seen: dict[tuple[str, str], Replay] = {}
        self._turn = asyncio.Lock()

    async def of(self, alert: str, fault: str) -> Replay:
        """Return the replay of an *alert* under a *fault*, as the matrix names them.

        Raises:
            TocsinError: there is no such rehearsal, or promtool cannot judge it.

        """
        key = alert, fault
        async with self._turn:
            if key not in self._seen:
                self._seen[key] = await asyncio.to_thread(self._replay, alert, fault)
                while len(self._seen) > KEPT:
                    del self._seen[next(iter(self._seen))]
            return self._seen[key]
