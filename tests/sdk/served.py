"""A service for a real server to serve: it answers, streams, breaks and logs."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

import tocsin
from tocsin import Counter, Service

VISITS = Counter("visits_total", "Visits.")

app = FastAPI()
obs = tocsin.observe(
    app, Service(name="served", team="shop", port=8000, because="Nobody is served.", signals=(VISITS,))
)


@app.get("/items/{number}")
async def item(number: int) -> int:
    """Answer, and say so."""
    obs.count(VISITS)
    obs.log.info("Item shown", number=number)
    return number


@app.get("/threaded")
def threaded() -> str:
    """Answer from a thread."""
    obs.count(VISITS)
    logging.getLogger("served").info("In a thread")
    return "threaded"


@app.get("/stream")
async def stream() -> StreamingResponse:
    """Answer in parts."""

    async def parts() -> AsyncIterator[bytes]:
        for number in range(10):
            yield b"%d" % number

    return StreamingResponse(parts())


@app.get("/boom")
async def boom() -> None:
    """Break."""
    raise RuntimeError("broken on purpose")
