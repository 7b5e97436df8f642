"""The FastAPI application that is loaded whole, with the instrumentation that VARIANT names and a line to LOG."""

from __future__ import annotations

import logging
import os
from typing import Any

from fastapi import FastAPI

VARIANT = os.environ["VARIANT"]


def shop() -> FastAPI:
    app = FastAPI()

    @app.get("/items/{id}")
    async def item(id: int) -> dict[str, Any]:  # noqa: A002 - the name in the path
        return {"hello": "world", "id": id}

    return app


def observed(app: FastAPI) -> None:
    import tocsin  # noqa: PLC0415 - what is not measured is not loaded

    tocsin.observe(app, tocsin.Service(name="shop", team="shop", port=8000, because="Nobody can buy."))


def instrumented(app: FastAPI) -> None:
    from prometheus_fastapi_instrumentator import Instrumentator  # noqa: PLC0415 - what is not measured is not loaded

    Instrumentator().instrument(app).expose(app)


def json_access_log() -> None:
    from pythonjsonlogger.orjson import OrjsonFormatter  # noqa: PLC0415 - what is not measured is not loaded

    handler = logging.FileHandler(os.environ["LOG"])
    renamed = {"levelname": "severity", "asctime": "time"}
    handler.setFormatter(OrjsonFormatter(["levelname", "message", "asctime"], rename_fields=renamed))
    log = logging.getLogger("uvicorn.access")
    log.handlers[:], log.propagate = [handler], False
    log.setLevel(logging.INFO)


def tracked() -> None:
    """Let everything be done for the error tracker but the asking."""
    from sentry_sdk.transport import HttpTransport  # noqa: PLC0415 - what is not measured is not loaded

    HttpTransport._send_request = lambda *_, **__: None  # type: ignore[method-assign]  # noqa: SLF001 - for a whole process
    os.environ["SENTRY_DSN"] = "https://key@localhost/1"


if VARIANT == "peers":
    import peers

    peers.sentry()
if VARIANT == "tocsin-tracked":
    tracked()
app = shop()
if VARIANT.startswith("tocsin"):
    observed(app)
if VARIANT in ("peers", "instrumentator"):
    instrumented(app)
if VARIANT == "peers":
    json_access_log()
