"""Starts parts in their order, keeps them alive, and stops them in reverse."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

import httpx

from tocsin.model import TocsinError
from tocsin.stack import log
from tocsin.stack.keeper import Keeper
from tocsin.stack.part import Part, PartState


class Supervisor:
    """Runs *parts*, tells *notice* each change of a part's state, and keeps what they print in the folder *logs*."""

    def __init__(self, parts: Iterable[Part], *, logs: Path, notice: Callable[[PartState], None]) -> None:
        self._client = httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
        self._keepers = {
            part.name: Keeper(part, output=logs / f"{part.name}.log", client=self._client, notice=notice)
            for part in parts
        }
        self._logs = logs

    @property
    def states(self) -> tuple[PartState, ...]:
        """Every part's state, in the order in which they were given."""
        return tuple(keeper.state for keeper in self._keepers.values())

    async def start(self) -> None:
        """Start every part as soon as those before it are healthy; return when all are.

        Raises:
            PartFailed: a part did not become healthy; the others run on until `stop`.

        """
        for name in self._keepers:
            log.start_afresh(self._logs / f"{name}.log")
        try:
            async with asyncio.TaskGroup() as group:
                for keeper in self._keepers.values():
                    group.create_task(self._start_in_turn(keeper))
        except* TocsinError as failures:
            raise failures.exceptions[0] from None

    async def stop(self) -> None:
        """Stop every part, each after those that were started after it."""
        turns = (self._stop_in_turn(keeper) for keeper in self._keepers.values())
        ends = await asyncio.gather(*turns, return_exceptions=True)
        await self._client.aclose()
        for failure in filter(None, ends):
            raise failure

    async def restart(self, name: str) -> None:
        """End the part *name*, start it again, and wait until it is healthy; such a restart is not counted."""
        await self._keepers[name].restart()

    async def hold_down(self, name: str) -> None:
        """Kill the part *name* and keep it down until it is released."""
        await self._keepers[name].hold_down()

    async def release(self, name: str) -> None:
        """Let the part *name* run again after `hold_down`, and wait until it is healthy."""
        await self._keepers[name].release()

    async def failure(self) -> None:
        """Wait for what ends the supervision itself, such as a full disk, and raise it."""
        kept = [keeper.task for keeper in self._keepers.values() if keeper.task is not None]
        done, _ = await asyncio.wait(kept, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def _start_in_turn(self, keeper: Keeper) -> None:
        for name in keeper.part.after:
            await self._keepers[name].came_up.wait()
        await keeper.start()

    async def _stop_in_turn(self, keeper: Keeper) -> None:
        for other in self._keepers.values():
            if keeper.part.name in other.part.after:
                await other.stopped.wait()
        await keeper.stop()
