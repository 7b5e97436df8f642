"""Keeps one part alive: starts it, asks how it is, starts it again when it crashed or hangs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import httpx

from tocsin.stack import log
from tocsin.stack.part import Health, Part, PartFailed, PartState
from tocsin.stack.process import Process

BACKOFF = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 5.0)
"""Seconds before each restart in a row; a part that ran for longer than the last of them begins anew."""

ATTEMPTS = 3
"""A part that ends this often before it was healthy for the first time has failed."""

_QUICK_PAUSE = 0.2


class Keeper:
    """Keeps *part* alive and tells *notice* each change of its state; what it prints goes to the file *output*."""

    def __init__(
        self, part: Part, *, output: Path, client: httpx.AsyncClient, notice: Callable[[PartState], None]
    ) -> None:
        self.part = part
        self.state = PartState(name=part.name, url=part.url)
        self.came_up = asyncio.Event()
        self.stopped = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self._output = output
        self._client = client
        self._notice = notice
        self._changed = asyncio.Event()
        self._wanted = asyncio.Event()
        self._wanted.set()
        self._asked_to_restart = False
        self._process: Process | None = None

    async def start(self) -> None:
        """Start the part and wait until it is healthy.

        Raises:
            PartFailed: it ended again and again, or was not healthy in time.

        """
        self.task = asyncio.create_task(self._keep(), name=f"keep {self.part.name}")
        up = asyncio.create_task(self.came_up.wait())
        try:
            await asyncio.wait({self.task, up}, timeout=self.part.deadline, return_when=asyncio.FIRST_COMPLETED)
        finally:
            up.cancel()
        if self.task.done():
            self.task.result()
        if not self.came_up.is_set():
            raise self._failure(self._overdue)

    async def stop(self) -> None:
        """End the part for good."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
        self.stopped.set()
        if self.task is not None:
            self._show("stopped", pid=None)

    async def restart(self) -> None:
        """End the part, start it again, and wait until it is healthy; such a restart is not counted."""
        if self._process is not None:
            self._asked_to_restart = True
            await self._process.end(self.part.grace)
            self._show("restarting", pid=None)
        await self.until("healthy")

    async def hold_down(self) -> None:
        """Kill the part at once, and keep it down until it is released."""
        self._wanted.clear()
        if self._process is not None:
            self._process.kill()
        await self.until("held")

    async def release(self) -> None:
        """Let a part that was held down run again, and wait until it is healthy."""
        self._wanted.set()
        await self.until("healthy")

    async def until(self, health: Health) -> None:
        """Wait until the part's health is *health*."""
        while self.state.health != health:
            await self._changed.wait()

    async def _keep(self) -> None:
        in_a_row = 0
        while True:
            if not self._wanted.is_set():
                self._show("held", pid=None)
                await self._wanted.wait()
            reason, seconds = await self._run()
            if self._asked_to_restart or not self._wanted.is_set():
                self._asked_to_restart = False
                continue
            in_a_row = 1 if seconds > BACKOFF[-1] else in_a_row + 1
            if in_a_row >= ATTEMPTS and not self.came_up.is_set():
                raise self._failure(reason)
            self._show("restarting", pid=None, reason=reason, restarts=self.state.restarts + 1)
            await asyncio.sleep(BACKOFF[min(in_a_row, len(BACKOFF)) - 1])

    async def _run(self) -> tuple[str, float]:
        """Run the part once; return why it ended, and after how many seconds."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            process = await Process.start(
                self.part.command, folder=self.part.folder, environment=self.part.environment, log=self._output
            )
        except OSError as error:
            return f"could not be started ({error})", 0.0
        self._process = process
        try:
            self._show("starting", pid=process.pid)
            if not self._wanted.is_set():
                process.kill()
            reason = await self._watch(process)
        finally:
            self._process = None
            await process.end(self.part.grace)
        return reason, clock() - began

    async def _watch(self, process: Process) -> str:
        """Ask the part how it is, until it ends or hangs; return which."""
        clock = asyncio.get_running_loop().time
        overdue_at = clock() + self.part.deadline
        silences = 0
        answered = False
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self.part.pause if answered or not self.part.ready else _QUICK_PAUSE):
                    return await process.ended()
            log.bound(self._output)
            answer = await self._ask()
            answered = answered or answer == "healthy"
            silences = 0 if answer else silences + 1
            if answered and silences >= self.part.patience:
                process.kill()
                return f"did not answer {silences} times in a row"
            if not answered and clock() > overdue_at:
                process.kill()
                return self._overdue
            if answered and silences != 1:
                self._show(answer or "unhealthy")

    @property
    def _overdue(self) -> str:
        return f"was not healthy within {self.part.deadline:g} s"

    async def _ask(self) -> Literal["healthy", "unhealthy"] | None:
        if not self.part.ready:
            return "healthy"
        try:
            answer = await self._client.get(self.part.ready, timeout=self.part.timeout)
        except httpx.TransportError:
            return None
        return "unhealthy" if answer.is_error else "healthy"

    def _show(self, health: Health, **changes: Any) -> None:
        state = replace(self.state, health=health, **changes)
        if state == self.state:
            return
        self.state = state
        if health == "healthy":
            self.came_up.set()
        self._notice(state)
        self._changed.set()
        self._changed = asyncio.Event()

    def _failure(self, reason: str) -> PartFailed:
        said = log.last_line(self._output)
        words = f"the last it said is: {said}" if said else "it said nothing"
        return PartFailed(f"{self.part.name} {reason}; {words} (its log is {self._output}).")
