"""Logs: structlog's interface and the standard library's both end in one line on standard output."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import structlog

from tocsin.model import Service
from tocsin.sdk import context
from tocsin.sdk.logger import bound_logger, exception, stack
from tocsin.sdk.protocol import Scope
from tocsin.sdk.records import Console, Json, Record, Spell
from tocsin.sdk.settings import Settings
from tocsin.sdk.stdout import Stdout

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}
"""Attributes of every LogRecord, and those that uvicorn adds for a terminal; all others were given by the caller."""

_ANY, _FAILED, _NONE = 0, 500, 1000

_configured: list[type[Any]] = []
"""The loggers with which structlog was configured here, so that a user's own configuration is left alone."""


class Logs:
    """The logs of one service; *lost* is told of each line that could not be written.

    Requests get a line whose status is at least *loud*. What is said of all else is told to *heard* as well, if
    somebody listens.
    """

    heard: Callable[[Record], None] | None = None

    def __init__(self, service: Service, settings: Settings, lost: Callable[[], None]) -> None:
        self.level = settings.level
        self.loud = _ANY if self.level <= logging.INFO else _FAILED if self.level <= logging.ERROR else _NONE
        self._spell: Spell = Json(service, settings) if settings.format == "json" else Console(colors=settings.colors)
        self._write = Stdout(lost).write
        self.log = bound_logger(self.level, self.say)

    def install(self) -> None:
        """Let what goes through logging, and through structlog where nobody configured it, end here too."""
        root = logging.getLogger()
        for handler in root.handlers[:]:
            if isinstance(handler, Handler) or type(handler) is logging.StreamHandler:
                root.removeHandler(handler)
        root.addHandler(Handler(self.say))
        root.setLevel(self.level)
        for name in ("httpx", "httpcore"):
            quiet = logging.getLogger(name)
            quiet.setLevel(max(quiet.level, logging.WARNING))  # they say the whole address, whose query may be secret
        for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
            known = logging.getLogger(name)
            known.handlers.clear()
            known.propagate = name != "uvicorn.access"  # the request line says the same, and more
        if not structlog.is_configured() or structlog.get_config()["wrapper_class"] in _configured:
            kind = type(self.log)
            _configured.append(kind)
            structlog.configure([], kind, dict, lambda *_: self.say, cache_logger_on_first_use=False)

    def say(self, record: Record) -> None:
        """Write *record*."""
        try:
            line = self._spell(record)
        except Exception as error:  # noqa: BLE001 - a record that cannot be spelled must not break who says it
            line = self._spell(Record("ERROR", f"A log record could not be spelled: {type(error).__name__}."))
        self._write(line)
        if self.heard is not None and record.request is None:
            self.heard(record)

    def request(self, scope: Scope, route: str, status: int, seconds: float) -> None:
        """Write the line of an answered request; an error if the service failed it."""
        method = scope["method"]
        asked = context.of(scope)
        request = {
            "requestMethod": method,
            "requestUrl": scope["path"],
            "status": status,
            "latency": f"{seconds:.6f}s",
            "userAgent": asked.user_agent,
            "protocol": f"HTTP/{scope.get('http_version', '1.1')}",
        }
        severity = "ERROR" if status >= _FAILED else "INFO"
        self.say(Record(severity, f"{method} {route} {status}", {"route": route}, asked=asked, request=request))


class Handler(logging.Handler):
    """Takes the standard library's records."""

    def __init__(self, say: Callable[[Record], None]) -> None:
        super().__init__()
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        """Write *record*; its `extra` are the fields."""
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - arguments that do not fit their message still say something
            message = f"{record.msg} {record.args}"
        raised = exception(record.exc_info)
        self._say(
            Record(
                severity=_severity(record.levelno),
                message=message,
                fields={name: value for name, value in record.__dict__.items() if name not in _STANDARD},
                logger=record.name,
                source=(record.pathname, record.lineno, record.funcName or ""),
                stack=stack(raised) or record.exc_text or record.stack_info or "",
                error=raised,
                asked=context.current() or context.of_exception(raised),
            )
        )


def _severity(level: int) -> str:
    for known in (logging.CRITICAL, logging.ERROR, logging.WARNING, logging.INFO, logging.DEBUG):
        if level >= known:
            return logging.getLevelName(known)
    return "DEFAULT"
