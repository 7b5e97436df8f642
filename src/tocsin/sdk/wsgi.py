"""The WSGI middleware: watches each request from outside, and changes nothing of what the application says.

Source: PEP 3333. A request lasts until the last part of its answer was taken. A list or tuple, and a file in the
server's own wrapper, are handed on as they are, so that the server can still tell their length or send the file
itself; such a request ends when it is handed over.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sized
from http import HTTPStatus
from threading import Thread
from time import perf_counter
from typing import Any

from tocsin.model import UNMATCHED
from tocsin.sdk import routes
from tocsin.sdk.cells import FOLD_AT
from tocsin.sdk.context import CURRENT
from tocsin.sdk.doors import Door
from tocsin.sdk.environ import scope_of
from tocsin.sdk.faults import FaultDoor
from tocsin.sdk.logs import Logs
from tocsin.sdk.protocol import Message, Scope
from tocsin.sdk.requests import RequestCell, Requests

Environ = dict[str, Any]
StartResponse = Callable[..., Callable[[bytes], object]]
WSGIApp = Callable[[Environ, StartResponse], Iterable[bytes]]

FAILED = "500"
CLIENT_LEFT = "499"

_REMEMBERED = 4096
_FOLD = FOLD_AT - 1
_LONGEST = 65536
"""Bytes of a body that a door reads."""

Key = tuple[object, ...]
Kind = tuple[RequestCell, int, bool]
"""Where requests of one kind are recorded, their status, and whether they get a log line."""


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

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a door, or watch a request."""
        door = self._doors.get(environ.get("PATH_INFO", ""))
        if door is not None:
            self._start()
            return _answered(door, environ, start_response)
        if not self._begin() & _FOLD:
            self._requests.fold()
        answer = Answer(self, environ, start_response)
        try:
            body = self._app(environ, answer.start)
        except BaseException:
            answer.end(failed=True)
            raise
        if type(body) in (list, tuple) or type(body) is environ.get("wsgi.file_wrapper"):
            answer.end()
            return body
        return answer.around(body)

    def record(self, environ: Environ, template: object, mount: str, status: str, seconds: float) -> None:
        """Record a request that ended; *mount* is where the application itself is mounted."""
        if template is None:
            template = environ.get(routes.TEMPLATE)
        key = (environ["REQUEST_METHOD"], template, environ.get("SCRIPT_NAME"), mount, status)
        try:
            cell, code, loud = self._kinds[key]
        except KeyError:
            cell, code, loud = self._kinds[key] = self._first(environ, template, mount, status)
        except TypeError:  # what a strange framework has for a template has no hash
            cell, code, loud = self._first(environ, template, mount, status)
        cell.append(seconds)
        if loud:
            self._logs.request(scope_of(environ), cell.route, code, seconds)

    def _first(self, environ: Environ, template: object, mount: str, status: str) -> Kind:
        self._start()
        if len(self._kinds) >= _REMEMBERED:
            self._kinds.clear()
        try:
            code = int(status[:3])
        except (TypeError, ValueError):  # the server will refuse it
            code = int(FAILED)
        route = UNMATCHED
        if isinstance(template, str):
            route = environ.get("SCRIPT_NAME", "").removeprefix(mount) + template
        return self._requests.at(environ["REQUEST_METHOD"], route, code), code, code >= self._logs.loud

    def _start(self) -> None:
        """Start the series of the routes there are; not before the first request, since routes are added until then."""
        if not self._started:
            self._started = True
            self._requests.start(routes.rules(self._framework))


class Answer:
    """One request's answer on its way through the middleware: what starts it, and then its body."""

    __slots__ = (
        "_began",
        "_body",
        "_ended",
        "_environ",
        "_iterator",
        "_middleware",
        "_mount",
        "_start_response",
        "_status",
        "_template",
        "_token",
    )

    def __init__(self, middleware: Middleware, environ: Environ, start_response: StartResponse) -> None:
        self._middleware = middleware
        self._environ = environ
        self._mount = environ.get("SCRIPT_NAME", "")
        self._start_response = start_response
        self._status = ""
        self._template: object = None
        self._ended = False
        self._token = CURRENT.set(environ)
        self._began = perf_counter()

    def start(self, status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], object]:
        """Start the response, as the server's own start_response does."""
        self._status = status
        self._template = routes.flask(self._environ)
        if exc_info:
            return self._start_response(status, headers, exc_info)
        return self._start_response(status, headers)

    def around(self, body: Iterable[bytes]) -> Iterable[bytes]:
        """Return what the server is to iterate in place of *body*; it tells its length if *body* does."""
        self._body = self._iterator = body
        return SizedAnswer(self, body) if isinstance(body, Sized) else self

    def __iter__(self) -> Iterator[bytes]:
        if self._iterator is self._body:  # who iterates an iterator once more goes on
            self._iterator = iter(self._body)
        return self

    def __next__(self) -> bytes:
        try:
            for chunk in self._iterator:
                return chunk
        except BaseException:
            self.end(failed=True)
            raise
        self.end()
        raise StopIteration

    def close(self) -> None:
        """Close the body; who closes it before its end has left."""
        token = CURRENT.set(self._environ)
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            CURRENT.reset(token)
            self.end(CLIENT_LEFT)
            self._body = self._iterator = ()

    def end(self, without: str = FAILED, *, failed: bool = False) -> None:
        """Record the request, once; one whose answer never started counts as *without*."""
        if self._ended:
            return
        self._ended = True
        seconds = perf_counter() - self._began
        status = self._status or without
        if failed and str(status) < FAILED:
            status = FAILED
        self._middleware.record(self._environ, self._template, self._mount, status, seconds)
        try:
            CURRENT.reset(self._token)
        except ValueError:  # a server may iterate an answer in another context than it asked for it
            CURRENT.set(None)


class SizedAnswer:
    """An answer whose body tells how many parts it has."""

    def __init__(self, answer: Answer, body: Sized) -> None:
        self._body = body
        self.close = answer.close
        self._iterate = answer.__iter__

    def __len__(self) -> int:
        return len(self._body)

    def __iter__(self) -> Iterator[bytes]:
        return self._iterate()


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
