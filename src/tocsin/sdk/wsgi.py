"""The WSGI middleware: watches each request from outside, and changes nothing of what the application says.

Source: PEP 3333. A request lasts until the last part of its answer was taken. A list or tuple, and a file in the
server's own wrapper, are handed on as they are, so that the server can still tell their length or send the file
itself; such a request ends when it is handed over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextvars import Token
from http import HTTPStatus
from threading import Thread
from time import perf_counter
from typing import Any

from tocsin.model import UNMATCHED
from tocsin.sdk import context, routes
from tocsin.sdk.context import CURRENT
from tocsin.sdk.doors import Door
from tocsin.sdk.environ import KEY, scope_of
from tocsin.sdk.protocol import Message, Scope
from tocsin.sdk.requests import FAILED, Pace, RequestCell, Requests
from tocsin.sdk.witness import REQUEST_ID, Witness, named

Environ = dict[str, Any]
Write = Callable[[bytes], object]
StartResponse = Callable[..., Write]
WSGIApp = Callable[[Environ, StartResponse], Iterable[bytes]]

_FAILED = str(FAILED)
CLIENT_LEFT = "499"

_REMEMBERED = 4096
_LONGEST = 65536
"""Bytes of a body that a door reads."""

Key = tuple[str, str | None, str, str, str]
"""Method, the framework's template, where it is mounted, where the application itself is, and status."""
Kind = tuple[RequestCell, int]
"""Where requests of one kind are recorded, and their status."""


class Middleware:
    """Counts, times and tells of the requests of *app*; *framework* is the object whose routes they match."""

    __slots__ = (
        "_app",
        "_begin",
        "_doors",
        "_framework",
        "_kinds",
        "_logs",
        "_pace",
        "_requests",
        "_started",
        "_witness",
    )

    def __init__(
        self, app: WSGIApp, framework: object, requests: Requests, witness: Witness, doors: Mapping[str, Door]
    ) -> None:
        self._app = app
        self._framework = framework
        self._requests = requests
        self._begin = requests.begin
        self._pace = Pace(requests, witness.gap)
        self._witness = witness
        self._logs = witness.logs
        self._doors = doors
        self._kinds: dict[Key, Kind] = {}
        self._started = False

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a door, or watch a request."""
        door = self._doors.get(environ.get("PATH_INFO", ""))
        if door is not None:
            self._start()
            return _answered(door, environ, start_response)
        number = self._begin()
        sampled = number >= self._pace.due and self._pace.turn(number)
        answer = Answer(self, environ, start_response, sampled)
        start = answer.start_named if self._witness.names else answer.start
        token = CURRENT.set(environ)
        answer.token = token
        answer.began = perf_counter()
        try:
            body = self._app(environ, start)
        except BaseException as error:
            answer.end(_FAILED, error)
            raise
        kind = type(body)
        if kind is list or kind is tuple or kind is environ.get("wsgi.file_wrapper"):
            answer.end(_FAILED)
            return body
        answer.body = body
        return SizedAnswer(answer) if hasattr(body, "__len__") else answer

    def record(self, answer: Answer, status: str, seconds: float, error: BaseException | None) -> None:
        """Record a request that has ended, and tell of it."""
        environ = answer.environ
        route = answer.template or environ.get(routes.TEMPLATE)
        key = (environ["REQUEST_METHOD"], route, environ.get("SCRIPT_NAME", ""), answer.mount, status)
        try:
            cell, code = self._kinds[key]
        except KeyError:
            cell, code = self._kinds[key] = self._first(*key)
        cell.append(seconds)
        if code >= self._logs.loud or answer.sampled or code >= FAILED or (KEY in environ and context.sampled(environ)):
            self._witness.ended(scope_of(environ), cell, code, seconds, sampled=answer.sampled, error=error)

    def _first(self, method: str, template: str | None, root: str, mount: str, status: str) -> Kind:
        """Return the kind of requests that have not been seen before, or not lately."""
        self._start()
        if len(self._kinds) >= _REMEMBERED:
            self._kinds.clear()
        try:
            code = int(status[:3])
        except (TypeError, ValueError):  # the server will refuse it
            code = FAILED
        route = UNMATCHED if template is None else root.removeprefix(mount) + template
        return self._requests.at(method, route, code), code

    def _start(self) -> None:
        """Start the series of the routes there are; not before the first request, since routes are added until then."""
        if not self._started:
            self._started = True
            self._requests.start(routes.rules(self._framework))


class Answer:
    """A request on its way through the middleware: its start_response, and the body of its answer.

    Its end is recorded once. What the body does when it is closed after that still belongs to the request.
    """

    __slots__ = (
        "_middleware",
        "_over",
        "_parts",
        "_start_response",
        "_status",
        "began",
        "body",
        "environ",
        "mount",
        "sampled",
        "template",
        "token",
    )

    body: Iterable[bytes]
    began: float
    token: Token[Scope | None]

    def __init__(
        self,
        middleware: Middleware,
        environ: Environ,
        start_response: StartResponse,
        sampled: bool,  # noqa: FBT001 - on the hot path
    ) -> None:
        self._middleware = middleware
        self._start_response = start_response
        self.environ = environ
        self.sampled = sampled
        self.mount = environ.get("SCRIPT_NAME", "")
        self.template: str | None = None
        self._status = ""
        self._over = False
        self._parts: Iterator[bytes] | None = None

    def start(self, status: str, headers: Any, exc_info: Any = None) -> Write:
        """Take what the application starts its answer with, and hand it on."""
        self._status = status
        request = self.environ.get("werkzeug.request")  # Flask takes it out again when it has answered
        if request is not None:
            self.template = routes.flask(request)
        if exc_info:
            return self._start_response(status, headers, exc_info)
        return self._start_response(status, headers)

    def start_named(self, status: str, headers: Any, exc_info: Any = None) -> Write:
        """Do the same, and add the request id."""
        return self.start(status, named(headers, self.environ, REQUEST_ID), exc_info)

    def end(self, without: str = _FAILED, error: BaseException | None = None) -> None:
        """Record the end; *without* is what the request counts as if its answer never started."""
        if self._over:
            return
        self._over = True
        seconds = perf_counter() - self.began
        said = self._status or without
        self._middleware.record(self, _FAILED if error is not None and str(said) < _FAILED else said, seconds, error)
        try:
            CURRENT.reset(self.token)
        except ValueError:  # a server may iterate an answer in another context than it asked for it
            CURRENT.set(None)

    def __iter__(self) -> Iterator[bytes]:
        try:
            for chunk in self.body:  # noqa: UP028 - `yield from` would close the body when a server drops its iterator
                yield chunk
        except GeneratorExit:
            raise
        except BaseException as error:
            self.end(error=error)
            raise
        self.end()

    def __next__(self) -> bytes:
        if self._parts is None:
            self._parts = iter(self)
        return next(self._parts)

    def close(self) -> None:
        """Close the body; who closes it before its end has left."""
        token = CURRENT.set(self.environ)
        try:
            close = getattr(self.body, "close", None)
            if close is not None:
                close()
        finally:
            CURRENT.reset(token)
            self.end(CLIENT_LEFT)
            self.body = ()
            self._parts = None


class SizedAnswer:
    """An answer whose body tells how many parts it has."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.close = answer.close

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer)

    def __next__(self) -> bytes:
        return next(self._answer)

    def __len__(self) -> int:
        return len(self._answer.body)  # type: ignore[arg-type]  # only a body with a length comes here


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
