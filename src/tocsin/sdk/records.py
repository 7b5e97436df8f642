"""A log record, and how any value of it becomes JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson

from tocsin.sdk.context import RequestContext
from tocsin.sdk.redact import Redactor

OPTIONS = orjson.OPT_UTC_Z
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

    def redacted(self, redactor: Redactor) -> Record:
        """Return the record without what is secret: itself, where a glance tells that nothing is."""
        if not self.stack and self.request is None and redactor.harmless(self.message, self.fields):
            return self
        request = self.request
        if request is not None:
            request = {name: redactor.text(value) if type(value) is str else value for name, value in request.items()}
        return replace(
            self,
            message=redactor.text(self.message),
            fields=redactor.fields(self.fields),
            stack=redactor.trace(self.stack),
            request=request,
        )


def spelled(value: object) -> bytes:
    """Return *value* as JSON, whatever it is."""
    try:
        return orjson.dumps(value, as_text, OPTIONS)
    except (TypeError, RecursionError):
        return orjson.dumps(_plain(value), as_text, OPTIONS)


def as_message(event: object) -> str:
    """Return *event* as the message of a record."""
    return event if type(event) is str else as_text(event)


def as_text(value: object) -> str:
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
    return as_text(value).encode("utf-8", "backslashreplace").decode()
