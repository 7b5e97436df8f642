"""The event loop that runs here: asyncio's, or trio's where somebody has imported it."""

from __future__ import annotations

import asyncio
import contextvars
import sys
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from threading import Thread
from typing import Any

Work = Callable[[], Awaitable[None]]


async def sleep(seconds: float) -> None:
    """Let others run for *seconds*."""
    await (_trio() or asyncio).sleep(seconds)


async def within(works: Iterable[tuple[float, Work]]) -> None:
    """Do every work beside the others, each for at most its seconds; one that takes longer is cancelled.

    None may raise. On asyncio one that ignores its cancellation is left to itself.
    """
    trio = _trio()
    if trio is None:
        await asyncio.gather(*(_limited(seconds, work) for seconds, work in works))
        return

    async def limited(seconds: float, work: Work) -> None:
        with trio.move_on_after(seconds):
            await work()

    async with trio.open_nursery() as nursery:
        for seconds, work in works:
            nursery.start_soon(limited, seconds, work)


class Call:
    """A call of *function* in a thread of its own, whose end any number of tasks may await.

    The thread holds nobody up: it is a daemon, so that the process may end before the function does.
    """

    def __init__(self, function: Callable[[], Any]) -> None:
        self._bells: set[Callable[[], object]] = set()
        self._function = function
        self._value: Any = None
        self._error: Exception | None = None
        self.ended = False
        run = contextvars.copy_context().run
        Thread(target=run, args=(self._run,), name="tocsin-call", daemon=True).start()

    async def result(self) -> Any:
        """Wait for the end, and return or raise what the function did."""
        event, ring = _bell()
        self._bells.add(ring)  # before the look at *ended*, or the bell could be missed
        try:
            if not self.ended:
                await event.wait()
        finally:
            self._bells.discard(ring)
        if self._error is not None:
            raise self._error
        return self._value

    def _run(self) -> None:
        try:
            self._value = self._function()
        except Exception as error:  # noqa: BLE001 - whoever waits gets it
            self._error = error
        finally:
            self.ended = True
            for ring in list(self._bells):
                with suppress(RuntimeError):  # the loop of who waited has ended
                    ring()


def _bell() -> tuple[Any, Callable[[], object]]:
    """Return an event of the loop, and how another thread sets it."""
    trio = _trio()
    if trio is None:
        event, loop = asyncio.Event(), asyncio.get_running_loop()
        return event, lambda: loop.call_soon_threadsafe(event.set)
    told, token = trio.Event(), trio.lowlevel.current_trio_token()
    return told, lambda: token.run_sync_soon(told.set)


async def _limited(seconds: float, work: Work) -> None:
    task = asyncio.ensure_future(work())
    try:
        await asyncio.wait((task,), timeout=seconds)
    finally:
        task.cancel()


def _trio() -> Any:
    """Return trio if it runs here."""
    trio = sys.modules.get("trio")
    return trio if trio is not None and trio.lowlevel.in_trio_run() else None
