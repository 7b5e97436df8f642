"""Errors, and a sample of the transactions, on their way to the error tracker.

What a healthy request pays is one append for each of its log lines. All that an error carries is put together when
there is one.
"""

from __future__ import annotations

import math
import os
import random
import time
import weakref
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any

from structlog.contextvars import get_contextvars

from tocsin.model import Service
from tocsin.sdk import events, exceptions
from tocsin.sdk.context import CURRENT
from tocsin.sdk.environ import scope_of
from tocsin.sdk.events import Crumbs, Event
from tocsin.sdk.protocol import Scope
from tocsin.sdk.records import Record
from tocsin.sdk.redact import Redactor
from tocsin.sdk.requests import FAILED
from tocsin.sdk.settings import Settings
from tocsin.sdk.snapshots import Snapshot
from tocsin.sdk.witness import NEVER

if TYPE_CHECKING:
    from tocsin.sdk.sentry import Lost, Sentry

AT_EXIT = 2.0
"""Seconds that the end of a process may wait for what is not sent yet."""

ERRORS_AT_ONCE, ERRORS_A_SECOND = 10, 1.0
"""Errors of one kind (type and place) that are sent: a storm of them says nothing new, and costs the service."""

TRANSACTIONS_AT_ONCE, TRANSACTIONS_A_SECOND = 100, 50.0

_EXTRAS = 50
_IN_VAIN = 10.0
_KINDS = 500
_AGAIN = 60.0
_MARK = "__tocsin_told__"
_JOB = "job_name"
_SEVERE = frozenset(("ERROR", "CRITICAL"))
_FROM_SENTRY = ("sentry_sdk", "urllib3")
_LITESTAR = "litestar"
"""The logger that is told of an exception before anybody else."""

_UNCAUGHT = frozenset(("asyncio", "django.request", "gunicorn.error", "hypercorn.error", "tocsin.sdk", "uvicorn.error"))
"""Loggers that are told of exceptions which nobody caught."""

_TOO_MANY = "The error tracker did not get every %s: too many at once, or it takes no more."


class Tracker:
    """Tells the error tracker what fails in a service, and of a share of its requests; never raises, never waits."""

    def __init__(self, sentry: Sentry, service: str, rate: float, redactor: Redactor, lost: Lost) -> None:
        self._sentry = sentry
        self._service = service
        self._rate = rate
        self._redactor = redactor
        self._lost = lost
        self._errors = Allowance(ERRORS_AT_ONCE, ERRORS_A_SECOND)
        self._transactions = Allowance(TRANSACTIONS_AT_ONCE, TRANSACTIONS_A_SECOND)
        self._crumbs = Crumbs(redactor)
        self.framework: object = None
        """The object whose routes the requests match."""
        self._vain_until = -math.inf
        _trackers.add(self)

    @classmethod
    def from_settings(cls, settings: Settings, service: Service, redactor: Redactor, lost: Lost) -> Tracker | None:
        """Return the tracker that SENTRY_DSN names; None, and nothing is loaded, where it names none.

        Raises:
            DeclarationError: the DSN is none.

        """
        if not settings.dsn:
            return None
        from tocsin.sdk.sentry import Sentry  # noqa: PLC0415 - a service without a tracker does not load sentry-sdk

        sentry = Sentry(
            settings.dsn, release=settings.version, environment=settings.environment, redactor=redactor, lost=lost
        )
        return cls(sentry, service.name, settings.traces, redactor, lost)

    def gap(self) -> int:
        """Return how many requests there are from one that is sampled to the next: at random, by the rate."""
        if self._rate <= 0:
            return NEVER
        if self._rate >= 1:
            return 1
        drawn = math.log(1.0 - random.random()) / math.log(1.0 - self._rate)  # noqa: S311 - it hides nothing
        return min(int(drawn) + 1, NEVER)

    def failed(self, scope: Scope, route: str, status: int, error: BaseException) -> None:
        """Tell of *error*, which ended the request of *scope*, or came after its answer."""
        self._tell(error, f"{scope['method']} {route}", scope, status=status, handled=False)

    def ended(self, error: BaseException, operation: str) -> None:
        """Tell of *error*, which ended a job."""
        self._tell(error, operation, None, handled=False)

    def capture(self, error: object, operation: object, extra: Mapping[str, object]) -> None:
        """Tell of *error*, which *operation* met and dealt with, or is about to raise again."""
        try:
            said = (operation if type(operation) is str else type(operation).__name__) or self._operation()
            if not isinstance(error, BaseException):
                self._send(type(error).__name__, said, _scope(), message=error, extra=extra)
            elif not _told(error):
                self._send(exceptions.origin(error), said, _scope(), error=error, extra=extra)
        except Exception as failure:  # noqa: BLE001 - whatever is wrong with the tracker, the service goes on
            self._lost("error", f"An error could not be told: {type(failure).__name__}.")

    def heard(self, record: Record) -> None:
        """Keep *record* for an error that may follow; tell of the exception that it is about, if it is severe."""
        try:
            scope = _scope()
            if record.error is not None and record.severity in _SEVERE and not record.logger.startswith(_FROM_SENTRY):
                self._logged(record, record.error, scope)
            self._crumbs.keep(record, scope)
        except Exception as failure:  # noqa: BLE001 - who logs must not be told what is wrong with the tracker
            self._lost("error", f"An error could not be told: {type(failure).__name__}.")

    def transaction(self, scope: Scope, route: str, status: int, seconds: float) -> None:
        """Tell of a request that was sampled."""
        try:
            if not self._sentry.takes("transaction") or not self._transactions.permits(""):
                self._lost("transaction", _TOO_MANY % "transaction")
                return
            self._sentry.send(self._transaction(scope, route, status, seconds))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the tracker, the service goes on
            self._lost("transaction", f"A transaction could not be told: {type(error).__name__}.")

    def flush(self, seconds: float = AT_EXIT) -> None:
        """Wait until everything is sent, at most so long; not at all if it was in vain a moment ago."""
        try:
            now = time.monotonic()
            if now >= self._vain_until and not self._sentry.flush(seconds):
                self._vain_until = now + seconds + _IN_VAIN
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the tracker, the service ends its own way
            self._lost("error", f"Errors could not be flushed: {type(error).__name__}.")

    def forget(self) -> None:
        """Begin anew, in a process that was forked."""
        self._sentry.forget()
        self._errors.forget()
        self._transactions.forget()
        self._crumbs.forget()
        self._vain_until = -math.inf

    def _logged(self, record: Record, error: BaseException, scope: Scope | None) -> None:
        function = record.source[2] if record.source else ""
        if _is_refusal(record, error):
            return
        if scope is not None and record.logger == _LITESTAR:
            scope[exceptions.RAISED] = error
        if scope is not None and scope.get(exceptions.RAISED) is error:
            return  # the end of the request tells of it, and with which answer
        handled = record.logger not in _UNCAUGHT
        self._tell(
            error,
            self._operation() or function or (record.logger or "log" if handled else "uncaught"),
            scope,
            handled=handled,
            extra=record.fields,
            message=record.message,
            level=events.level(record.severity),
        )

    def _operation(self) -> str:
        """Return what is done here: the request that is answered, or the job that runs."""
        return events.operation(CURRENT.get(), self.framework) or str(get_contextvars().get(_JOB, ""))

    def _tell(self, error: BaseException, operation: str, scope: Scope | None, **more: Any) -> None:
        """Tell of *error*, unless it is none, or was told of before."""
        try:
            if isinstance(error, Exception) and not _told(error) and not exceptions.left(error):
                self._send(exceptions.origin(error), operation, scope, error=error, **more)
        except Exception as failure:  # noqa: BLE001 - whatever is wrong with the tracker, the service goes on
            self._lost("error", f"An error could not be told: {type(failure).__name__}.")

    def _send(
        self,
        kind: str,
        operation: str,
        scope: Scope | None,
        *,
        error: BaseException | None = None,
        status: int | None = None,
        handled: bool = True,
        extra: Mapping[str, object] | None = None,
        message: object = None,
        level: str = "error",
    ) -> None:
        if not self._sentry.takes("error") or not self._errors.permits(kind):
            self._lost("error", _TOO_MANY % "error")
            return
        snapshot = Snapshot(self._redactor)
        event = self._event(operation, scope, snapshot, status)
        event["level"] = level
        if message is not None:
            event["logentry"] = {"formatted": snapshot.of(message)}
        event["extra"] |= snapshot.fields((extra or {}).items(), broadest=_EXTRAS)
        if error is not None:
            event["exception"] = {"values": exceptions.described(error, snapshot, handled=handled)}
        event["breadcrumbs"] = {"values": self._crumbs.of(scope, get_contextvars().get(_JOB), snapshot)}
        self._sentry.send(event)

    def _event(self, operation: str, scope: Scope | None, snapshot: Snapshot, status: int | None) -> Event:
        return events.described(
            scope, snapshot, self._redactor, operation=operation, service=self._service, status=status
        )

    def _transaction(self, scope: Scope, route: str, status: int, seconds: float) -> Event:
        from sentry_sdk.tracing import get_span_status_from_http_code  # noqa: PLC0415 - loaded by now

        event = self._event(f"{scope['method']} {route}", scope, Snapshot(self._redactor), status)
        event["contexts"]["trace"].update(op=events.SERVER, status=get_span_status_from_http_code(status))
        now = time.time()
        more = {"transaction_info": {"source": "route"}, "start_timestamp": now - seconds, "timestamp": now}
        return {**event, **more, "type": "transaction", "spans": []}


class Allowance:
    """Permits *at_once* of each kind, and *a_second* of them from then on."""

    def __init__(self, at_once: int, a_second: float) -> None:
        self._at_once = at_once
        self._a_second = a_second
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._lock = Lock()
        self._kinds: dict[str, tuple[float, float]] = {}

    def permits(self, kind: str) -> bool:
        """Tell whether one more of *kind* is permitted, and count it."""
        with self._lock:
            now = time.monotonic()
            left, since = self._kinds.get(kind, (self._at_once, now))
            left = min(self._at_once, left + (now - since) * self._a_second)
            if len(self._kinds) >= _KINDS:
                self._kinds.clear()
            self._kinds[kind] = (left - 1 if left >= 1 else left, now)
            return left >= 1


def _scope() -> Scope | None:
    scope = CURRENT.get()
    return None if scope is None else scope_of(scope)


def _is_refusal(record: Record, error: BaseException) -> bool:
    """Tell whether the framework answered with less than a 500, as it does when it logs what it refused."""
    answered = record.fields.get("status_code", getattr(error, "status_code", getattr(error, "code", None)))
    framework = "status_code" in record.fields or any(kind.__name__ == "HTTPException" for kind in type(error).__mro__)
    return framework and isinstance(answered, int) and answered < FAILED


def _told(error: BaseException) -> bool:
    """Tell whether *error* was told of a moment ago, as when it is captured and raised again, and that it is now."""
    now = time.monotonic()
    marks = object.__getattribute__(error, "__dict__")
    before, marks[_MARK] = marks.get(_MARK), now
    return isinstance(before, float) and now - before < _AGAIN


_trackers: weakref.WeakSet[Tracker] = weakref.WeakSet()
"""Those of this process: each begins anew in a process that is forked, and is flushed at the end of its own."""


def _forget() -> None:
    for tracker in tuple(_trackers):
        tracker.forget()


def flush() -> None:
    """Wait until everything is sent, at most two seconds in all."""
    end = time.monotonic() + AT_EXIT
    for tracker in tuple(_trackers):
        tracker.flush(max(end - time.monotonic(), 0.0))


os.register_at_fork(after_in_child=_forget)
