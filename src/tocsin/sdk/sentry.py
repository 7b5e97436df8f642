"""The way to the error tracker: sentry-sdk's client and transport, and what takes secrets out of all that they send.

None of sentry-sdk's integrations is installed and its global client stays as the application has it, so that it costs
nothing until something is sent. Imported only where SENTRY_DSN is set. Sources: Sentry's developer documentation,
"Event Payloads", "Envelopes" and "Rate Limiting".
"""

from __future__ import annotations

import platform
import socket
import time
from collections.abc import Callable
from threading import Lock
from typing import Any

from sentry_sdk import Client
from sentry_sdk.envelope import Envelope, Item
from sentry_sdk.transport import HttpTransport
from sentry_sdk.utils import BadDsn, Dsn

from tocsin.model import DeclarationError
from tocsin.sdk.redact import Redactor

ERROR, TRANSACTION = "error", "transaction"

QUEUE = 100
"""Events that wait to be sent; what comes when they are so many is lost, and counted."""

_FOR_TRANSACTIONS = QUEUE // 2
_TIMEOUT = 10
"""Seconds that the tracker has for its answer."""

_PAUSE = 0.005

_RUNTIME = {"name": platform.python_implementation(), "version": platform.python_version()}
_OURS = "tocsin"
_STRUCTURE = frozenset(
    (
        "contexts",
        "dist",
        "environment",
        "event_id",
        "level",
        "platform",
        "release",
        "sdk",
        "server_name",
        "spans",
        "start_timestamp",
        "timestamp",
        "transaction_info",
        "type",
    )
)
"""What holds nothing but what we put there ourselves: no text of a request's, nor of the service's."""

_LEFT_OUT = ("user", "_meta", "modules")
"""Who the user is, and what sentry-sdk adds of its own."""

_SOURCE = ("vars", "pre_context", "context_line", "post_context")
_WHY = {
    "network_error": "it cannot be reached or refuses them, see SENTRY_DSN",
    "queue_overflow": "it is slower than they come",
    "ratelimit_backoff": "it asked for fewer",
    "status_429": "it asked for fewer",
    "send_error": "it finds them too long",
}

Event = dict[str, Any]
Lost = Callable[[str, str], None]
"""Told of each error or transaction that was not sent: which of the two, and a sentence."""


class Sentry:
    """Sends to the tracker of *dsn*, from a thread of its own that starts with the first event.

    Raises:
        DeclarationError: the DSN is none.

    """

    def __init__(self, dsn: str, *, release: str, environment: str, redactor: Redactor, lost: Lost) -> None:
        try:
            Dsn(dsn)
        except (BadDsn, ValueError) as error:
            raise DeclarationError(
                "SENTRY_DSN is no DSN: set the one that the error tracker shows for its project, "
                "like https://<key>@<host>/<project>, or unset it."
            ) from error
        self._lost = lost
        self._redactor = redactor
        self._options: dict[str, Any] = {
            "dsn": dsn,
            "release": release,
            "environment": environment,
            "server_name": socket.gethostname(),
            "default_integrations": False,
            "auto_enabling_integrations": False,
            "auto_session_tracking": False,
            "enable_backpressure_handling": False,
            "send_client_reports": False,
            "spotlight": False,
            "debug": False,
            "sample_rate": 1.0,
            "transport": _Sender,
            "transport_queue_size": QUEUE,
            "before_send": self._scrubbed,
            "before_send_transaction": self._scrubbed,
        }
        self.forget()
        self._opened()  # while the service starts: what this loads would be felt by the first request that fails

    def forget(self) -> None:
        """Begin anew, in a process whose parent's threads and connections it has not."""
        self._lock = Lock()
        self._client: Client | None = None

    def takes(self, category: str) -> bool:
        """Tell whether there is room for one more, and no limit set by the tracker against it."""
        sender = self._client and self._client.transport
        return not isinstance(sender, _Sender) or sender.takes(category)

    def send(self, event: Event) -> None:
        """Send an error, or a transaction, whose type says so.

        It goes by as a hint, since sentry-sdk would cut it to ten fields of a kind.
        """
        known: Any = {name: event[name] for name in ("level", "type") if name in event}
        told = {**event, "contexts": {"runtime": _RUNTIME, **event["contexts"]}}
        self._opened().capture_event(known, {_OURS: told})

    def flush(self, seconds: float) -> bool:
        """Wait until everything is sent, at most so long; tell whether it is.

        No lock is taken, since the signal that ends the process may have interrupted who holds it.
        """
        sender = self._client and self._client.transport
        end = time.monotonic() + seconds
        while isinstance(sender, _Sender) and sender.waiting and time.monotonic() < end:
            time.sleep(_PAUSE)
        return not (isinstance(sender, _Sender) and sender.waiting)

    def _opened(self) -> Client:
        with self._lock:
            if self._client is None:
                self._client = Client(**self._options)
                if isinstance(self._client.transport, _Sender):
                    self._client.transport.lost = self._lost
            return self._client

    def _scrubbed(self, event: Any, hint: Any) -> Any:
        return scrubbed({**event, **hint[_OURS]}, self._redactor)


class _Sender(HttpTransport):
    """sentry-sdk's transport, which tells what is lost, and keeps room for errors where transactions abound."""

    TIMEOUT = _TIMEOUT
    lost: Lost

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self._counting = Lock()
        self.waiting = 0
        """Events that are not sent yet."""
        self._sending = ERROR

    def takes(self, category: str) -> bool:
        """Tell whether there is room for one more, and no limit set by the tracker against it."""
        room = _FOR_TRANSACTIONS if category == TRANSACTION else QUEUE
        return self.waiting < room and not self._check_disabled(category)

    def capture_envelope(self, envelope: Envelope) -> None:
        """Let the envelope wait to be sent."""
        self._count(1)
        super().capture_envelope(envelope)

    def record_lost_event(
        self, reason: str, data_category: str | None = None, item: Item | None = None, *, quantity: int = 1
    ) -> None:
        """Tell that an event is lost."""
        del quantity
        if reason == "queue_overflow":
            self._count(-1)
        category = item.data_category if item is not None else data_category
        if category in (ERROR, TRANSACTION):
            self._tell(category, reason)

    def on_dropped_event(self, reason: str) -> None:
        """Tell that the tracker has refused an event, which sentry-sdk leaves the tracker to count."""
        if reason == "status_429":
            self._tell(self._sending, reason)

    def _send_envelope(self, envelope: Envelope) -> None:
        self._sending = TRANSACTION if envelope.get_transaction_event() else ERROR
        try:
            super()._send_envelope(envelope)
        finally:
            self._count(-1)

    def _get_pool_options(self) -> dict[str, Any]:
        """Try once: each try again would be a warning in the service's logs, and hold up what waits."""
        return {**super()._get_pool_options(), "retries": False}

    def _count(self, by: int) -> None:
        with self._counting:
            self.waiting += by

    def _tell(self, category: str, reason: str) -> None:
        why = _WHY.get(reason, reason.replace("_", " "))
        self.lost(category, f"The error tracker did not get every {category}: {why}.")


def scrubbed(event: Event, redactor: Redactor) -> Event:
    """Return *event*, as it is about to be sent, without what is secret or personal, and without who the user is."""
    clean = {name: value for name, value in event.items() if name in _STRUCTURE}
    for name, value in event.items():
        if name == "exception":
            clean[name] = {"values": [_exception(one, redactor) for one in value["values"]]}
        elif name not in _STRUCTURE and name not in _LEFT_OUT:
            clean[name] = redactor.value(value)
    return clean


def _exception(exception: Event, redactor: Redactor) -> Event:
    clean: Event = redactor.value({name: value for name, value in exception.items() if name != "stacktrace"})
    if "stacktrace" in exception:
        clean["stacktrace"] = {"frames": [_frame(frame, redactor) for frame in exception["stacktrace"]["frames"]]}
    return clean


def _frame(frame: Event, redactor: Redactor) -> Event:
    return {**frame, **{name: redactor.value(frame[name]) for name in _SOURCE if name in frame}}
