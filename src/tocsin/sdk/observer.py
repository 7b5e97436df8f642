"""The one call, and what it returns."""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from threading import RLock
from typing import Any, overload

from structlog.typing import FilteringBoundLogger

from tocsin.model import SDK_DROPPED, Counter, Gauge, Histogram, Service
from tocsin.sdk import asgi, breakable, errors, frameworks
from tocsin.sdk.alone import Alone, Recording
from tocsin.sdk.cells import CounterCell, GaugeCell, HistogramCell
from tocsin.sdk.distortion import distorting
from tocsin.sdk.doors import METRICS, Doors
from tocsin.sdk.drain import DRAIN
from tocsin.sdk.errors import Tracker
from tocsin.sdk.faults import PATH, FaultDoor, Faults
from tocsin.sdk.foreign import Collector, Registries, Registry
from tocsin.sdk.logs import Logs
from tocsin.sdk.metrics import Metrics
from tocsin.sdk.port import Port
from tocsin.sdk.push import Destination, Push
from tocsin.sdk.readiness import WITHIN, Check, Readiness
from tocsin.sdk.records import Record
from tocsin.sdk.redact import Redactor
from tocsin.sdk.scrapes import Scrapes
from tocsin.sdk.settings import Settings, level
from tocsin.sdk.witness import Witness
from tocsin.sdk.workers.place import place, wanted
from tocsin.sdk.workers.shared import Shared

_NOTICES = 1000
"""Different notices that one process gives; the count of what was dropped goes on."""


class Observer:
    """A service under observation: records its signals, says its logs, knows whether it is ready.

    Recording never raises; *app* is the application as it is to be served, None in a process that runs jobs alone.
    """

    app: Any
    tracker: Tracker | None
    log: FilteringBoundLogger
    collector: Collector

    def __init__(self, app: Any, service: Service, settings: Settings, registries: Iterable[Registry] = ()) -> None:
        self._noticed: dict[str, object] = {}
        self._faults = self._breaking(service, settings)
        distort = distorting(self._faults, self._bound) if self._faults else None
        self._metrics = Metrics(service, self._notice, self._recording(service, settings), distort)
        self._redactor = Redactor(settings.redacted)
        self._logs = Logs(service, settings, self._redactor, lost=self._metrics.lost, written=self._metrics.written())
        self.tracker = Tracker.from_settings(settings, service, self._redactor, self._metrics.dropped)
        beside = Registries(registries, service, self._dropped("registry"), self._notice)
        scrapes = Scrapes(self._metrics, beside, settings.metrics_token)
        self._readiness = Readiness(DRAIN, self._say)
        self._doors = Doors(scrapes, self._readiness)
        scraped = breakable.refusing(scrapes.answer, self._faults) if self._faults else scrapes.answer
        self._port = Port(scraped, settings.metrics_port, self._dropped("port")) if settings.metrics_port else None
        self._drain = settings.drain
        self._token = settings.faults_token
        self._witness = Witness(self._logs, self.tracker, names=settings.names)
        self.service = service
        self.log = self._logs.log
        self.collector = Collector(self._metrics.render)
        self._push = self._pusher(settings)
        self._logs.install()
        self._track()
        self.app = None
        if app is not None:
            self.app = frameworks.installed(app, self._watched)
            self._begins(server=False)

    def count(self, counter: Counter, /, by: float = 1, **labels: str) -> None:
        """Count *by* events."""
        self._metrics.count(counter, by, labels)

    def record(self, histogram: Histogram, value: float, /, **labels: str) -> None:
        """Record one observation."""
        self._metrics.record(histogram, value, labels)

    def set(self, gauge: Gauge, value: float, /, **labels: str) -> None:
        """Set a gauge."""
        self._metrics.set(gauge, value, labels)

    def capture(self, error: BaseException, /, operation: str = "", **extra: object) -> None:
        """Tell the error tracker of *error*, which *operation* met; *extra* is what else may help.

        Without a name the operation is the request that is answered, or the job that runs.
        """
        if self.tracker is not None:
            self.tracker.capture(error, operation, extra)

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

    def ready(self, name: str, check: Check, *, within: float = WITHIN) -> None:
        """Let /readyz ask *check*, a function or coroutine function that returns whether *name* works.

        One that takes more than *within* seconds fails. A function is called in a thread, and may block there.

        Raises:
            DeclarationError: *within* is no time.

        """
        self._readiness.add(name, check, within)

    def level(self, name: str) -> None:
        """Say from now on, in this process, what is at least of the level *name*; LOG_LEVEL says where it begins.

        It holds for `log` and what was bound from it, for structlog's loggers, for the standard library's root, and
        for the lines of requests.

        Raises:
            DeclarationError: there is no such level.

        """
        self._logs.set_level(level(name))

    def push(self, instance: str, /, *, wait: bool = True) -> None:
        """Push what the service's own code recorded to where TOCSIN_PUSH says, under the name of an *instance*.

        Takes at most TOCSIN_PUSH_TIMEOUT seconds, and never raises; without *wait* the end of the process takes them.
        """
        if self._push is not None:
            names = frozenset(signal.name for signal in (*self.service.recorded, SDK_DROPPED))
            self._push.send(self._metrics.render().decode(), names, instance, wait=wait)

    def _track(self) -> None:
        """Let the error tracker hear what is logged, and let nothing wait for it when the process ends."""
        if self.tracker is not None:
            self._logs.heard = self.tracker.heard
            DRAIN.add(errors.flush)

    def _recording(self, service: Service, settings: Settings) -> Recording:
        if not wanted(settings.workers):
            return Alone()
        return Shared(service.name, settings.workers, self._notice)

    def _breaking(self, service: Service, settings: Settings) -> Faults | None:
        """Return what breaks the service when it is ordered to; None where no fault door was asked for."""
        if not settings.faults_token:
            return None

        def locate() -> Path | None:
            if not wanted(settings.workers):
                return None
            meeting = place(service.name, settings.workers)
            meeting.prepare()
            return meeting.order

        return Faults(service, locate, self._say)

    def _bound(self, signal: Counter, labels: Mapping[str, str]) -> Any:
        return self._metrics.bind(signal, labels)

    def _pusher(self, settings: Settings) -> Push | None:
        if not settings.push:
            return None
        destination = Destination.read(settings.push)
        return Push(
            destination,
            settings.push_timeout,
            service=self.service,
            version=settings.version,
            environment=settings.environment,
            failed=self._dropped("push"),
        )

    def _watched(self, kind: frameworks.Kind, app: Any, framework: object) -> Any:
        doors = {path: door for path, door in self._doors.by_path.items() if not (self._port and path == METRICS)}
        if self._faults is not None:
            doors[PATH] = FaultDoor(self._token, self._faults).answer
            kind, app = breakable.breaking(kind, app, self._faults)
        if self.tracker is not None:
            self.tracker.framework = framework
        watched = kind(app, framework, self._metrics.requests, self._witness, doors)
        if isinstance(watched, asgi.Middleware):
            watched.begins = functools.partial(self._begins, server=True)
            watched.ends = DRAIN.flush
        return watched

    def _begins(self, *, server: bool) -> None:
        """Get ready to be scraped, and to end; where the *server* tells that it begins, in the process that serves."""
        DRAIN.install(self._drain)
        if self._port is not None:
            self._port.open(begun=server)

    def _dropped(self, reason: str) -> Callable[[str], None]:
        return functools.partial(self._metrics.dropped, reason)

    def _notice(self, key: str, sentence: str) -> None:
        if key in self._noticed or len(self._noticed) >= _NOTICES:
            return
        mine = object()  # of the threads that come here at once, one finds its own
        if self._noticed.setdefault(key, mine) is mine:
            self._say(logging.WARNING, sentence)

    def _say(self, level: int, sentence: str) -> None:
        if self._logs.level <= level:
            self._logs.say(Record(logging.getLevelName(level), sentence, logger="tocsin.sdk"))


_observers: dict[str, Observer] = {}
"""The latest observer of each service in this process."""
_LOCK = RLock()


def observed(service: Service) -> Observer:
    """Return the observer of *service* in this process; a new one if it has none."""
    with _LOCK:
        known = _observers.get(service.name)
        if known is None or known.service != service:
            known = _observers[service.name] = Observer(None, service, _settings())
        return known


def _settings() -> Settings:
    return Settings.read(os.environ, terminal=os.isatty(1))


def observe(app: Any, service: Service, *, registries: Iterable[Registry] = ()) -> Observer:
    """Observe *app*, an ASGI or WSGI application, as *service*.

    FastAPI, Starlette, Litestar and Flask are instrumented in place; any other application (Django's handlers, too)
    must be served as the returned `app`. The *registries* of prometheus_client are served beside the service's metrics,
    whose names win.

    Raises:
        DeclarationError: the application is observed already, it cannot be told whether it is ASGI or WSGI, or a
            variable of the environment means nothing.

    """
    observer = _observers[service.name] = Observer(app, service, _settings(), registries)
    return observer
