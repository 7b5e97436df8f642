"""structlog's bound logger, with a short way from its methods to the line.

structlog's own way is a chain of processors that each copy or rewrite the event. Here its interface stays (levels,
bind, new, unbind, contextvars, exc_info, the async methods) and the chain is one function.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any, cast

import structlog
from structlog.contextvars import get_contextvars
from structlog.typing import FilteringBoundLogger

from tocsin.sdk import context
from tocsin.sdk.records import Record

_METHODS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "msg": logging.INFO,
    "warning": logging.WARNING,
    "warn": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
    "fatal": logging.CRITICAL,
}
_INTERNAL = ("structlog", "tocsin.sdk")

Say = Callable[[Record], None]


def bound_logger(level: int, say: Say) -> FilteringBoundLogger:
    """Return a logger whose records, from *level* on, go to *say*."""
    kind: Any = logger_kind(level)
    return cast("FilteringBoundLogger", kind(say, [], {}))


def logger_kind(level: int) -> type[Any]:
    """Return the class of a logger that keeps silent below *level*."""
    base: Any = structlog.make_filtering_bound_logger(level)
    speakers = {name: _speaker(at) for name, at in _METHODS.items() if at >= level}
    return type("Logger", (base,), {**speakers, "_proxy_to_logger": _proxy, "__module__": __name__})


def exception(given: Any) -> BaseException | None:
    """Return the exception that exc_info means: itself, what sys.exc_info returns, or True for the present one."""
    if isinstance(given, tuple):
        given = given[1]
    elif given and not isinstance(given, BaseException):
        given = sys.exc_info()[1]
    return given if isinstance(given, BaseException) else None


def stack(error: BaseException | None) -> str:
    """Return the traceback of *error*, as Python prints it."""
    return "" if error is None else "".join(traceback.format_exception(error))


def _speaker(level: int) -> Callable[..., None]:
    severity = logging.getLevelName(level)
    detailed = level >= logging.WARNING

    def speak(self: Any, event: object = None, /, *args: object, **fields: Any) -> None:
        if args:
            event = _filled(event, args)
        if self._context:
            fields = {**self._context, **fields}
        bound = get_contextvars()
        if bound:
            fields = {**bound, **fields}
        record = Record(severity, event if type(event) is str else str(event), fields, context.current())
        if detailed:
            record.source = _caller()
        if "exc_info" in fields:
            record.error = exception(fields.pop("exc_info"))
            record.stack = stack(record.error)
        self._logger(record)

    return speak


def _proxy(self: Any, method: str, event: object = None, /, **fields: Any) -> None:
    """Take what comes through structlog's own methods: log(level, ...) and the async ones."""
    getattr(self, method)(event, **fields)


def _filled(event: object, args: tuple[object, ...]) -> str:
    """Fill *args* in as logging does; those that do not fit still say something."""
    try:
        return str(event) % (args[0] if len(args) == 1 and isinstance(args[0], Mapping) else args)
    except (TypeError, ValueError, KeyError):
        return f"{event} {args}"


def _caller() -> tuple[str, int, str] | None:
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the way of logging.currentframe and of structlog
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith(_INTERNAL):
        frame = frame.f_back
    return None if frame is None else (frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
