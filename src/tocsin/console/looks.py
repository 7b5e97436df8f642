"""Looks at pages for all tabs at once: those who look at the same thing at the same time see one view."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from starlette.datastructures import QueryParams

from tocsin.console.page import Page
from tocsin.console.sources import Sources

SHARED_FOR = 1.0
"""Seconds for which a view is shown to others who ask for it."""


class Looks:
    """The views that were looked at last."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self._views: dict[tuple[str, str], tuple[float, asyncio.Task[Any]]] = {}

    async def at(self, page: Page, query: QueryParams, *, anew: bool) -> Any:
        """Return the view of *page*: one that another tab looks at just now, unless it is to be looked at *anew*."""
        now = time.monotonic()
        self._views = {key: each for key, each in self._views.items() if now < each[0] or not each[1].done()}
        key = page.path, str(query)
        if anew or key not in self._views:
            self._views[key] = now + SHARED_FOR, asyncio.create_task(_look(page, self.sources, query))
        return await asyncio.shield(self._views[key][1])


async def _look(page: Page, sources: Sources, query: QueryParams) -> Any:
    return await page.look(sources, query)
