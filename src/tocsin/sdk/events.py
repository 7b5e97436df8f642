"""What an error or a transaction says of its request, and of what was logged before it.

Sources: Sentry's developer documentation, "Event Payloads": "Request Interface", "Breadcrumbs Interface", "Contexts".
"""

from __future__ import annotations

import re
import time
from collections import deque
from typing import Any

from tocsin.model import UNMATCHED
from tocsin.model.forms import REDACTED
from tocsin.sdk import context, routes, traces
from tocsin.sdk.context import RequestContext
from tocsin.sdk.environ import scope_of
from tocsin.sdk.protocol import Scope
from tocsin.sdk.records import Record
from tocsin.sdk.redact import Redactor
from tocsin.sdk.snapshots import LONGEST, Snapshot

CRUMBS = 50
"""Log lines that an error carries: the last ones of its request, or of what was said outside of any."""

SERVER = "http.server"

_KEPT = "tocsin.crumbs"
_URL = 2048
_HEADERS = 50
_PERSONAL = re.compile(
    r"cookie|forwarded$|(^|-)(addr|address|clientip|email|for|from|identity|ip|location|socketip|user|username)(-|$)"
)
"""Headers that say where or who the user is."""

_PLAIN = frozenset((bool, int, float, type(None)))
_LEVELS = {"CRITICAL": "fatal", "DEFAULT": "info"}

Event = dict[str, Any]
Crumb = tuple[float, Record]


class Crumbs:
    """The log lines that errors carry: those of each request with it, those of none here."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._loose: deque[Crumb] = deque(maxlen=CRUMBS)

    def keep(self, record: Record, scope: Scope | None) -> None:
        """Keep *record*, or a copy of what is short in it, so that nothing large lives on for its sake."""
        if scope is None:
            kept = self._loose
        else:
            try:
                kept = scope[_KEPT]
            except KeyError:
                kept = scope[_KEPT] = deque(maxlen=CRUMBS)
        kept.append((time.time(), record if _is_small(record) else self._cut(record)))

    def of(self, scope: Scope | None, job: object, snapshot: Snapshot) -> list[Event]:
        """Return what was said in the request of *scope*, or else in this *job*, the last lines in full first."""
        kept = self._loose if scope is None else scope.get(_KEPT)
        crumbs = [] if kept is None else list(kept.copy())
        if scope is None:
            crumbs = [crumb for crumb in crumbs if crumb[1].fields.get("job_name", job) == job]
        return [_crumb(at, record, snapshot) for at, record in reversed(crumbs)][::-1]

    def _cut(self, record: Record) -> Record:
        snapshot = Snapshot(self._redactor)
        fields = snapshot.fields(record.fields.items())
        return Record(record.severity, snapshot.text(record.message), fields, logger=record.logger)


def described(
    scope: Scope | None, snapshot: Snapshot, redactor: Redactor, *, operation: str, service: str, status: int | None
) -> Event:
    """Return what errors and transactions have in common."""
    asked = context.current() if scope is None else context.of(scope)
    event: Event = {
        "transaction": operation,
        "tags": {"service": service, "operation": operation},
        "contexts": {"trace": _trace(asked)},
        "extra": {},
    }
    if scope is not None and asked is not None:
        event["request"] = _request(scope, snapshot, redactor)
        event["extra"]["request_id"] = asked.request_id
    if status is not None:
        event["contexts"]["response"] = {"status_code": status}
    return event


def operation(current: Scope | None, framework: object) -> str:
    """Return method and route of the request that is being answered, as far as they are known; empty if none is."""
    if current is None:
        return ""
    request = current.get("werkzeug.request")
    if request is not None:
        route = routes.flask(request)
    elif "REQUEST_METHOD" in current:
        route = current.get(routes.TEMPLATE)
    else:
        route = routes.template(current, framework)
    return f"{scope_of(current)['method']} {route or UNMATCHED}"


def level(severity: str) -> str:
    """Return Sentry's word for a severity."""
    return _LEVELS.get(severity, severity.lower())


def _trace(asked: RequestContext | None) -> dict[str, str]:
    if asked is None:
        return {"trace_id": traces.begun()[0], "span_id": traces.span_id()}
    if asked.own:
        return {"trace_id": asked.trace_id, "span_id": asked.span_id}
    parent = {"parent_span_id": asked.span_id} if asked.span_id else {}
    return {"trace_id": asked.trace_id, "span_id": traces.span_id(), **parent}


def _request(scope: Scope, snapshot: Snapshot, redactor: Redactor) -> Event:
    """Return what was asked, without the query, the body, and who asked."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"][:_HEADERS]:
        name = raw_name.decode("latin-1").lower()
        if name == "user-agent" or not _PERSONAL.search(name):
            value = snapshot.text(_without_query(raw_value.decode("latin-1")))
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    path = str(scope["path"])
    for name, value in (scope.get("path_params") or {}).items():
        if value and redactor.secret(str(name)):
            path = path.replace(str(value), REDACTED)
    host = headers.get("host", "")
    url = snapshot.text(f"{scope.get('scheme', 'http')}://{host}{path.partition('?')[0]}", _URL)
    return {"method": snapshot.text(scope["method"]), "url": url, "headers": headers}


def _without_query(value: str) -> str:
    """Return a header's value, without the query if it is an address."""
    return value.partition("?")[0] if value.startswith("/") or "://" in value else value


def _is_small(record: Record) -> bool:
    """Tell at a glance whether *record* holds nothing but short text and numbers."""
    if record.error is not None or len(record.message) > LONGEST:
        return False
    for value in record.fields.values():
        kind = type(value)
        if kind not in _PLAIN and (kind is not str or len(value) > LONGEST):
            return False
    return True


def _crumb(at: float, record: Record, snapshot: Snapshot) -> Event:
    return {
        "timestamp": at,
        "level": level(record.severity),
        "category": record.logger or "log",
        "message": snapshot.text(record.message),
        "data": snapshot.fields(record.fields.items()),
    }
