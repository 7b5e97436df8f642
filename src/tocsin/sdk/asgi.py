"""The ASGI middleware: watches each request from outside, and changes nothing of what the application says."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter

from tocsin.sdk import routes
from tocsin.sdk.cells import FOLD_AT
from tocsin.sdk.context import CURRENT
from tocsin.sdk.doors import Door
from tocsin.sdk.logs import Logs
from tocsin.sdk.protocol import ASGIApp, Message, Receive, Scope, Send
from tocsin.sdk.requests import RequestCell, Requests

FAILED = 500
CLIENT_LEFT = 499
"""What nginx logs for a client that did not wait for its answer."""

_REMEMBERED = 4096


class Middleware:
    """Counts, times and logs the requests of *app*; *framework* is the object whose routes they match.

    Built for the hot path: a request's cell is found by what tells requests apart cheaply (method, the route's path,
    its mount, status); only the first of a kind works out the template.
    """

    def __init__(
        self, app: ASGIApp, framework: object, requests: Requests, logs: Logs, doors: Mapping[str, Door]
    ) -> None:
        self._app = app
        self._framework = framework
        self._requests = requests
        self._begin = requests.begin
        self._logs = logs
        self._doors = doors
        self._cells: dict[tuple[object, ...], RequestCell] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a door, watch an HTTP request, and let everything else pass."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        door = self._doors.get(scope["path"]) or (scope.get("root_path") and self._door_below(scope))
        if door:
            await door(scope, receive, send)
            return
        if not self._begin() % FOLD_AT:
            self._requests.fold()
        status, ended, left = 0, False, False

        async def watched(message: Message) -> None:
            nonlocal status, ended, left
            kind = message["type"]
            if kind == "http.response.start":
                status = message["status"]
            try:
                await send(message)
            except OSError:
                left = True
                raise
            if kind == "http.response.body" and not message.get("more_body") and not ended:
                ended = True
                self._end(scope, status, perf_counter() - began)

        token = CURRENT.set(scope)
        began = perf_counter()
        try:
            await self._app(scope, receive, watched)
        except BaseException as error:
            if not ended:
                self._end(scope, _cut_short(status, error, left=left), perf_counter() - began)
            raise
        else:
            if not ended:
                self._end(scope, status or FAILED, perf_counter() - began)
        finally:
            CURRENT.reset(token)

    def _end(self, scope: Scope, status: int, seconds: float) -> None:
        route = scope.get("route")
        if route is None:
            key: tuple[object, ...] = (scope["method"], status)
        else:
            fastapi = scope.get("fastapi")
            context = fastapi.get("effective_route_context") if fastapi else None
            path = getattr(route if context is None else context, "path", None)
            key = (scope["method"], path, scope.get("root_path"), status)
        try:
            cell = self._cells[key]
        except KeyError:
            cell = self._first(scope, status, key)
        cell.append(seconds)
        self._logs.request(scope, cell.route, status, seconds)

    def _first(self, scope: Scope, status: int, key: tuple[object, ...]) -> RequestCell:
        cell = self._requests.at(scope["method"], routes.template(scope, self._framework), status)
        if len(self._cells) >= _REMEMBERED:
            self._cells.clear()
        self._cells[key] = cell
        return cell

    def _door_below(self, scope: Scope) -> Door | None:
        return self._doors.get(scope["path"].removeprefix(scope["root_path"]))


def _cut_short(status: int, error: BaseException, *, left: bool) -> int:
    """Return the status of a request whose answer was not sent whole: a failure, unless it was the client who left."""
    if left or not isinstance(error, Exception):
        return status or CLIENT_LEFT
    return max(status, FAILED)
