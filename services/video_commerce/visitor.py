"""A viewer in front of a browser; what the page would tell is told from here."""

from __future__ import annotations

from random import Random
from typing import Any

import httpx

from services.video_commerce.monitoring import REASONS

BROKEN = 0.01
"""The share of playbacks that fail."""
BUYING = 0.15
"""The share of viewers who put something into the cart."""


async def visit(client: httpx.AsyncClient, rng: Random) -> None:
    """Open the page, watch, perhaps buy, and leave."""
    await client.get("/")
    for asset in ("page.css", "player.js"):
        await client.get(f"/assets/{asset}")
    show = await client.get("/products")
    products = show.json() if show.is_success else []
    await client.post("/beacons", json={"events": _playback(rng, products)})
    await client.post("/beacons", json={"events": _leaving(rng)})


def _playback(rng: Random, products: list[dict[str, Any]]) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = [{"type": "start"}]
    if not products:
        return [*events, {"type": "failure", "reason": "network"}]
    if rng.random() < BROKEN:
        return [*events, {"type": "failure", "reason": rng.choice(REASONS)}]
    events.append({"type": "first_frame", "seconds": _about(rng, 0.6)})
    if rng.random() < BUYING:
        events.append({"type": "cart", "product_id": rng.choice(products)["id"]})
    return [*events, {"type": "rebuffer", "ratio": min(1.0, rng.expovariate(200))}]


def _leaving(rng: Random) -> list[dict[str, Any]]:
    return [
        {"type": "lcp", "seconds": _about(rng, 1.2)},
        {"type": "inp", "seconds": _about(rng, 0.08)},
        {"type": "cls", "score": min(1.0, rng.expovariate(40))},
    ]


def _about(rng: Random, median: float) -> float:
    """Return a duration around *median*, with the long tail that durations have."""
    return min(600.0, median * rng.lognormvariate(0, 0.4))
