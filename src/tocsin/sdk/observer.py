"""The one call, and what it returns."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Any, overload

from structlog.typing import FilteringBoundLogger

from tocsin.model import Counter, DeclarationError, Gauge, Histogram, Service
from tocsin.sdk import faults, routes
from tocsin.sdk.asgi import Middleware
from tocsin.sdk.cells import CounterCell, GaugeCell, HistogramCell
from tocsin.sdk.doors import Check, Doors
from tocsin.sdk.logs import Logs
from tocsin.sdk.metrics import Metrics
from tocsin.sdk.protocol import ASGIApp
from tocsin.sdk.records import Record
from tocsin.sdk.settings import Settings

_NOTICES = 1000
"""Different notices that one process gives; the count of what was dropped goes on."""


class Observer:
    """A service under observation: records its signals, says its logs, knows whether it is ready.

    Recording never raises; *app* is the application as it is to be served.
    """

    app: ASGIApp
    log: FilteringBoundLogger

    def __init__(self, app: ASGIApp, service: Service, settings: Settings) -> None:
        self._noticed: set[str] = set()
        self._metrics = Metrics(service, self._notice)
        self._logs = Logs(service, settings, lost=self._metrics.lost)
        self._doors = Doors(self._metrics)
        self._token = settings.faults_token
        self.log = self._logs.log
        self.app = self._installed(app)
        self._logs.install()

    def count(self, counter: Counter, /, by: float = 1, **labels: str) -> None:
        """Count *by* events."""
        self._metrics.count(counter, by, labels)

    def record(self, histogram: Histogram, value: float, /, **labels: str) -> None:
        """Record one observation."""
        self._metrics.record(histogram, value, labels)

    def set(self, gauge: Gauge, value: float, /, **labels: str) -> None:
        """Set a gauge."""
        self._metrics.set(gauge, value, labels)

    @overload
    def bind(self, signal: Counter, /, **labels: str) -> CounterCell: ...
    @overload
    def bind(self, signal: Histogram, /, **labels: str) -> HistogramCell: ...
    @overload
    def bind(self, signal: Gauge, /, **labels: str) -> GaugeCell: ...
    def bind(self, signal: Counter | Histogram | Gauge, /, **labels: str) -> CounterCell | HistogramCell | GaugeCell:
        """Return the series of *labels*, for hot paths: it has `count(by=1)`, `record(value)` or `set(value)`.

        Raises:
            DeclarationError: the service does not declare the signal, or the signal not these labels.

        """
        return self._metrics.bind(signal, labels)

    def ready(self, name: str, check: Check) -> None:
        """Let /readyz ask *check*, a function or coroutine function that returns whether *name* works.

        A function must not block: it is called on the event loop.
        """
        self._doors.checks[name] = check

    def _installed(self, app: Any) -> ASGIApp:
        """Put the middleware around the application's own outermost layer, or else around the application."""
        build = getattr(app, "build_middleware_stack", None)
        if isinstance(app, Middleware) or isinstance(build, _WatchedStack):
            raise DeclarationError("The application is observed already: call tocsin.observe once for it.")
        if build is None or not hasattr(app, "middleware_stack"):
            return self._watched(app, app)
        app.build_middleware_stack = _WatchedStack(build, lambda stack: self._watched(stack, app))
        if app.middleware_stack is not None:
            app.middleware_stack = app.build_middleware_stack()
        return app  # type: ignore[no-any-return]  # it was handed in as one

    def _watched(self, app: ASGIApp, framework: object) -> ASGIApp:
        doors = dict(self._doors.by_path)
        if self._token:
            app = door = faults.FaultDoor(app, self._token)
            doors[faults.PATH] = door.order
        self._metrics.requests.start(routes.known(framework))
        return Middleware(app, framework, self._metrics.requests, self._logs, doors)

    def _notice(self, key: str, sentence: str) -> None:
        if key not in self._noticed and len(self._noticed) < _NOTICES:
            self._noticed.add(key)
            if self._logs.level <= logging.WARNING:
                self._logs.say(Record("WARNING", sentence, logger="tocsin.sdk"))


class _WatchedStack:
    """The application's own way to build its middleware stack, and ours around it."""

    def __init__(self, build: Callable[[], ASGIApp], watch: Callable[[ASGIApp], ASGIApp]) -> None:
        self._build = build
        self._watch = watch

    def __call__(self) -> ASGIApp:
        return self._watch(self._build())


def observe(app: ASGIApp, service: Service) -> Observer:
    """Observe *app*, an ASGI application, as *service*.

    FastAPI and Starlette are instrumented in place; any other application must be served as the returned `app`.

    Raises:
        DeclarationError: the application is observed already, or a variable of the environment means nothing.

    """
    return Observer(app, service, Settings.read(os.environ, terminal=os.isatty(1)))
