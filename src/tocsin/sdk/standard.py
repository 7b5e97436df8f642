"""The standard library's logging, and what servers and `warnings` say through it, on its way to a line."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from itertools import islice
from typing import Any

from tocsin.sdk import context
from tocsin.sdk.logger import exception, stack
from tocsin.sdk.records import Record, as_message

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}
"""Attributes of every LogRecord, and those that uvicorn adds for a terminal; all others were given by the caller."""

_OWN = len(logging.makeLogRecord({}).__dict__)

_TALKERS = ("uvicorn", "uvicorn.error", "gunicorn.error")
"""Loggers of servers that have handlers of their own."""

_ACCESS = ("uvicorn.access", "gunicorn.access")
"""Loggers of servers that say of each request what its own line says, and less."""

_ADDRESSES = ("httpx", "httpcore")
"""Loggers that say the whole address of every request that is sent."""

_WARNINGS = "py.warnings"
_WARNED = re.compile(r"(.+?):(\d+): (\w+: .*?)\n(?:  .*\n)?", re.DOTALL)
"""How warnings.formatwarning spells a warning: file, line, category and text, and the line of the program."""

_SEVERITIES = {level: logging.getLevelName(level) for level in (50, 40, 30, 20, 10)}


def take_over(handler: Handler, level: int) -> None:
    """Let *handler* take what is logged from *level* on, in place of those that write to a terminal."""
    root = logging.getLogger()
    for known in root.handlers[:]:
        if isinstance(known, Handler):
            root.removeHandler(known)
    _silence(root)
    root.addHandler(handler)
    root.setLevel(level)
    for name in _ADDRESSES:
        quiet = logging.getLogger(name)
        quiet.setLevel(max(quiet.level, logging.WARNING))
    for name in (*_TALKERS, *_ACCESS):
        server = logging.getLogger(name)
        _silence(server)
        server.propagate = name in _TALKERS
    logging.captureWarnings(True)  # noqa: FBT003 - it takes no name


def _silence(logger: logging.Logger) -> None:
    for known in logger.handlers[:]:
        if type(known) is logging.StreamHandler:
            logger.removeHandler(known)


class Handler(logging.Handler):
    """Takes the standard library's records."""

    def __init__(self, say: Callable[[Record], None]) -> None:
        super().__init__()
        self._say = say

    def createLock(self) -> None:  # noqa: N802 - the standard library's name
        """Need no lock: nothing here is shared among records, and the output has its own."""
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write *record*; its `extra` are the fields."""
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - arguments that do not fit their message still say something
            message = f"{as_message(record.msg)} {as_message(record.args)}"
        source = (record.pathname, record.lineno, record.funcName or "")
        if record.name == _WARNINGS and (warned := _WARNED.fullmatch(message)):
            source, message = (warned[1], int(warned[2]), ""), warned[3]
        error = exception(record.exc_info) if record.exc_info else None
        self._say(
            Record(
                severity=_SEVERITIES.get(record.levelno) or _severity(record.levelno),
                message=message,
                fields=_given(record.__dict__),
                logger=record.name,
                source=source,
                stack=stack(error) or record.exc_text or record.stack_info or "",
                error=error,
                asked=context.current() or context.of_exception(error),
            )
        )


def _given(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return what the caller gave as `extra`; it stands behind what every record has, unless a factory differs."""
    first = _OWN if _STANDARD.issuperset(islice(attributes, _OWN)) else 0
    return {name: value for name, value in islice(attributes.items(), first, None) if name not in _STANDARD}


def _severity(level: int) -> str:
    return next((name for known, name in _SEVERITIES.items() if level >= known), "DEFAULT")
