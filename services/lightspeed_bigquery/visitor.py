"""Somebody in the back office who looks at the day's sales."""

from __future__ import annotations

from random import Random

import httpx

IMPATIENT = 0.02
"""The share of visits that want the newest sales first."""
PATIENCE = 60.0
"""Seconds that such a visit waits."""


async def visit(client: httpx.AsyncClient, rng: Random) -> None:
    """Read the summary, then the best sellers or how the sync is doing."""
    if rng.random() < IMPATIENT:
        await client.post("/sync", timeout=PATIENCE)
    await client.get("/sales/summary", params={"hours": rng.choice((1, 8, 24, 168))})
    await client.get(rng.choice(("/products/top", "/products/top?limit=10", "/sync")))
