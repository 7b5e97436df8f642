"""structlog's bound logger, with a short way from its methods to the line.

structlog's own way is a chain of processors that each copy or rewrite the event. Here its interface stays (levels,
bind, new, unbind, contextvars, exc_info, the async methods) and the chain is one function.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable, Mapping
from contextvars import copy_context
from types import FrameType
from typing import Any, Protocol

import structlog
from structlog.contextvars import STRUCTLOG_KEY_PREFIX, get_contextvars

from tocsin.sdk import context
from tocsin.sdk.records import Record, as_message
from tocsin.sdk.short import Line

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


class Sink(Protocol):
    """What a logger speaks to."""

    def say(self, record: Record) -> None:
        """Write *record*."""

    line: Line
    """Writes a record that says no more than a severity, a message and fields."""


def logger_kind(level: int) -> type[Any]:
    """Return the class of loggers that keep silent below *level*; each speaks to its Sink."""
    base: Any = structlog.make_filtering_bound_logger(logging.NOTSET)
    kind = type("Logger", (base,), {"_proxy_to_logger": _proxy, "__module__": __name__})
    set_level(kind, level)
    return kind


def set_level(kind: type[Any], level: int) -> None:
    """Let every logger of *kind*, bound or to be bound, keep silent below *level*."""
    base: Any = kind.__base__
    for name, at in _METHODS.items():
        loud = at >= level
        setattr(kind, name, _SPEAKERS[at] if loud else _silent)
        setattr(kind, f"a{name}", getattr(base, f"a{name}") if loud else _silent_soon)
    kind.is_enabled_for = lambda _, asked: asked >= level
    kind.get_effective_level = lambda _: level


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
        for known in copy_context():
            if known.name.startswith(STRUCTLOG_KEY_PREFIX):
                fields = {**get_contextvars(), **fields}
                break
        if type(event) is not str:
            event = as_message(event)
        if detailed or "exc_info" in fields:
            error = exception(fields.pop("exc_info", None))
            source = _caller() if detailed else None
            asked = context.current()
            self._logger.say(Record(severity, event, fields, asked, source=source, stack=stack(error), error=error))
        else:
            self._logger.line(severity, event, fields)

    return speak


def _silent(*_: Any, **__: Any) -> None:
    """Say nothing."""


async def _silent_soon(*_: Any, **__: Any) -> None:
    """Say nothing."""


def _proxy(self: Any, method: str, event: object = None, /, **fields: Any) -> None:
    """Take what comes through structlog's own methods: log(level, ...) and the async ones."""
    getattr(self, method)(event, **fields)


def _filled(event: object, args: tuple[object, ...]) -> str:
    """Fill *args* in as logging does; those that do not fit still say something."""
    try:
        return str(event) % (args[0] if len(args) == 1 and isinstance(args[0], Mapping) else args)
    except Exception:  # noqa: BLE001 - a stranger's object may raise anything when it is spelled
        return f"{as_message(event)} {as_message(args)}"


def _caller() -> tuple[str, int, str] | None:
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the way of logging.currentframe and of structlog
    while frame is not None and str(frame.f_globals.get("__name__", "")).startswith(_INTERNAL):
        frame = frame.f_back
    return None if frame is None else (frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)


_SPEAKERS = {level: _speaker(level) for level in set(_METHODS.values())}
