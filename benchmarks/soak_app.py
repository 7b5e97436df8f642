"""The application that is soaked, and a tally of it from outside that no kill can take back.

A request adds a byte to one file before the observed application begins it, and to another when it has ended there.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from fastapi import FastAPI

import tocsin

WATCHED = ("/items/", "/orders/", "/refunds/")
SHOP = tocsin.Service(name="shop", team="shop", port=8000, because="Nobody can buy.")


class Tally:
    """Counts what begins and ends in *app*."""

    def __init__(self, app: Any, folder: Path) -> None:
        self.app = app
        appending = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self.begun, self.ended = (os.open(folder / name, appending) for name in ("begun", "ended"))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(WATCHED):
            await self.app(scope, receive, send)
            return
        os.write(self.begun, b".")
        try:
            await self.app(scope, receive, send)
        finally:
            os.write(self.ended, b".")


REFUNDS: dict[int, str] = {}

shop = FastAPI()
obs = tocsin.observe(shop, SHOP)


@shop.get("/items/{id}")
async def item(id: int) -> dict[str, int]:  # noqa: A002 - the name in the path
    return {"id": id}


@shop.get("/orders/{id}")
async def order(id: int) -> dict[str, int]:  # noqa: A002 - the name in the path
    obs.log.info("Order read", order_id=id, items=[{"sku": "A-1", "count": 2}] * 3)
    return {"id": id}


@shop.get("/refunds/{id}")
async def refund(id: int) -> dict[str, int]:  # noqa: A002 - the name in the path
    """Fail inside, say so to the logs and so to the error tracker, and answer all the same."""
    try:
        REFUNDS[id]
    except LookupError:
        obs.log.exception("Refund not found", refund_id=id)
    return {"id": id}


app = Tally(obs.app, Path(os.environ["SOAK"]))
