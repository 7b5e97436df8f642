"""How a log record is spelled: one JSON line of Google Cloud's structured form, or one line for people.

Sources: Cloud Logging's documentation, "Structured logging" (special fields in the JSON payload) and "LogEntry"
(HttpRequest, LogEntrySourceLocation), and Error Reporting's, "Format a log entry to report error events"
(serviceContext, stack_trace). Everything that a caller adds stands in the one object `fields`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog

from tocsin.model import Service
from tocsin.sdk.context import RequestContext
from tocsin.sdk.settings import Settings

TRACE = "logging.googleapis.com/trace"
SPAN = "logging.googleapis.com/spanId"
SAMPLED = "logging.googleapis.com/trace_sampled"
LABELS = "logging.googleapis.com/labels"
SOURCE = "logging.googleapis.com/sourceLocation"

_OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS
_DEEPEST = 20


@dataclass(slots=True)
class Record:
    """What is to be said; *source* is file, line and function, *asked* the request that it belongs to."""

    severity: str
    message: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    logger: str = ""
    source: tuple[str, int, str] | None = None
    stack: str = ""
    asked: RequestContext | None = None
    request: Mapping[str, Any] | None = None


Spell = Callable[[Record], bytes]


class Json:
    """Spells records as JSON lines."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self._context = orjson.Fragment(orjson.dumps({"service": service.name, "version": settings.version}))
        self._environment = settings.environment
        self._traces = f"projects/{settings.project}/traces/" if settings.project else ""
        self._clock = Clock()

    def __call__(self, record: Record) -> bytes:
        """Return the line of *record*, whatever its fields hold."""
        labels = {"environment": self._environment}
        line: dict[str, Any] = {
            "severity": record.severity,
            "message": record.message,
            "time": self._clock.now(),
            "serviceContext": self._context,
            LABELS: labels,
        }
        if record.logger:
            labels["logger"] = record.logger
        asked = record.asked
        if asked is not None:
            labels["request_id"] = asked.request_id
            if asked.trace_id:
                line[TRACE] = f"{self._traces}{asked.trace_id}"
                line[SPAN] = asked.span_id
                line[SAMPLED] = asked.sampled
        if record.request is not None:
            line["httpRequest"] = record.request
        if record.source is not None:
            file, number, function = record.source
            line[SOURCE] = {"file": file, "line": str(number), "function": function}
        if record.stack:
            line["stack_trace"] = record.stack
        if record.fields:
            line["fields"] = record.fields
        try:
            return orjson.dumps(line, _text, _OPTIONS)
        except (TypeError, RecursionError):
            return orjson.dumps(_plain(line), _text, _OPTIONS)


class Console:
    """Spells records for people, in colour on a terminal."""

    def __init__(self, *, colors: bool) -> None:
        self._render = structlog.dev.ConsoleRenderer(colors=colors)
        self._clock = Clock()

    def __call__(self, record: Record) -> bytes:
        """Return the line of *record*, and its stack below it."""
        event = {
            **{str(name): value for name, value in record.fields.items()},
            "timestamp": self._clock.now(),
            "level": record.severity.lower(),
            "event": record.message,
        }
        text = self._render(None, "", event)
        return f"{text}\n{record.stack}".rstrip("\n").encode("utf-8", "replace") + b"\n"


class Clock:
    """Tells the time as RFC 3339 in UTC with microseconds; the part down to the second is kept while it lasts."""

    def __init__(self) -> None:
        self._kept = (-1, "")

    def now(self) -> str:
        """Return the time."""
        seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
        kept, text = self._kept
        if seconds != kept:
            text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
            self._kept = (seconds, text)
        return f"{text}.{nanoseconds // 1000:06d}Z"


def _text(value: object) -> str:
    """Spell what JSON has no form for."""
    try:
        return str(value)
    except Exception as error:  # noqa: BLE001 - a stranger's object may raise anything when it is spelled
        return f"<{type(value).__name__}: {type(error).__name__} when it was spelled>"


def _plain(value: Any, depth: int = 0) -> Any:
    """Rebuild *value* of what every JSON parser reads: no cycles, no broken text, no number beyond 64 bits."""
    if value is None or isinstance(value, bool | float | orjson.Fragment):
        return value
    if isinstance(value, int) and -(2**63) <= value < 2**64:
        return int(value)
    if isinstance(value, dict) and depth < _DEEPEST:
        return {_plain_text(key): _plain(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset) and depth < _DEEPEST:
        return [_plain(inner, depth + 1) for inner in value]
    return _plain_text(value)


def _plain_text(value: object) -> str:
    return _text(value).encode("utf-8", "backslashreplace").decode()
