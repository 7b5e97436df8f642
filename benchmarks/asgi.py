"""What instrumentation adds to an ASGI request, as multiples of the floor.

The floor is a middleware that wraps send, reads the clock twice and records nothing. OpenTelemetry's SDK, once it is
loaded, is asked for its current span by others, and sentry-sdk patches the whole process: they are measured last.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

import peers
from fastapi import FastAPI
from options import options
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_fastapi_instrumentator import Instrumentator
from results import Goal, Table, report
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette_exporter import PrometheusMiddleware
from timing import Burst, calibration, compare, quiet

import tocsin

App = Callable[[Any, Any, Any], Awaitable[None]]

REQUESTS, WARM = 200, 25
"""Requests of a burst, and those before it that bring the application back into the processor's caches."""

HEADERS = [
    (b"host", b"127.0.0.1:8000"),
    (b"user-agent", b"wrk/4.1"),
    (b"accept", b"*/*"),
    (b"accept-encoding", b"gzip, deflate"),
    (b"traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"),
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


def fastapi(**settings: Any) -> App:
    app = FastAPI(**settings)

    @app.get("/items/{id}")
    async def item(id: int) -> dict[str, int]:  # noqa: A002 - the name in the path
        return {"id": id}

    return app


class Floor:
    """Wraps send, reads the clock twice, records nothing."""

    def __init__(self, app: App) -> None:
        self.app = app

    def record(self, scope: Any, status: int, seconds: float) -> None:
        """Record a request."""

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


class Labels(Floor):
    """The same metrics with prometheus_client, its children asked for each time."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        registry, names = CollectorRegistry(), ("method", "route", "status_code")
        self.count = Counter("http_requests_total", "Requests.", names, registry=registry)
        self.time = Histogram("duration_seconds", "Duration.", names, registry=registry, buckets=peers.BUCKETS)

    def record(self, scope: Any, status: int, seconds: float) -> None:
        route = scope.get("route")
        labels = scope["method"], route.path if route else "unmatched", str(status)
        self.count.labels(*labels).inc()
        self.time.labels(*labels).observe(seconds)

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
            self.record(scope, status, perf_counter() - began)


class Cached(Labels):
    """The same, its children remembered."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self.children: dict[tuple[str, str, int], Any] = {}

    def record(self, scope: Any, status: int, seconds: float) -> None:
        route = scope.get("route")
        labels = scope["method"], route.path if route else "unmatched", status
        if labels not in self.children:
            said = labels[0], labels[1], str(status)
            self.children[labels] = self.count.labels(*said).inc, self.time.labels(*said).observe
        count, observe = self.children[labels]
        count()
        observe(seconds)


def ours(level: str, names: str = "off") -> Callable[[App], App]:
    def wrap(app: App) -> App:
        os.environ |= {"LOG_LEVEL": level, "LOG_FORMAT": "json", "TOCSIN_REQUEST_ID": names}
        return tocsin.observe(app, SHOP).app

    return wrap


def instrumentator(app: Any) -> App:
    Instrumentator(registry=CollectorRegistry()).instrument(app)
    return app


def exporter(app: Any) -> App:
    app.add_middleware(PrometheusMiddleware, group_paths=True)
    return app


def opentelemetry(app: App) -> App:
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware  # noqa: PLC0415 - it is loaded last
    from telemetry import telemetry  # noqa: PLC0415

    return OpenTelemetryMiddleware(app, **telemetry())


def own_telemetry(_: App) -> App:
    from telemetry import telemetry  # noqa: PLC0415 - it is loaded last

    return fastapi(telemetry={**telemetry(), "logs": False})


METRICS, NAMED, LOGGED = "tocsin: metrics", "tocsin: metrics and x-request-id", "tocsin: those and a log line"
PEER = "prometheus-fastapi-instrumentator"
ANY: dict[str, Callable[[App], App]] = {
    "floor": Floor,
    METRICS: ours("CRITICAL"),
    NAMED: ours("CRITICAL", "on"),
    LOGGED: ours("INFO", "on"),
    "prometheus_client, children remembered": Cached,
    "prometheus_client, labels() each time": Labels,
}
FRAMEWORK = {PEER: instrumentator, "starlette-exporter": exporter}
CANDIDATES: dict[str, dict[str, Callable[[App], App]]] = {
    "plain": ANY,
    "starlette": ANY | FRAMEWORK,
    "fastapi": ANY | FRAMEWORK,
}
LAST: dict[str, dict[str, Callable[[App], App]]] = {
    "plain": {},
    "starlette": {"OpenTelemetry's ASGI middleware": opentelemetry},
    "fastapi": {"OpenTelemetry's ASGI middleware": opentelemetry, "FastAPI's own telemetry": own_telemetry},
}
MAKE: dict[str, Callable[[], App]] = {"plain": plain, "starlette": starlette, "fastapi": fastapi}
SENTRY = "sentry-sdk's own integration, 10 % traces"


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


def burst(app: App, loop: asyncio.AbstractEventLoop) -> Burst:
    async def drive() -> float:
        scopes = [scope(number) for number in range(WARM + REQUESTS)]
        for each in scopes[:WARM]:
            await app(each, receive, send)
        began = perf_counter()
        for each in scopes[WARM:]:
            await app(each, receive, send)
        return (perf_counter() - began) / REQUESTS * 1e6

    return lambda: loop.run_until_complete(drive())


def alone(work: Burst, seconds: float) -> float:
    """Return the median microseconds of *work* by itself, in quiet bursts."""
    taken, until = [], perf_counter() + seconds
    while perf_counter() < until:
        calm, value = calibration(), work()
        taken.append((max(calm, calibration()), value, 0.0))
    return statistics.median(value for _, value, _ in quiet(taken[3:], min(taken)[0]))


def measure(framework: str, seconds: float) -> Table:
    loop, make = asyncio.new_event_loop(), MAKE[framework]
    bare = burst(make(), loop)
    candidates = {name: burst(wrap(make()), loop) for name, wrap in CANDIDATES[framework].items()}
    timed = compare(bare, candidates, seconds)
    added = timed.added
    last = {name: burst(wrap(make()), loop) for name, wrap in LAST[framework].items()}
    if last:
        added |= compare(bare, last, seconds / 4).added
        peers.sentry()
        added[SENTRY] = alone(burst(make(), loop), seconds / 8) - timed.bare
    floor = added["floor"]
    goals = [Goal(f"{framework}: request metrics, of the floor", added[METRICS] / floor, 2)]
    if framework == "fastapi":
        less = added[PEER] / added[METRICS]
        goals.append(Goal(f"{framework}: less than {PEER}", less, 10, at_least=True))
    rows = [[name, f"{value:.2f}", f"{value / floor:.1f}"] for name, value in added.items()]
    title = f"Added to an ASGI request, {framework}"
    note = f"Bare application: {timed.bare:.1f} us; {timed.bursts}."
    return Table(title, ["added by", "us", "x floor"], rows, goals, [note])


def main() -> None:
    """Measure one framework; the log lines go to a file."""
    given = options(default=25.0, kinds=tuple(MAKE))
    with tempfile.TemporaryFile("w") as sink:
        sys.stdout = sink
        tables = [measure(given.kind, given.seconds)]
        sys.stdout = sys.__stdout__
    report(tables, given.into)


if __name__ == "__main__":
    main()
