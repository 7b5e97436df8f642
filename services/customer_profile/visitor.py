"""A till that greets whoever shows a customer card."""

from __future__ import annotations

from random import Random

import httpx

from services import shop

MISTYPED = 0.01
"""The share of cards with a number that nobody has."""


async def visit(client: httpx.AsyncClient, rng: Random) -> None:
    """Look up one customer, mostly one of the few who come often, and sometimes once more at payment."""
    often, total = 30, len(shop.CUSTOMERS)
    customer = rng.choice((rng.randint(1, often), rng.randint(1, often), rng.randint(1, total)))
    if rng.random() < MISTYPED:
        customer += total
    for _ in range(rng.choice((1, 1, 2))):
        await client.get(f"/profiles/{customer}")
