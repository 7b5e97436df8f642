"""The ASGI middleware: watches each request from outside, and changes nothing of what the application says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter

from tocsin.model import UNMATCHED
from tocsin.sdk import routes
from tocsin.sdk.cells import FOLD_AT
from tocsin.sdk.context import CURRENT, KEY, sampled
from tocsin.sdk.doors import Door
from tocsin.sdk.faults import Breakable
from tocsin.sdk.logs import Logs
from tocsin.sdk.protocol import ASGIApp, Message, Receive, Scope, Send
from tocsin.sdk.requests import RequestCell, Requests

FAILED = 500
CLIENT_LEFT = 499
"""What nginx logs for a client that did not wait for its answer."""

SILENCE = "tocsin.silence"
"""Where a scope holds what a request that nobody answers counts as."""

_ANSWERS = ("http.response.body", "http.response.pathsend", "http.response.zerocopysend", "http.response.trailers")
_REMEMBERED = 4096
_FOLD = FOLD_AT - 1

Key = tuple[object, ...]


class Middleware:
    """Counts, times and logs the requests of *app*; *framework* is the object whose routes they match.

    A request lasts until the last part of its answer is sent; background tasks come after that. Built for the hot
    path: the cell of a request is found by what tells requests apart cheaply (method, the route's path, its mount,
    status), and only the first of a kind works out the template.
    """

    breakable = Breakable
    __slots__ = (
        "_app",
        "_begin",
        "_cells",
        "_door_paths",
        "_doors",
        "_framework",
        "_logs",
        "_loud",
        "_requests",
        "begins",
    )

    def __init__(
        self, app: ASGIApp, framework: object, requests: Requests, logs: Logs, doors: Mapping[str, Door]
    ) -> None:
        self._app = app
        self._framework = framework
        self._requests = requests
        self._begin = requests.begin
        self._logs = logs
        self._loud = logs.loud
        self._doors = doors
        self._door_paths = tuple(doors)
        self._cells: dict[Key, RequestCell] = {}
        self.begins: Callable[[], None] = _nothing
        """Called when the server is about to serve, in the process that will."""
        requests.start(routes.known(framework))

    async def __call__(  # noqa: C901, PLR0912 - one function, since a call costs as much as what it would hold
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer a door, watch an HTTP request, and let everything else pass."""
        if scope["type"] != "http":
            await self._pass(scope, receive, send)
            return
        if scope["path"].endswith(self._door_paths) and (door := self._door(scope)):
            await door(scope, receive, send)
            return
        if not self._begin() & _FOLD:
            self._requests.fold()
        status, ended = 0, 0.0
        last: Message | None = None

        def watched(message: Message) -> Awaitable[None]:
            nonlocal status, ended, last
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                last, ended = message, perf_counter()
            return send(message)

        token = CURRENT.set(scope)
        began = perf_counter()
        try:
            await self._app(scope, receive, watched)
        except BaseException as error:
            status = _cut_short(status, last, error)
            raise
        finally:
            seconds = (ended or perf_counter()) - began
            try:
                status = status or scope.get(SILENCE, FAILED)
                route = scope.get("route")
                if route is None:
                    litestar = scope.get("path_template")
                    if litestar == "":
                        litestar = scope["route_handler"]
                    key: Key = (scope["method"], litestar, status)
                else:
                    fastapi = scope.get("fastapi")
                    if fastapi:
                        route = fastapi.get("effective_route_context") or route
                    key = (scope["method"], route.path, scope.get("root_path"), status)
                cell = self._cells[key]
            except Exception as missing:  # noqa: BLE001 - a KeyError, or whatever a strange framework's route raises
                cell = self._first(scope, status, key if isinstance(missing, KeyError) else None)
            cell.append(seconds)
            if status >= self._loud:
                self._logs.request(scope, cell.route, status, seconds)
            if KEY in scope and (asked := sampled(scope)):
                cell.exemplify(asked.trace_id, asked.span_id, seconds)
            try:
                CURRENT.reset(token)
            except ValueError:  # a server that abandons a request may end it in another context
                CURRENT.set(None)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            self.begins()
        await self._app(scope, receive, send)

    def _door(self, scope: Scope) -> Door | None:
        return self._doors.get(scope["path"].removeprefix(scope.get("root_path", "")))

    def _first(self, scope: Scope, status: int, key: Key | None) -> RequestCell:
        try:
            route = routes.template(scope, self._framework)
        except Exception:  # noqa: BLE001 - the framework's objects are only guessed at
            route = UNMATCHED
        cell = self._requests.at(scope["method"], route, status)
        if key is not None:
            if len(self._cells) >= _REMEMBERED:
                self._cells.clear()
            self._cells[key] = cell
        return cell


def _nothing() -> None:
    """Nobody needs to know."""


def _cut_short(status: int, last: Message | None, error: BaseException) -> int:
    """Return what a request counts as that *error* ended: a failure, unless its answer was whole or the client left."""
    if last is not None and last["type"] in _ANSWERS and not last.get("more_body"):
        return status
    if _left(error) or not isinstance(error, Exception):
        return status or CLIENT_LEFT
    return max(status, FAILED)


def _left(error: BaseException | None) -> bool:
    """Tell whether the client went away, by the names that Starlette and uvicorn have for it."""
    while error is not None:
        if any(kind.__name__ in ("ClientDisconnect", "ClientDisconnected") for kind in type(error).__mro__):
            return True
        error = error.__cause__ or error.__context__
    return False
