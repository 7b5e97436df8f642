"""The WSGI middleware: watches each request from outside, and changes nothing of what the application says.

Source: PEP 3333. A request lasts until the last part of its answer was taken. A list or tuple, and a file in the
server's own wrapper, are handed on as they are, so that the server can still tell their length or send the file
itself; such a request ends when it is handed over.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from threading import Thread
from time import perf_counter
from typing import Any

from tocsin.model import UNMATCHED
from tocsin.sdk import routes
from tocsin.sdk.cells import FOLD_AT
from tocsin.sdk.context import CURRENT, sampled
from tocsin.sdk.doors import Door
from tocsin.sdk.environ import scope_of
from tocsin.sdk.faults import FaultDoor
from tocsin.sdk.logs import Logs
from tocsin.sdk.protocol import Message, Scope
from tocsin.sdk.requests import RequestCell, Requests

Environ = dict[str, Any]
Write = Callable[[bytes], object]
StartResponse = Callable[..., Write]
WSGIApp = Callable[[Environ, StartResponse], Iterable[bytes]]

FAILED = "500"
CLIENT_LEFT = "499"

_REMEMBERED = 4096
_FOLD = FOLD_AT - 1
_LONGEST = 65536
"""Bytes of a body that a door reads."""

Key = tuple[str, str | None, str, str, str]
"""Method, the framework's template, where it is mounted, where the application itself is, and status."""
Kind = tuple[RequestCell, int, bool]
"""Where requests of one kind are recorded, their status, and whether they get a log line."""


Ended = Callable[..., None]
"""Records a request; what it counts as if its answer never started, and whether it failed."""


class Breakable:
    """Lets *door* break *app* as it is told."""

    def __init__(self, app: WSGIApp, door: FaultDoor) -> None:
        self._app = app
        self._door = door

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Pass a request on, or break it first."""
        seconds, fails = self._door.verdict()
        time.sleep(seconds)
        if fails:
            return _answered(self._door.fail, environ, start_response)
        return self._app(environ, start_response)


class Middleware:
    """Counts, times and logs the requests of *app*; *framework* is the object whose routes they match."""

    breakable = Breakable
    __slots__ = ("_app", "_begin", "_doors", "_framework", "_kinds", "_logs", "_requests", "_started")

    def __init__(
        self, app: WSGIApp, framework: object, requests: Requests, logs: Logs, doors: Mapping[str, Door]
    ) -> None:
        self._app = app
        self._framework = framework
        self._requests = requests
        self._begin = requests.begin
        self._logs = logs
        self._doors = doors
        self._kinds: dict[Key, Kind] = {}
        self._started = False

    def __call__(  # noqa: C901 - one function, since a call costs as much as what it would hold
        self, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a door, or watch a request."""
        door = self._doors.get(environ.get("PATH_INFO", ""))
        if door is not None:
            self._start()
            return _answered(door, environ, start_response)
        if not self._begin() & _FOLD:
            self._requests.fold()
        mount = environ.get("SCRIPT_NAME", "")
        status, template = "", None

        def started(said: str, headers: Any, exc_info: Any = None) -> Write:
            nonlocal status, template
            status = said
            request = environ.get("werkzeug.request")  # Flask takes it out again when it has answered
            if request is not None:
                template = routes.flask(request)
            if exc_info:
                return start_response(said, headers, exc_info)
            return start_response(said, headers)

        def ended(without: str, *, failed: bool) -> None:
            seconds = perf_counter() - began
            said = status or without
            if failed and str(said) < FAILED:
                said = FAILED
            route = template or environ.get(routes.TEMPLATE)
            key = (environ["REQUEST_METHOD"], route, environ.get("SCRIPT_NAME", ""), mount, said)
            try:
                cell, code, loud = self._kinds[key]
            except KeyError:
                cell, code, loud = self._kinds[key] = self._first(*key)
            cell.append(seconds)
            if loud:
                self._logs.request(scope_of(environ), cell.route, code, seconds)
                if (asked := sampled(scope_of(environ))) is not None:
                    cell.exemplify(asked.trace_id, asked.span_id, seconds)
            try:
                CURRENT.reset(token)
            except ValueError:  # a server may iterate an answer in another context than it asked for it
                CURRENT.set(None)

        token = CURRENT.set(environ)
        began = perf_counter()
        try:
            body = self._app(environ, started)
        except BaseException:
            ended(FAILED, failed=True)
            raise
        kind = type(body)
        if kind is list or kind is tuple or kind is environ.get("wsgi.file_wrapper"):
            ended(FAILED, failed=False)
            return body
        return (SizedAnswer if hasattr(body, "__len__") else Answer)(body, environ, ended)

    def _first(self, method: str, template: str | None, root: str, mount: str, status: str) -> Kind:
        """Return the kind of requests that have not been seen before, or not lately."""
        self._start()
        if len(self._kinds) >= _REMEMBERED:
            self._kinds.clear()
        try:
            code = int(status[:3])
        except (TypeError, ValueError):  # the server will refuse it
            code = int(FAILED)
        route = UNMATCHED if template is None else root.removeprefix(mount) + template
        return self._requests.at(method, route, code), code, code >= self._logs.loud

    def _start(self) -> None:
        """Start the series of the routes there are; not before the first request, since routes are added until then."""
        if not self._started:
            self._started = True
            self._requests.start(routes.rules(self._framework))


class Answer:
    """The body of an answer on its way through the middleware.

    *ended* is told once of its end. What the body does when it is closed after that still belongs to the request.
    """

    __slots__ = ("_body", "_ended", "_environ", "_parts")

    def __init__(self, body: Iterable[bytes], environ: Environ, ended: Ended) -> None:
        self._body = body
        self._environ = environ
        self._ended: Ended | None = ended
        self._parts: Iterator[bytes] | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            for chunk in self._body:  # noqa: UP028 - `yield from` would close the body when a server drops its iterator
                yield chunk
        except GeneratorExit:
            raise
        except BaseException:
            self._end(failed=True)
            raise
        self._end()

    def __next__(self) -> bytes:
        if self._parts is None:
            self._parts = iter(self)
        return next(self._parts)

    def close(self) -> None:
        """Close the body; who closes it before its end has left."""
        token = CURRENT.set(self._environ)
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            CURRENT.reset(token)
            self._end(CLIENT_LEFT)
            self._body = ()
            self._parts = None

    def _end(self, without: str = FAILED, *, failed: bool = False) -> None:
        ended, self._ended = self._ended, None
        if ended is not None:
            ended(without, failed=failed)


class SizedAnswer(Answer):
    """An answer whose body tells how many parts it has."""

    __slots__ = ()

    def __len__(self) -> int:
        return len(self._body)  # type: ignore[arg-type]  # only a body with a length comes here


def _answered(door: Door, environ: Environ, start_response: StartResponse) -> list[bytes]:
    """Let *door* answer."""
    said: list[Message] = []
    thread = Thread(target=asyncio.run, args=(_visit(door, environ, said),))  # here a loop may already run
    thread.start()
    thread.join()
    start, body = said
    status = HTTPStatus(start["status"])
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
    start_response(f"{status.value} {status.phrase}", headers)
    return [body["body"]]


async def _visit(door: Door, environ: Environ, said: list[Message]) -> None:
    scope: Scope = scope_of(environ)

    async def receive() -> Message:
        length = environ.get("CONTENT_LENGTH") or "0"
        wanted = min(int(length), _LONGEST) if length.isdecimal() else 0
        return {"type": "http.request", "body": environ["wsgi.input"].read(wanted), "more_body": False}

    def send(message: Message) -> Awaitable[None]:
        said.append(message)
        return asyncio.sleep(0)

    await door(scope, receive, send)
