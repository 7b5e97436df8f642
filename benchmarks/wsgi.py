"""What instrumentation adds to a WSGI request: to a plain application as multiples of the floor, and to one of Flask.

The floor is lost in the noise of a Flask request, which takes fifty times as long.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable
from io import BytesIO
from time import perf_counter
from typing import Any

import peers
from asgi import LOGGED, METRICS, NAMED, SENTRY, alone, ours
from flask import Flask
from options import options
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_flask_exporter import PrometheusMetrics
from results import Goal, Table, report
from timing import Burst, compare

REQUESTS, WARM = 200, 25
EXPORTER = "prometheus-flask-exporter"


class Floor:
    """Wraps start_response, reads the clock twice, records nothing."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        status = "500"

        def started(said: str, headers: Any, exc_info: Any = None) -> Any:
            nonlocal status
            status = said
            return start_response(said, headers, exc_info) if exc_info else start_response(said, headers)

        began = perf_counter()
        try:
            return self.app(environ, started)  # type: ignore[no-any-return]  # as the application says
        finally:
            perf_counter() - began


class Cached:
    """The same metrics with prometheus_client, its children remembered."""

    def __init__(self, app: Any) -> None:
        self.app = app
        registry, names = CollectorRegistry(), ("method", "route", "status_code")
        self.count = Counter("http_requests_total", "Requests.", names, registry=registry)
        self.time = Histogram("duration_seconds", "Duration.", names, registry=registry, buckets=peers.BUCKETS)
        self.children: dict[tuple[str, str, str], Any] = {}

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        status, route = "500", "unmatched"

        def started(said: str, headers: Any, exc_info: Any = None) -> Any:
            nonlocal status, route
            status = said
            request = environ.get("werkzeug.request")
            if request is not None and request.url_rule:
                route = request.url_rule.rule
            return start_response(said, headers, exc_info) if exc_info else start_response(said, headers)

        began = perf_counter()
        try:
            return self.app(environ, started)  # type: ignore[no-any-return]  # as the application says
        finally:
            seconds = perf_counter() - began
            labels = environ["REQUEST_METHOD"], route, status[:3]
            if labels not in self.children:
                self.children[labels] = self.count.labels(*labels).inc, self.time.labels(*labels).observe
            count, observe = self.children[labels]
            count()
            observe(seconds)


def flask() -> Any:
    app = Flask("shop")

    @app.get("/items/<int:id>")
    def item(id: int) -> dict[str, int]:  # noqa: A002 - the name in the path
        return {"id": id}

    return app


def plain() -> Any:
    def app(environ: Any, start_response: Any) -> list[bytes]:  # noqa: ARG001 - the interface
        start_response("200 OK", [])
        return [b"{}"]

    return app


def inside(kind: type[Any]) -> Callable[[Any], Any]:
    def wrap(app: Any) -> Any:
        if not hasattr(app, "wsgi_app"):
            return kind(app)
        app.wsgi_app = kind(app.wsgi_app)
        return app

    return wrap


def exporter(app: Any) -> Any:
    PrometheusMetrics(app, registry=CollectorRegistry(), group_by="url_rule")
    return app


def opentelemetry(app: Any) -> Any:
    from opentelemetry.instrumentation.flask import FlaskInstrumentor  # noqa: PLC0415 - it is loaded last
    from telemetry import telemetry  # noqa: PLC0415

    FlaskInstrumentor().instrument_app(app, **telemetry())
    return app


ANY: dict[str, Callable[[Any], Any]] = {
    "floor": inside(Floor),
    METRICS: ours("CRITICAL"),
    NAMED: ours("CRITICAL", "on"),
    LOGGED: ours("INFO", "on"),
    "prometheus_client, children remembered": inside(Cached),
}
CANDIDATES: dict[str, dict[str, Callable[[Any], Any]]] = {
    "plain": ANY,
    "flask": ANY | {EXPORTER: exporter},
}
MAKE: dict[str, Callable[[], Any]] = {"plain": plain, "flask": flask}


def environ(number: int) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": f"/items/{number}",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "HTTP_USER_AGENT": "wrk/4.1",
        "HTTP_ACCEPT": "*/*",
        "HTTP_TRACEPARENT": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(b""),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def start_response(status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], None]:  # noqa: ARG001 - PEP 3333
    if status != "200 OK":
        raise RuntimeError(f"The application answered {status}: a benchmark's must not fail.")
    return lambda _: None


def burst(app: Any) -> Burst:
    def serve(each: dict[str, Any]) -> None:
        body = app(each, start_response)
        for _ in body:
            pass
        close = getattr(body, "close", None)
        if close:
            close()

    def drive() -> float:
        asked = [environ(number) for number in range(WARM + REQUESTS)]
        for each in asked[:WARM]:
            serve(each)
        began = perf_counter()
        for each in asked[WARM:]:
            serve(each)
        return (perf_counter() - began) / REQUESTS * 1e6

    return drive


def measure(kind: str, seconds: float) -> Table:
    make = MAKE[kind]
    candidates = {name: burst(wrap(make())) for name, wrap in CANDIDATES[kind].items()}
    timed = compare(burst(make()), candidates, seconds)
    added = timed.added
    if kind == "flask":
        last = {"OpenTelemetry's Flask instrumentor": burst(opentelemetry(make()))}
        added |= compare(burst(make()), last, seconds / 4).added
        peers.sentry()
        added[SENTRY] = alone(burst(make()), seconds / 8) - timed.bare
    floor, metrics = added["floor"], added[METRICS]
    if kind == "plain":
        goal = Goal("WSGI, plain: request metrics, of the floor", metrics / floor, 2)
        rows = [[name, f"{value:.2f}", f"{value / floor:.1f}"] for name, value in added.items()]
        head = ["added by", "us", "x floor"]
    else:
        goal = Goal(f"Flask: less than {EXPORTER}", added[EXPORTER] / metrics, 10, at_least=True)
        rows = [[name, f"{value:.2f}"] for name, value in added.items()]
        head = ["added by", "us"]
    note = f"Bare application: {timed.bare:.1f} us; {timed.bursts}."
    return Table(f"Added to a WSGI request, {kind}", head, rows, [goal], [note])


def main() -> None:
    """Measure one kind of application; the log lines go to a file."""
    given = options(default=25.0, kinds=tuple(MAKE))
    with tempfile.TemporaryFile("w") as sink:
        sys.stdout = sink
        tables = [measure(given.kind, given.seconds)]
        sys.stdout = sys.__stdout__
    report(tables, given.into)


if __name__ == "__main__":
    main()
