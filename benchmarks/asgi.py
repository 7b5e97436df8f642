"""What request metrics add to a request, as multiples of the floor.

The floor is a middleware that wraps send, reads the clock twice and records nothing. All candidates run interleaved in
short rounds in one process; a round in which a calibration loop ran slowly is left out, since another program had the
core. Run it as `python benchmarks/asgi.py [seconds per application]`.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

import tocsin

App = Callable[[Any, Any, Any], Awaitable[None]]

REQUESTS = 300
HEADERS = [
    (b"host", b"127.0.0.1:8000"),
    (b"user-agent", b"wrk/4.1"),
    (b"accept", b"*/*"),
    (b"accept-encoding", b"gzip, deflate"),
    (b"traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    (b"content-length", b"0"),
]
SHOP = tocsin.Service(name="shop", team="shop", port=8000, because="Nobody can buy.")


def plain() -> App:
    async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - the interface
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    return app


def starlette() -> App:
    async def item(request: Request) -> JSONResponse:
        return JSONResponse({"id": request.path_params["id"]})

    return Starlette(routes=[Route("/items/{id}", item)])


def fastapi() -> App:
    app = FastAPI()

    @app.get("/items/{id}")
    async def item(id: int) -> dict[str, int]:  # noqa: A002 - the name in the path
        return {"id": id}

    return app


class Floor:
    """Wraps send, reads the clock twice, records nothing."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500

        async def watched(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = perf_counter()
        try:
            await self.app(scope, receive, watched)
        finally:
            perf_counter() - began


class PrometheusClient:
    """The same metrics with prometheus_client, its children remembered."""

    def __init__(self, app: App) -> None:
        self.app = app
        registry, names = CollectorRegistry(), ("method", "route", "status_code")
        self.count = Counter("http_requests_total", "Requests.", names, registry=registry)
        self.time = Histogram(
            "http_request_duration_seconds", "Duration.", names, registry=registry, buckets=SHOP.http_duration.buckets
        )
        self.children: dict[tuple[str, str, str], Any] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500

        async def watched(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = perf_counter()
        try:
            await self.app(scope, receive, watched)
        finally:
            seconds = perf_counter() - began
            route = scope.get("route")
            labels = scope["method"], route.path if route else "unmatched", str(status)
            if labels not in self.children:
                self.children[labels] = self.count.labels(*labels).inc, self.time.labels(*labels).observe
            count, observe = self.children[labels]
            count()
            observe(seconds)


def ours(level: str) -> Callable[[App], App]:
    def wrap(app: App) -> App:
        os.environ["LOG_LEVEL"], os.environ["LOG_FORMAT"] = level, "json"
        return tocsin.observe(app, SHOP).app

    return wrap


CANDIDATES: dict[str, Callable[[App], App]] = {
    "floor": Floor,
    "tocsin, metrics": ours("CRITICAL"),
    "tocsin, metrics and a log line": ours("INFO"),
    "prometheus_client": PrometheusClient,
}


async def receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def send(message: Any) -> None:
    """Take the message."""


def scope(number: int) -> dict[str, Any]:
    path = f"/items/{number}"
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": list(HEADERS),
        "client": ("127.0.0.1", 5000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }


async def drive(app: App) -> float:
    """Return the microseconds that a request takes."""
    scopes = [scope(number) for number in range(REQUESTS)]
    began = perf_counter()
    for each in scopes:
        await app(each, receive, send)
    return (perf_counter() - began) / REQUESTS * 1e6


def calibration() -> float:
    began = perf_counter()
    for number in range(REQUESTS):
        scope(number)
    return perf_counter() - began


async def measure(make: Callable[[], App], seconds: float) -> tuple[float, dict[str, float], int]:
    """Return the bare application's microseconds, what each candidate adds, and the rounds that counted."""
    bare = make()
    apps = {"bare": bare} | {name: wrap(make()) for name, wrap in CANDIDATES.items()}
    rounds: list[tuple[float, dict[str, float]]] = []
    until = perf_counter() + seconds
    while perf_counter() < until or len(rounds) < 10:
        before = calibration()
        times = {name: await drive(app) for name, app in apps.items()}
        rounds.append((max(before, calibration()), times))
    quickest = min(quiet for quiet, _ in rounds[2:])
    kept = [times for quiet, times in rounds[2:] if quiet < 1.25 * quickest]
    added = {name: statistics.median(times[name] - times["bare"] for times in kept) for name in CANDIDATES}
    return statistics.median(times["bare"] for times in kept), added, len(kept)


def main() -> None:
    """Print a table; the log lines go to the null device."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    table = sys.stderr
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for as long as the process lives
    for make in (plain, starlette, fastapi):
        bare, added, kept = asyncio.run(measure(make, seconds))
        print(f"{make.__name__}: bare {bare:.1f} us, {kept} quiet rounds", file=table)
        for name, microseconds in added.items():
            print(f"  {name:32s} +{microseconds:6.2f} us   {microseconds / added['floor']:5.2f} x floor", file=table)


if __name__ == "__main__":
    main()
