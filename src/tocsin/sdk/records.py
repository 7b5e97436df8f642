"""How a log record is spelled: one JSON line of Google Cloud's structured form, or one line for people.

Sources: Cloud Logging's documentation, "Structured logging" (special fields in the JSON payload) and "LogEntry"
(HttpRequest, LogEntrySourceLocation), and Error Reporting's, "Format a log entry to report error events"
(serviceContext, stack_trace). Everything that a caller adds stands in the one object `fields`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
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

SEVERITIES = ("DEFAULT", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
"""Those of Cloud Logging's that Python has levels for."""

_OPTIONS = orjson.OPT_UTC_Z
_DEEPEST = 20


@dataclass(slots=True)
class Record:
    """What is to be said; *source* is file, line and function, *asked* the request that it belongs to.

    *error* is the exception that it is about, *stack* how that one is spelled.
    """

    severity: str
    message: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    asked: RequestContext | None = None
    logger: str = ""
    source: tuple[str, int, str] | None = None
    stack: str = ""
    error: BaseException | None = None
    request: Mapping[str, Any] | None = None


Spell = Callable[[Record], bytes]


class Json:
    """Spells records as JSON lines.

    What is the same for every record, and for every record of a request, is spelled once and put before the rest.
    """

    def __init__(self, service: Service, settings: Settings) -> None:
        same = {
            "serviceContext": {"service": service.name, "version": settings.version},
            LABELS: {"environment": settings.environment},
        }
        self._starts = {name: b"{" + _spliced({"severity": name, **same}).removesuffix(b"}") for name in SEVERITIES}
        self._traces = f"projects/{settings.project}/traces/" if settings.project else ""

    def __call__(self, record: Record) -> bytes:
        """Return the line of *record*, whatever its fields hold."""
        rest: dict[str, Any] = {"time": datetime.now(UTC), "message": record.message}
        if record.request is not None:
            rest["httpRequest"] = record.request
        if record.source is not None:
            file, number, function = record.source
            rest[SOURCE] = {"file": file, "line": str(number), "function": function}
        if record.stack:
            rest["stack_trace"] = record.stack
        if record.fields:
            rest["fields"] = record.fields
        start = self._starts[record.severity]
        if record.logger:
            start += b',"logger":' + orjson.dumps(record.logger)
        return start + self._asked(record.asked) + b"," + _spliced(rest) + b"}\n"

    def _asked(self, asked: RequestContext | None) -> bytes:
        """Return the end of the labels, and the trace, of a request."""
        if asked is None:
            return b"}"
        if not asked.spelled:
            trace: dict[str, Any] = {TRACE: f"{self._traces}{asked.trace_id}", SAMPLED: asked.sampled}
            if asked.span_id:
                trace[SPAN] = asked.span_id
            label = b',"request_id":%b' % orjson.dumps(asked.request_id) if asked.request_id else b""
            asked.spelled = b"%b},%b" % (label, _spliced(trace))
        return asked.spelled


def _spliced(fields: dict[str, Any]) -> bytes:
    """Return the members of a JSON object, without the braces around them."""
    try:
        return orjson.dumps(fields, _text, _OPTIONS)[1:-1]
    except (TypeError, RecursionError):
        return orjson.dumps(_plain(fields), _text, _OPTIONS)[1:-1]


class Console:
    """Spells records for people, in colour on a terminal."""

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


def _text(value: object) -> str:
    """Spell what JSON has no form for."""
    try:
        return str(value)
    except Exception as error:  # noqa: BLE001 - a stranger's object may raise anything when it is spelled
        return f"<{type(value).__name__}: {type(error).__name__} when it was spelled>"


def _plain(value: Any, depth: int = 0) -> Any:
    """Rebuild *value* of what every JSON parser reads: no cycles, no broken text, no number beyond 64 bits."""
    if value is None or isinstance(value, bool | float | datetime):
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
