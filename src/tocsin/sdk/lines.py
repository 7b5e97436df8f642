"""How a log record is spelled: one JSON line of Google Cloud's structured form, or one line for people.

Sources: Cloud Logging's documentation, "Structured logging" (special fields in the JSON payload) and "LogEntry"
(HttpRequest, LogEntrySourceLocation), and Error Reporting's, "Format errors in logs" (serviceContext, stack_trace).
Everything that a caller adds stands in the one object `fields`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog

from tocsin.model import LOG_SEVERITIES, Service
from tocsin.sdk.context import RequestContext
from tocsin.sdk.cut import LONGEST, fitting
from tocsin.sdk.records import Record, spelled
from tocsin.sdk.redact import Redactor
from tocsin.sdk.settings import Settings
from tocsin.sdk.short import clock

TRACE = "logging.googleapis.com/trace"
SPAN = "logging.googleapis.com/spanId"
SAMPLED = "logging.googleapis.com/trace_sampled"
LABELS = "logging.googleapis.com/labels"
SOURCE = "logging.googleapis.com/sourceLocation"

_SPAN, _SAMPLED = SPAN.encode(), SAMPLED.encode()
_REMEMBERED = 1024

Spell = Callable[[Record], bytes]


class Json:
    """Spells redacted records as JSON lines.

    What is the same for every record, and for every record of a request, is spelled once.
    """

    def __init__(self, service: Service, settings: Settings, redactor: Redactor) -> None:
        same = {
            "serviceContext": {"service": service.name, "version": settings.version},
            LABELS: {"environment": settings.environment},
        }
        self.starts = {name: spelled({"severity": name, **same}).removesuffix(b"}}") for name in LOG_SEVERITIES}
        traces = f"projects/{settings.project}/traces/" if settings.project else ""
        self._traced = b'},"%b":"%b' % (TRACE.encode(), spelled(traces)[1:-1])
        self._redactor = redactor
        self._now = clock()
        self._loggers: dict[str, bytes] = {"": b""}

    def __call__(self, record: Record) -> bytes:
        """Return the line of *record*, whatever its fields hold."""
        line = self._line(record)
        return line if len(line) <= LONGEST else self._line(fitting(record))

    def _line(self, record: Record) -> bytes:
        rest: dict[str, Any] = {"message": record.message}
        if record.request is not None:
            rest["httpRequest"] = record.request
        if record.source is not None:
            file, number, function = record.source
            rest[SOURCE] = {"file": file, "line": str(number), "function": function}
        if record.stack:
            rest["stack_trace"] = record.stack
        if record.fields:
            rest["fields"] = record.fields
        try:
            logger = self._loggers[record.logger]
        except KeyError:
            logger = self._named(record.logger)
        context = b"}" if record.asked is None else record.asked.spelled or self.asked(record.asked)
        return b"".join((self.starts[record.severity], logger, context, self._now(), b",", spelled(rest)[1:], b"\n"))

    def _named(self, logger: str) -> bytes:
        if len(self._loggers) >= _REMEMBERED:
            self._loggers = {"": b""}
        label = b',"logger":' + spelled(self._redactor.text(logger[:_REMEMBERED]))
        self._loggers[logger] = label
        return label

    def asked(self, asked: RequestContext) -> bytes:
        """Return the end of the labels, and the trace, of a request; ids are hexadecimal, and need no quoting."""
        label = b""
        if asked.request_id == asked.trace_id:
            label = b',"request_id":"%b"' % asked.request_id.encode()
        elif asked.request_id:
            label = b',"request_id":%b' % spelled(self._redactor.text(asked.request_id))
        span = b',"%b":"%b"' % (_SPAN, asked.span_id.encode()) if asked.span_id else b""
        sampled = b"true" if asked.sampled else b"false"
        asked.spelled = b'%b%b%b","%b":%b%b' % (label, self._traced, asked.trace_id.encode(), _SAMPLED, sampled, span)
        return asked.spelled


class Console:
    """Spells redacted records for people, in colour on a terminal."""

    def __init__(self, *, colors: bool) -> None:
        self._render = structlog.dev.ConsoleRenderer(colors=colors)

    def __call__(self, record: Record) -> bytes:
        """Return the line of *record*, and its stack below it."""
        event = {
            **{str(name): value for name, value in record.fields.items()},
            "timestamp": datetime.now(UTC).strftime("%H:%M:%S.%f"),
            "level": record.severity.lower(),
            "event": record.message,
        }
        text = self._render(None, "", event)
        return f"{text}\n{record.stack}".rstrip("\n").encode("utf-8", "replace") + b"\n"
