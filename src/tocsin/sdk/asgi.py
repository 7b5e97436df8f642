"""The ASGI middleware: watches each request from outside, and changes nothing of what the application says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter
from typing import Any

from tocsin.model import UNMATCHED
from tocsin.sdk import context, loops, routes
from tocsin.sdk.context import CURRENT
from tocsin.sdk.doors import Door
from tocsin.sdk.environ import KEY
from tocsin.sdk.exceptions import left
from tocsin.sdk.protocol import ASGIApp, Message, Receive, Scope, Send
from tocsin.sdk.requests import FAILED, Pace, RequestCell, Requests
from tocsin.sdk.witness import REQUEST_ID, Witness, named

CLIENT_LEFT = 499
"""What nginx logs for a client that did not wait for its answer."""

SILENCE = "tocsin.silence"
"""Where a scope holds what a request that nobody answers counts as."""

_ANSWERS = ("http.response.body", "http.response.pathsend", "http.response.zerocopysend", "http.response.trailers")
_ENDS = ("lifespan.shutdown.complete", "lifespan.shutdown.failed")
_NAME = REQUEST_ID.encode()
_REMEMBERED = 4096

Cells = dict[object, dict[str, dict[int, RequestCell]]]
"""Where requests are recorded: by what tells their route, by method, by status."""


class Middleware:
    """Counts, times and tells of the requests of *app*; *framework* is the object whose routes they match.

    A request lasts until the last part of its answer is sent; background tasks come after that. Built for the hot
    path: the cell of a request is found by what tells requests apart cheaply (the route's path and its mount, method,
    status), and only the first of a kind works out the template.
    """

    __slots__ = (
        "_app",
        "_begin",
        "_cells",
        "_doors",
        "_framework",
        "_logs",
        "_pace",
        "_remembered",
        "_requests",
        "_witness",
        "begins",
        "ends",
    )

    def __init__(
        self, app: ASGIApp, framework: object, requests: Requests, witness: Witness, doors: Mapping[str, Door]
    ) -> None:
        self._app = app
        self._framework = framework
        self._requests = requests
        self._begin = requests.begin
        self._pace = Pace(requests, witness.gap)
        self._witness = witness
        self._logs = witness.logs
        self._doors = doors
        self._cells: Cells = {}
        self._remembered = 0
        self.begins: Callable[[], None] = _nothing
        """Called when the server is about to serve, in the process that will."""
        self.ends: Callable[[], None] = _nothing
        """Called in a thread when the application has shut down, and the server waits to hear of it."""
        requests.start(routes.known(framework))

    async def __call__(  # noqa: C901, PLR0915 - one function, since a call costs as much as what it would hold
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer a door, watch an HTTP request, and let everything else pass."""
        if scope["type"] != "http":
            await self._pass(scope, receive, send)
            return
        if (scope["path"] in self._doors or scope.get("root_path")) and (door := self._door(scope)):
            await door(scope, receive, send)
            return
        number = self._begin()
        sampled = number >= self._pace.due and self._pace.turn(number)
        names = self._witness.names
        status, ended = 0, 0.0
        last: Message | None = None

        def watched(message: Message) -> Awaitable[None]:
            nonlocal status, ended, last
            if message["type"] == "http.response.start":
                status = message["status"]
                if names:
                    message = _named(message, scope)
            else:
                last, ended = message, perf_counter()
            return send(message)

        token = CURRENT.set(scope)
        began = perf_counter()
        try:
            await self._app(scope, receive, watched)
        except BaseException as error:
            seconds = (ended or perf_counter()) - began
            status = _cut_short(status, last, error)
            cell = self._first(scope, status, self)
            cell.append(seconds)
            self._witness.ended(scope, cell, status, seconds, sampled=sampled, error=error)
            raise
        else:
            seconds = (ended or perf_counter()) - began
            try:
                route = scope.get("route")
                if route is None:
                    path: Any = scope.get("path_template") or scope.get("route_handler")
                else:
                    fastapi = scope.get("fastapi")
                    if fastapi:
                        route = fastapi.get("effective_route_context") or route
                    path = route.path
                    if root := scope.get("root_path"):
                        path = root, path
                cell = self._cells[path][scope["method"]][status]
            except Exception as missing:  # noqa: BLE001 - a KeyError, or whatever a strange framework's route raises
                status = status or scope.get(SILENCE, FAILED)
                cell = self._first(scope, status, path if isinstance(missing, KeyError) else self)
            cell.append(seconds)
            if status >= self._logs.loud or sampled or status >= FAILED or (KEY in scope and context.sampled(scope)):
                self._witness.ended(scope, cell, status, seconds, sampled=sampled)
        finally:
            try:
                CURRENT.reset(token)
            except ValueError:  # a server that abandons a request may end it in another context
                CURRENT.set(None)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            self.begins()
            send = self._ending(send)
        await self._app(scope, receive, send)

    def _ending(self, send: Send) -> Send:
        async def told(message: Message) -> None:
            if message["type"] in _ENDS:
                await loops.Call(self.ends).result()
            await send(message)

        return told

    def _door(self, scope: Scope) -> Door | None:
        return self._doors.get(scope["path"].removeprefix(scope.get("root_path", "")))

    def _first(self, scope: Scope, status: int, path: object) -> RequestCell:
        """Return the cell of a request, and remember it by *path*, unless that is no path but this object."""
        try:
            route = routes.template(scope, self._framework)
        except Exception:  # noqa: BLE001 - the framework's objects are only guessed at
            route = UNMATCHED
        cell = self._requests.at(scope["method"], route, status)
        if path is not self:
            self._remembered += 1
            if self._remembered > _REMEMBERED:
                self._cells.clear()
                self._remembered = 1
            self._cells.setdefault(path, {}).setdefault(scope["method"], {})[status] = cell
        return cell


def _nothing() -> None:
    """Nobody needs to know."""


def _named(message: Message, scope: Scope) -> Message:
    return {**message, "headers": named(message.get("headers", ()), scope, _NAME, str.encode)}


def _cut_short(status: int, last: Message | None, error: BaseException) -> int:
    """Return what a request counts as that *error* ended: a failure, unless its answer was whole or the client left."""
    if last is not None and last["type"] in _ANSWERS and not last.get("more_body"):
        return status
    if left(error) or not isinstance(error, Exception):
        return status or CLIENT_LEFT
    return max(status, FAILED)
