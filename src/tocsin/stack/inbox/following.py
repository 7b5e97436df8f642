"""The inbox followed from another process: every event as it comes, for many who wait for some."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

import httpx

from tocsin.stack.inbox.client import POLL, RETRY
from tocsin.stack.inbox.records import Event


class Following:
    """The events of the inbox at *base_url*, followed while it is entered."""

    def __init__(self, base_url: str) -> None:
        self._http = httpx.AsyncClient(base_url=base_url, timeout=POLL + 10, trust_env=False)
        self._events: list[Event] = []
        self._news = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._http.aclose()

    @property
    def last(self) -> int:
        """The number of the newest event that is known, 0 when there is none."""
        return self._events[-1].number if self._events else 0

    def latest(self, fits: Callable[[Event], bool]) -> Event | None:
        """Return the newest event that fits."""
        return next((event for event in reversed(self._events) if fits(event)), None)

    async def first(self, fits: Callable[[Event], bool], *, after: int) -> Event:
        """Wait for the first event numbered above *after* that fits."""
        seen = 0
        async with self._news:
            while True:
                for event in self._events[seen:]:
                    if event.number > after and fits(event):
                        return event
                seen = len(self._events)
                await self._news.wait()

    async def _follow(self) -> None:
        while True:
            try:
                answer = await self._http.get("/events.json", params={"after": self.last, "wait": POLL})
            except httpx.TransportError:
                await asyncio.sleep(RETRY)
                continue
            async with self._news:
                self._events += (Event(**item) for item in answer.raise_for_status().json()["events"])
                self._news.notify_all()
