"""What a log line costs that reaches a file at once: eight fields, and the context of a request.

The floor is orjson.dumps of what Tocsin's own line says, and one write. All loggers run in one process, each in a
context of its own.
"""

from __future__ import annotations

import contextvars
import logging
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import google.cloud.logging_v2
import orjson
import structlog
from asgi import scope, send
from google.cloud.logging_v2.handlers import StructuredLogHandler
from loguru import logger as loguru
from options import options
from pythonjsonlogger.orjson import OrjsonFormatter
from results import Goal, Table, report
from timing import Burst, compare

import tocsin

LINES, WARM = 400, 40
MESSAGE = "Sale synced"
FIELDS: dict[str, Any] = {
    "sale_id": "7f3e9c1a-4b1d-4a2e-9a57",
    "outlet": "berlin-mitte",
    "attempt": 2,
    "latency_ms": 12.345,
    "customer_id": 918273,
    "region": "europe-west1",
    "bytes_sent": 18234,
    "cache_hit": True,
}
TRACE, SPAN = "projects/shop/traces/4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
CONTEXT: dict[str, Any] = {
    "logging.googleapis.com/trace": TRACE,
    "logging.googleapis.com/spanId": SPAN,
    "logging.googleapis.com/trace_sampled": False,
    "logging.googleapis.com/labels": {"environment": "production", "request_id": "4bf92f3577b34da6a3ce929d0e0e4736"},
    "serviceContext": {"service": "shop", "version": "1.42.0"},
}
"""What Tocsin's line says besides message and fields; the peers say it too."""

SHOP = tocsin.Service(name="shop", team="shop", port=8000, because="Nobody can buy.")
OURS, STANDARD, STRUCTLOG = "tocsin: obs.log", "tocsin: through logging", "structlog with orjson"

Say = Callable[[], object]


def observed() -> tocsin.Observer:
    os.environ |= {
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "INFO",
        "SERVICE_VERSION": "1.42.0",
        "TOCSIN_ENVIRONMENT": "production",
        "GOOGLE_CLOUD_PROJECT": "shop",
    }

    async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - the interface
        contexts.append(contextvars.copy_context())
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return tocsin.observe(app, SHOP)


contexts: list[contextvars.Context] = []
"""Those in which the application answered a request."""


def inside_a_request(obs: tocsin.Observer) -> contextvars.Context:
    """Return the context that the application's code runs in while it answers a request."""
    try:
        obs.app(scope(1), None, send).send(None)
    except StopIteration:
        return contexts.pop()
    raise RuntimeError("The application waited for something: a benchmark's must not.")


def floor(path: Path, ours: Path) -> Say:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    record = orjson.loads(ours.read_bytes().splitlines()[-1])
    write, dumps, newline = os.write, orjson.dumps, orjson.OPT_APPEND_NEWLINE
    return lambda: write(descriptor, dumps(record, None, newline))


def with_structlog(path: Path) -> Say:
    def severity(_: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
        event["severity"] = method.upper()
        return event

    log = structlog.wrap_logger(
        structlog.BytesLogger(file=path.open("ab")),
        processors=[
            structlog.contextvars.merge_contextvars,
            severity,
            structlog.processors.TimeStamper(fmt="iso", key="time"),
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(serializer=orjson.dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    ).bind()
    structlog.contextvars.bind_contextvars(**CONTEXT)
    return lambda: log.info(MESSAGE, **FIELDS)


def apart(name: str, handler: logging.Handler) -> logging.Logger:
    log = logging.getLogger(name)
    log.handlers[:], log.propagate = [handler], False
    log.setLevel(logging.INFO)
    return log


def with_python_json_logger(path: Path) -> Say:
    handler = logging.FileHandler(path)
    renamed = {"levelname": "severity", "asctime": "time"}
    handler.setFormatter(OrjsonFormatter(["levelname", "message", "asctime"], rename_fields=renamed))
    handler.addFilter(lambda record: bool(record.__dict__.update(CONTEXT)) or True)
    log = apart("python-json-logger", handler)
    return lambda: log.info(MESSAGE, extra=FIELDS)


def with_loguru(path: Path) -> Say:
    loguru.remove()
    loguru.add(path, serialize=True, level="INFO")
    log = loguru.bind(**CONTEXT)
    return lambda: log.info(MESSAGE, **FIELDS)


def with_google(path: Path) -> Say:
    google.cloud.logging_v2._instrumentation_emitted = True  # noqa: SLF001 - its first line is about itself
    labels = CONTEXT["logging.googleapis.com/labels"]
    handler = StructuredLogHandler(stream=path.open("a"), project_id="shop", labels=labels)
    log = apart("google-cloud-logging", handler)
    fields = {**FIELDS, "serviceContext": CONTEXT["serviceContext"]}
    return lambda: log.info(MESSAGE, extra={"json_fields": fields, "trace": TRACE, "span_id": SPAN})


PEERS: dict[str, Callable[[Path], Say]] = {
    STRUCTLOG: with_structlog,
    "python-json-logger with orjson": with_python_json_logger,
    "loguru, serialize": with_loguru,
    "google-cloud-logging's StructuredLogHandler": with_google,
}


def burst(say: Say, context: contextvars.Context) -> Burst:
    def drive() -> float:
        for _ in range(WARM):
            say()
        began = perf_counter()
        for _ in range(LINES):
            say()
        return (perf_counter() - began) / LINES * 1e6

    return lambda: context.run(drive)


def measure(seconds: float, folder: Path) -> Table:
    own = folder / "tocsin"
    sys.stdout = own.open("w")
    obs = observed()
    context = inside_a_request(obs)
    standard = logging.getLogger("shop")
    subjects = {
        OURS: burst(lambda: obs.log.info(MESSAGE, **FIELDS), context),
        STANDARD: burst(lambda: standard.info(MESSAGE, extra=FIELDS), context.copy()),
    }
    for name, make in PEERS.items():
        apart_from_others = contextvars.copy_context()
        subjects[name] = burst(apart_from_others.run(make, folder / name), apart_from_others)
    for once in subjects.values():
        once()
    said = {name: example(folder / name) for name in PEERS} | {OURS: example(own)}
    context.run(obs.log.info, MESSAGE, **FIELDS)
    timed = compare(burst(floor(folder / "floor", own), context), subjects, seconds)
    lowest = timed.bare
    cost = {name: added + lowest for name, added in timed.added.items()}
    rows = [["floor: orjson.dumps and a write", f"{lowest:.2f}", "1.0", ""]]
    rows += [[name, f"{us:.2f}", f"{us / lowest:.1f}", str(said.get(name, ""))] for name, us in cost.items()]
    goals = [
        Goal("obs.log, of the floor", cost[OURS] / lowest, 2.2),
        Goal(f"obs.log, faster than {STRUCTLOG}", cost[STRUCTLOG] / cost[OURS], 2.5, at_least=True),
        Goal("through logging, of the floor", cost[STANDARD] / lowest, 6),
    ]
    head = ["line by", "us", "x floor", "bytes"]
    return Table("A log line: eight fields and context, unbuffered to a file", head, rows, goals, [timed.bursts + "."])


def example(path: Path) -> int:
    """Return the length of the last line, which must be JSON with every field."""
    line = path.read_bytes().splitlines()[-1]
    missing = [field for field in FIELDS if f'"{field}"'.encode() not in line]
    if missing or MESSAGE not in str(orjson.loads(line)):
        raise RuntimeError(f"The line of {path.name} lacks {', '.join(missing) or 'its message'}: {line[:200]!r}")
    return len(line)


def main() -> None:
    """Measure log lines, in a folder that is removed again."""
    given = options(default=20.0)
    with tempfile.TemporaryDirectory() as folder:
        tables = [measure(given.seconds, Path(folder))]
        sys.stdout = sys.__stdout__
    report(tables, given.into)


if __name__ == "__main__":
    main()
