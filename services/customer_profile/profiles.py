"""Profiles: two sources joined, behind a cache."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from services.customer_profile.monitoring import CACHE_HITS, ENRICHMENT, PROFILE_REQUESTS, SOURCE_UP
from services.customer_profile.sources import BigQuery, Lightspeed, Source, SourceError
from tocsin import Observer

T = TypeVar("T")


@dataclass(slots=True)
class Cache:
    """Remembers profiles for *ttl* seconds, and at most *size* of them."""

    ttl: float
    size: int = 10_000
    clock: Callable[[], float] = time.monotonic
    _kept: OrderedDict[int, tuple[float, dict[str, Any]]] = field(default_factory=OrderedDict)

    def get(self, key: int) -> dict[str, Any] | None:
        """Return what is kept, unless it is too old."""
        until, profile = self._kept.get(key, (0.0, None))
        return profile if self.clock() < until else None

    def put(self, key: int, profile: dict[str, Any]) -> None:
        """Keep a profile, and let the oldest go if there are too many."""
        self._kept.pop(key, None)
        self._kept[key] = (self.clock() + self.ttl, profile)
        if len(self._kept) > self.size:
            self._kept.popitem(last=False)


@dataclass(slots=True)
class Profiles:
    """Answers who a customer is and what they buy."""

    lightspeed: Lightspeed
    bigquery: BigQuery
    cache: Cache
    obs: Observer

    async def profile(self, customer_id: int) -> dict[str, Any] | None:
        """Return a profile, or None if there is no such customer.

        Without purchases it is marked incomplete, and not kept.

        Raises:
            SourceError: the customer records cannot be read.

        """
        self.obs.count(PROFILE_REQUESTS)
        if kept := self.cache.get(customer_id):
            self.obs.count(CACHE_HITS)
            return kept
        begun = time.perf_counter()
        customer, purchases = await asyncio.gather(
            self._asked(self.lightspeed, self.lightspeed.customer(customer_id)),
            self._asked(self.bigquery, self.bigquery.purchases(customer_id)),
            return_exceptions=True,
        )
        self.obs.record(ENRICHMENT, time.perf_counter() - begun)
        if isinstance(customer, BaseException):
            raise customer
        if customer is None:
            return None
        if isinstance(purchases, SourceError):
            return {"customer_id": customer_id, **customer, "purchases": None, "complete": False}
        if isinstance(purchases, BaseException):
            raise purchases
        profile = {"customer_id": customer_id, **customer, "purchases": purchases, "complete": True}
        self.cache.put(customer_id, profile)
        return profile

    async def probe(self, source: Source) -> bool:
        """Ask a source for nothing, to learn whether it answers."""
        try:
            await self._asked(source, source.rows("SELECT 1"))
        except SourceError:
            return False
        return True

    async def watch(self, interval: float) -> None:
        """Probe both sources for ever, every *interval* seconds."""
        while True:
            for source in (self.lightspeed, self.bigquery):
                await self.probe(source)
            await asyncio.sleep(interval)

    async def _asked(self, source: Source, answer: Awaitable[T]) -> T:
        try:
            found = await answer
        except SourceError as cause:
            self.obs.set(SOURCE_UP, 0, source=source.name)
            self.obs.log.warning("Data source failed", source=source.name, reason=str(cause))
            raise
        self.obs.set(SOURCE_UP, 1, source=source.name)
        return found
