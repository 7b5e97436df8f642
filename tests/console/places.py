"""Where the console's tests let a page look: nowhere, but for what a test names."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import httpx
from starlette.datastructures import QueryParams

from tocsin.console.following import Following
from tocsin.console.metrics import Metrics
from tocsin.console.sources import Sources
from tocsin.derive import derive
from tocsin.model import Catalog

ROOT = Path(__file__).parents[2]

NOBODY = "http://127.0.0.1:1"
"""An address at which nothing listens."""

T = TypeVar("T")


@dataclass(frozen=True)
class Places:
    """Sources that are all away, save those that are *named*; each look is in an event loop of its own."""

    folder: Path
    catalog: Catalog
    named: dict[str, Any]

    def look(self, look: Callable[[Sources, QueryParams], Awaitable[T]], query: str = "") -> T:
        """Return a page's view."""
        return self.do(lambda sources: look(sources, QueryParams(query)))

    def do(self, act: Callable[[Sources], Awaitable[T]]) -> T:
        """Return what comes of *act*."""

        async def acted() -> T:
            async with httpx.AsyncClient(trust_env=False) as http:
                sources = self._sources(http)
                try:
                    return await act(sources)
                finally:
                    sources.following.close()

        return asyncio.run(acted())

    def at(self, **named: Any) -> Places:
        """Return these places with others named too."""
        return replace(self, named=self.named | named)

    def _sources(self, http: httpx.AsyncClient) -> Sources:
        away = dict.fromkeys(("prometheus", "alertmanager", "inbox", "tracker"), NOBODY) | self.named
        usual: dict[str, Any] = {
            "tracker_token": self.folder / "token",
            "store": self.folder / "store",
            "boards": self.folder,
            "artifacts": self.folder,
            "proof": self.folder / "proof.json",
        }
        metrics = Metrics(away["prometheus"], http)
        following = Following((usual | away)["store"])
        return Sources(plan=derive(self.catalog), http=http, metrics=metrics, following=following, **(usual | away))
