"""Logs: structlog's interface and the standard library's both end in one line on standard output."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import structlog
from structlog.typing import FilteringBoundLogger

from tocsin.model import Service
from tocsin.sdk import access, context, pools, uncaught
from tocsin.sdk.access import Requested
from tocsin.sdk.drain import DRAIN
from tocsin.sdk.lines import Console, Json, Spell
from tocsin.sdk.logger import logger_kind, set_level
from tocsin.sdk.records import Record
from tocsin.sdk.redact import Redactor
from tocsin.sdk.requests import FAILED
from tocsin.sdk.settings import Settings
from tocsin.sdk.short import Line, Written, short_way
from tocsin.sdk.standard import Handler, take_over
from tocsin.sdk.stdout import Stdout, flush

_ANY, _NONE = 0, 1000

_configured: list[type[Any]] = []
"""The loggers with which structlog was configured here, so that a user's own configuration is left alone."""


class Logs:
    """The logs of one service; *lost* is told of each line that could not be written; *written* counts each.

    Requests get a line whose status is at least *loud*. What is said of all else is told to *heard* as well, as it was
    said, if somebody listens. Lines are without what *redactor* takes out.
    """

    heard: Callable[[Record], None] | None = None
    level: int
    loud: int
    line: Line
    request: Requested

    def __init__(
        self,
        service: Service,
        settings: Settings,
        redactor: Redactor,
        *,
        lost: Callable[[], None],
        written: Written,
    ) -> None:
        self._redactor = redactor
        self._write = Stdout(lost).write
        self._written = written
        self._spell: Spell
        if settings.format == "json":
            self._spell = json = Json(service, settings, redactor)
            self.line = short_way(json.starts, json.asked, redactor, write=self._write, written=written, talker=self)
            self.request = access.short_way(
                json.starts, json.asked, redactor, write=self._write, written=written, say=self.say
            )
        else:
            self._spell = Console(colors=settings.colors)
            self.line = self._long_way
            self.request = access.long_way(self.say)
        self._handler = Handler(self.say)
        self._kind = logger_kind(settings.level)
        self.log: FilteringBoundLogger = self._kind(self, [], {})
        self.set_level(settings.level)

    def install(self) -> None:
        """Let what goes through logging, and through structlog where nobody configured it, end here too."""
        take_over(self._handler, self.level)
        uncaught.tell(self.say)
        if flush not in DRAIN.flushes:
            DRAIN.flushes.append(flush)
        pools.carry()
        if not structlog.is_configured() or structlog.get_config()["wrapper_class"] in _configured:
            _configured.append(self._kind)
            structlog.configure([], self._kind, dict, lambda *_: self, cache_logger_on_first_use=False)

    def set_level(self, level: int) -> None:
        """Say from now on what is at least of this *level*, by whatever way it comes."""
        self.level = level
        self.loud = _ANY if level <= logging.INFO else FAILED if level <= logging.ERROR else _NONE
        set_level(self._kind, level)
        if self._handler in logging.getLogger().handlers:
            logging.getLogger().setLevel(level)

    def say(self, record: Record) -> None:
        """Write *record*."""
        severity = record.severity
        try:
            line = self._spell(record.redacted(self._redactor))
        except Exception as error:  # noqa: BLE001 - a record that cannot be spelled must not break who says it
            severity = "ERROR"
            line = self._spell(Record(severity, f"A log record could not be spelled: {type(error).__name__}."))
        self._write(line)
        self._written[severity]()
        if self.heard is not None and record.request is None:
            self.heard(record)

    def _long_way(self, severity: str, message: str, fields: dict[str, Any]) -> None:
        self.say(Record(severity, message, fields, context.current()))
