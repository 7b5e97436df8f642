"""How the sdk's tests talk to an application and read what it exposes and says."""

from __future__ import annotations

import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn
from prometheus_client.parser import text_string_to_metric_families

from tests.waiting import until
from tocsin import Observer

ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]
Line = dict[str, Any]


def client(app: ASGIApp) -> httpx.AsyncClient:
    """Return a client of *app* that gets the 500 of a broken request instead of its exception."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://shop.example")


def samples(text: str) -> dict[str, float]:
    """Return each sample's value by its name and labels, spelled as in the exposition with the labels sorted."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def exposed(obs: Observer) -> dict[str, float]:
    """Return what *obs* would expose."""
    return samples(obs._metrics.render().decode())  # noqa: SLF001 - the door says the same, and needs a request


async def scrape(app: ASGIApp) -> dict[str, float]:
    """Return what *app* exposes."""
    async with client(app) as scraper:
        answer = await scraper.get("/metrics")
    assert answer.status_code == 200
    return samples(answer.text)


def requests(found: dict[str, float]) -> dict[tuple[str, str, str], float]:
    """Return the count of requests by method, route and status, those above 0."""
    counted = {}
    for name, value in found.items():
        if name.startswith("http_requests_total{") and value:
            labels = dict(part.split("=", 1) for part in name[20:-1].split(","))
            method, route, status = (json.loads(labels[key]) for key in ("method", "route", "status_code"))
            counted[method, route, status] = value
    return counted


def http_scope(path: str = "/", method: str = "GET", **more: Any) -> dict[str, Any]:
    """Return the scope of a request, as a server makes it."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"shop.example")],
        **more,
    }


@contextmanager
def served(app: Any) -> Iterator[int]:
    """Serve *app* with uvicorn, in this process; yield the port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started, "uvicorn")
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
