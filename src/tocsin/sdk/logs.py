"""Logs: structlog's interface and the standard library's both end in one line on standard output."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any, cast

import structlog
from structlog.typing import FilteringBoundLogger

from tocsin.model import Service
from tocsin.sdk import context
from tocsin.sdk.protocol import Scope
from tocsin.sdk.records import Console, Json, Record, Spell
from tocsin.sdk.settings import Settings
from tocsin.sdk.stdout import Stdout

_INTERNAL = ("structlog", "tocsin.sdk")
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}
"""Attributes of every LogRecord, and those that uvicorn adds for a terminal; all others were given by the caller."""


class Logs:
    """The logs of one service; *lost* is told of each line that could not be written."""

    def __init__(self, service: Service, settings: Settings, lost: Callable[[], None]) -> None:
        self.level = settings.level
        self._spell: Spell = Json(service, settings) if settings.format == "json" else Console(colors=_terminal())
        self._write = Stdout(lost).write
        self.log = self._logger()

    def install(self) -> None:
        """Let what goes through logging, and through structlog where nobody configured it, end here too."""
        root = logging.getLogger()
        for handler in root.handlers[:]:
            if isinstance(handler, Handler) or type(handler) is logging.StreamHandler:
                root.removeHandler(handler)
        root.addHandler(Handler(self))
        root.setLevel(self.level)
        for name in ("httpx", "httpcore"):
            quiet = logging.getLogger(name)
            quiet.setLevel(max(quiet.level, logging.WARNING))  # they say the whole address, whose query may be secret
        for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
            known = logging.getLogger(name)
            known.handlers.clear()
            known.propagate = name != "uvicorn.access"  # the request line says the same, and more
        if not structlog.is_configured() or structlog.get_config()["wrapper_class"] in _OURS:
            kind = type(self.log)
            _OURS.append(kind)
            structlog.configure([], kind, dict, lambda *_: self, cache_logger_on_first_use=False)

    def say(self, record: Record) -> None:
        """Write *record*."""
        try:
            line = self._spell(record)
        except Exception as error:  # noqa: BLE001 - a record that cannot be spelled must not break who says it
            line = self._spell(Record("ERROR", f"A log record could not be spelled: {type(error).__name__}."))
        self._write(line)

    def request(self, scope: Scope, route: str, status: int, seconds: float) -> None:
        """Write the line of an answered request; an error if the service failed it."""
        failed = status >= 500  # noqa: PLR2004 - the class of server errors
        if self.level > (logging.ERROR if failed else logging.INFO):
            return
        method = scope["method"]
        request = {
            "requestMethod": method,
            "requestUrl": scope["path"],
            "status": status,
            "latency": f"{seconds:.6f}s",
            "userAgent": context.of(scope).user_agent,
            "protocol": f"HTTP/{scope.get('http_version', '1.1')}",
        }
        severity = "ERROR" if failed else "INFO"
        self.say(Record(severity, f"{method} {route} {status}", {"route": route}, request=request))

    def _logger(self) -> FilteringBoundLogger:
        base: Any = structlog.make_filtering_bound_logger(self.level)
        kind: Any = type("Logger", (base,), {"_proxy_to_logger": _proxy, "__module__": __name__})
        return cast("FilteringBoundLogger", kind(self, [], {}))


_OURS: list[Any] = []
"""The kinds of loggers with which structlog was configured here."""


def _proxy(self: Any, method: str, event: object = None, **fields: Any) -> None:
    """Take the place of structlog's chain of processors, which would copy the event at each of its steps."""
    if self._context:
        fields = {**self._context, **fields}
    bound = structlog.contextvars.get_contextvars()
    if bound:
        fields = {**bound, **fields}
    severity = method.upper()
    source = None if severity in ("INFO", "DEBUG") else _caller()
    stack = _stack(fields.pop("exc_info", None)) if "exc_info" in fields else ""
    self._logger.say(
        Record(severity, event if isinstance(event, str) else str(event), fields, source=source, stack=stack)
    )


class Handler(logging.Handler):
    """Takes the standard library's records."""

    def __init__(self, logs: Logs) -> None:
        super().__init__()
        self._logs = logs

    def emit(self, record: logging.LogRecord) -> None:
        """Write *record*; its `extra` are the fields."""
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - arguments that do not fit their message still say something
            message = f"{record.msg} {record.args}"
        fields = {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
        source = (record.pathname, record.lineno, record.funcName or "")
        stack = record.exc_text or _stack(record.exc_info) or record.stack_info or ""
        self._logs.say(Record(_severity(record.levelno), message, fields, record.name, source, stack))


def _severity(level: int) -> str:
    for name in ("CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG"):
        if level >= logging.getLevelNamesMapping()[name]:
            return name
    return "DEFAULT"


def _stack(given: Any) -> str:
    """Return the traceback that exc_info asks for: True, an exception, or what sys.exc_info returns."""
    error = given if isinstance(given, BaseException) else None
    if given and error is None:
        error = given[1] if isinstance(given, tuple) else sys.exc_info()[1]
    return "".join(traceback.format_exception(error)) if isinstance(error, BaseException) else ""


def _caller() -> tuple[str, int, str] | None:
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the way of logging.currentframe and of structlog
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith(_INTERNAL):
        frame = frame.f_back
    return None if frame is None else (frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)


def _terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()
