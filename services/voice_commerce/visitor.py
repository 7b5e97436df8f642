"""A customer who talks to a speaker at home."""

from __future__ import annotations

from random import Random

import httpx

from services import shop

_SAID = (
    (50, ("order {number} {product} please", "could you send me {product}", "i want to buy {number} {product}")),
    (20, ("do you have any {product}", "how much does {product} cost", "can you find {product} for me")),
    (12, ("where is my order now", "when will my parcel arrive")),
    (6, ("please cancel my order", "cancel the last order")),
    (8, ("what can i do here", "help me please")),
    (4, ("play some jazz music", "turn off the kitchen lights")),
)


def utterance(rng: Random) -> str:
    """Return something that a customer says; none of it is a phrase that the classifier learnt."""
    ((_, phrases),) = rng.choices(_SAID, [weight for weight, _ in _SAID])
    product = rng.choice(shop.PRODUCTS).name
    return rng.choice(phrases).format(number=rng.choice(("two", "three", "4")), product=product)


async def visit(client: httpx.AsyncClient, rng: Random) -> None:
    """Say one thing, and look at the order if one came of it."""
    command = {"customer_id": rng.randint(1, len(shop.CUSTOMERS)), "utterance": utterance(rng)}
    answer = await client.post("/commands", json=command)
    order = answer.json()["order"] if answer.is_success else None
    if order:
        await client.get(f"/orders/{order['order_id']}")
