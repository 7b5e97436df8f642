"""What is said of a request that has ended: its log line, its error, its transaction, its exemplar."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from tocsin.sdk import context
from tocsin.sdk.exceptions import RAISED
from tocsin.sdk.logs import Logs
from tocsin.sdk.protocol import Scope
from tocsin.sdk.requests import FAILED, RequestCell

REQUEST_ID = "x-request-id"

NEVER = 1 << 62
"""A number of requests that no process sees."""


class Tracker(Protocol):
    """Tells the error tracker of requests."""

    def failed(self, scope: Scope, route: str, status: int, error: BaseException) -> None:
        """Tell of *error*, which ended the request of *scope*, or came after its answer."""

    def transaction(self, scope: Scope, route: str, status: int, seconds: float) -> None:
        """Tell of a request that was sampled."""

    def gap(self) -> int:
        """Return how many requests there are from a sampled one to the next."""


class Witness:
    """Says what there is to say of requests; *names* tells whether answers bear their request id."""

    def __init__(self, logs: Logs, tracker: Tracker | None = None, *, names: bool = False) -> None:
        self.logs = logs
        self.names = names
        self._tracker = tracker

    def gap(self) -> int:
        """Return how many requests there are from a sampled one to the next."""
        return NEVER if self._tracker is None else self._tracker.gap()

    def ended(
        self,
        scope: Scope,
        cell: RequestCell,
        status: int,
        seconds: float,
        *,
        sampled: bool,
        error: BaseException | None = None,
    ) -> None:
        """Say that a request, recorded in *cell*, has ended; *error* came out of the application unanswered."""
        if status >= self.logs.loud:
            self.logs.request(scope, cell.route, status, seconds)
        if self._tracker is not None:
            if error is None and status >= FAILED:
                error = scope.get(RAISED)
            if error is not None:
                self._tracker.failed(scope, cell.route, status, error)
            if sampled:
                self._tracker.transaction(scope, cell.route, status, seconds)
        if (asked := context.sampled(scope)) is not None:
            cell.exemplify(asked.trace_id, asked.span_id, seconds)


def named(headers: Iterable[tuple[Any, Any]], scope: Scope, name: Any, encode: Callable[[str], Any] = str) -> Any:
    """Return *headers* with the request id of *scope* behind them, unless the application has said one itself."""
    try:
        said = list(headers)
        for pair in said:
            if pair[0].lower() == name:
                return said
        said.append((name, encode(context.of(scope).request_id)))
    except Exception:  # noqa: BLE001 - what are no headers is the server's to refuse
        return headers
    return said
