"""What the sdk's tests share: a service, and a process in which nothing else was observed."""

from __future__ import annotations

import json
import logging
import signal
import sys
from collections.abc import Callable, Iterator

import pytest
import structlog

from tests.sdk.reading import Line
from tocsin import Counter, Gauge, Histogram, Label, Service
from tocsin.sdk import drain, observer

ORDERS = Counter("orders_total", "Orders made.", (Label("kind", ("web", "till")),))
VISITS = Counter("visits_total", "Visits.")
SEARCHES = Counter("searches_total", "Searches.", (Label("term", limit=3), Label("found", ("yes", "no"))))
BASKET = Histogram("basket_euros", "What a basket is worth.", buckets=(10.0, 100.0))
WAITING = Gauge("orders_waiting", "Orders not yet packed.", (Label("kind", ("web", "till")),))

VARIABLES = (
    "K_REVISION",
    "GOOGLE_CLOUD_PROJECT",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "SENTRY_DSN",
    "SENTRY_DSN_FILE",
    "SENTRY_TRACES_SAMPLE_RATE",
    "TOCSIN_REDACT",
    "SERVICE_VERSION",
    "TOCSIN_REQUEST_ID",
    "TOCSIN_DRAIN",
    "TOCSIN_WORKERS",
    "TOCSIN_ENVIRONMENT",
    "TOCSIN_FAULTS",
    "TOCSIN_METRICS_PORT",
    "TOCSIN_METRICS_TOKEN",
    "TOCSIN_METRICS_TOKEN_FILE",
    "TOCSIN_PUSH",
    "TOCSIN_PUSH_TIMEOUT",
)

LOGGERS = (None, "uvicorn", "uvicorn.error", "uvicorn.access", "gunicorn.error", "gunicorn.access", "httpx", "httpcore")


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Run coroutine tests on each event loop."""
    return str(request.param)


@pytest.fixture
def shop() -> Service:
    """A service with a signal of each kind."""
    return Service(
        name="shop",
        team="shop",
        port=8000,
        because="Nobody can buy.",
        signals=(ORDERS, VISITS, SEARCHES, BASKET, WAITING),
    )


@pytest.fixture
def _impatient() -> Iterator[None]:
    """Let threads take turns as often as the interpreter can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget afterwards what observing a service leaves in the process."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(logger.level, logger.handlers[:], logger.propagate) for logger in loggers]
    terminated = signal.getsignal(signal.SIGTERM)
    yield
    drain.DRAIN.__init__()  # type: ignore[misc]  # every module has a reference to it
    signal.signal(signal.SIGTERM, terminated)
    observer._observers.clear()  # noqa: SLF001 - what the process knows of other tests
    logging.captureWarnings(False)  # noqa: FBT003 - it takes no name
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    for logger, (level, handlers, propagate) in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.handlers[:] = handlers
        logger.propagate = propagate


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[Line]]:
    """Return what was said since the last time, one record for each line."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.split("\n") if line]
