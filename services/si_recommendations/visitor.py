"""A customer who looks around in the shop."""

from __future__ import annotations

from random import Random

import httpx

from services import shop

NEW = 0.1
"""The share of visitors who have bought nothing yet."""


async def visit(client: httpx.AsyncClient, rng: Random) -> None:
    """Open a page or two that show recommendations."""
    customer = rng.randint(1, shop.REGULARS)
    if rng.random() < NEW:
        customer = shop.REGULARS + rng.randint(1, shop.NEWCOMERS)
    for _ in range(rng.choice((1, 2))):
        await client.get(f"/recommendations/{customer}", params={"limit": rng.choice((3, 5, 8))})
