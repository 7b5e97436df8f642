"""Shows a page to a reader: looks, draws, and looks again as long as the reader does."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from nicegui import ui
from starlette.datastructures import QueryParams

from tocsin.console import pieces
from tocsin.console.looks import Looks
from tocsin.console.page import Page, Redraw, Visit

AT_ONCE = 0.7
"""Seconds that a reader waits for the first view, before the page is sent without it."""

_NEVER = 86_400.0


class Showing:
    """A page in one reader's browser."""

    def __init__(self, page: Page, looks: Looks, query: QueryParams, *, dark: bool) -> None:
        self._page = page
        self._looks = looks
        self._visit = Visit(
            sources=looks.sources,
            query=query,
            dark=dark,
            every=page.every,
            go=self._go,
            look_again=self._look_anew,
        )
        self._view: Any = None
        self._redraw: Redraw | None = None
        self._place = ui.element("div").classes("page").props('id="page" tabindex="-1"')
        self._looking = asyncio.Lock()
        self._due = 0.0
        self._seen = True

    async def begin(self) -> None:
        """Draw the page at once if its view is there, else say that it is being asked for."""
        ui.on("seen", self._note_seen)
        with self._place:
            pieces.loading()
        first = asyncio.create_task(self._look())
        await asyncio.wait({first}, timeout=AT_ONCE)
        ui.timer(1.0, self._tick)

    async def _tick(self) -> None:
        if self._seen and not self._looking.locked() and time.time() >= self._due:
            await self._look()

    def _note_seen(self, event: Any) -> None:
        self._seen = bool(event.args)

    async def _go(self, changes: Mapping[str, str | tuple[str, ...] | None]) -> None:
        kept = [(name, value) for name, value in self._visit.query.multi_items() if name not in changes]
        given = [(name, value) for name, values in changes.items() for value in _several(values)]
        self._visit.query = QueryParams([*kept, *given])
        ui.navigate.history.replace(f"{self._page.path}?{urlencode(self._visit.query.multi_items())}")
        self._view = None
        await self._look_anew()

    async def _look_anew(self) -> None:
        await self._look(anew=True)

    async def _look(self, *, anew: bool = False) -> None:
        async with self._looking:
            try:
                self._show(await self._looks.at(self._page, self._visit.query, anew=anew))
            except Exception:
                logging.getLogger(__name__).exception("The page %s cannot be shown.", self._page.path)
                self._say("This page cannot be shown, which is a fault of the console: its log has the reason.")
            # At whole multiples of the time, so that all tabs look at once and share a view.
            every = self._visit.every or _NEVER
            self._due = (time.time() // every + 1) * every

    def _show(self, view: Any) -> None:
        if self._place.is_deleted or (self._view is not None and view == self._view):
            return
        if self._redraw is not None and self._view is not None:
            with self._place:
                self._redraw(view)
        else:
            self._place.clear()
            with self._place:
                self._redraw = self._page.draw(view, self._visit)
        self._view = view

    def _say(self, sentence: str) -> None:
        self._view = None
        self._redraw = None
        self._place.clear()
        with self._place:
            pieces.away(sentence)


def _several(values: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return () if values is None else (values,) if isinstance(values, str) else values
