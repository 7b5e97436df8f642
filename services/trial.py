"""A service under test: its real application, and how far its metrics move."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from tocsin import Service


@dataclass(frozen=True, slots=True)
class Trial:
    """An application and a client that calls it without a network."""

    service: Service
    client: httpx.AsyncClient

    async def readings(self) -> dict[str, float]:
        """Return every series of the service's own signals, as it is written in an exposition."""
        names = {name for signal in self.service.signals for name in signal.series_names}
        families = text_string_to_metric_families((await self.client.get("/metrics")).text)
        return {
            _spelled(sample.name, sample.labels): sample.value
            for family in families
            for sample in family.samples
            if sample.name in names
        }

    @asynccontextmanager
    async def moves(self) -> AsyncIterator[dict[str, float]]:
        """Fill in, at the end, how far each series moved; buckets and sums are left out."""
        moved: dict[str, float] = {}
        before = await self.readings()
        yield moved
        for name, value in (await self.readings()).items():
            if value != before[name] and not name.partition("{")[0].endswith(("_bucket", "_sum")):
                moved[name] = value - before[name]


@asynccontextmanager
async def trial(app: FastAPI, service: Service) -> AsyncIterator[Trial]:
    """Start an application, and stop it at the end."""
    async with app.router.lifespan_context(app), visiting(app, service) as found:
        yield found


@asynccontextmanager
async def visiting(app: FastAPI, service: Service) -> AsyncIterator[Trial]:
    """Call an application that was started elsewhere, or needs no start."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service.test") as client:
        yield Trial(service, client)


def _spelled(name: str, labels: dict[str, str]) -> str:
    inside = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
    return f"{name}{{{inside}}}" if inside else name
