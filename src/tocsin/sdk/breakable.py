"""Applications that the fault door breaks: what it does to requests.

Errors and delays happen inside of what is measured, as the service's own would. A request that is to fail is answered
by the application, so that its route is known, and its answer is replaced. A service that is down answers nothing,
so its refusals happen outside: they are neither counted nor logged. Neither ASGI nor WSGI lets an application close a
connection without an answer; a refusal is an empty 503, to whatever is asked but the fault door: /metrics and /healthz
too, as for Prometheus (`up`) and for whoever restarts it the service is down.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from tocsin.sdk import asgi, loops, wsgi
from tocsin.sdk.faults import PATH, Faults
from tocsin.sdk.frameworks import Kind
from tocsin.sdk.port import Scraped
from tocsin.sdk.protocol import TEXT, ASGIApp, Message, Receive, Scope, Send, answer
from tocsin.sdk.wsgi import Environ, StartResponse, WSGIApp

_BROKEN = b"Broken on purpose, by the fault door.\n"


def breaking(kind: Kind, app: Any, faults: Faults) -> tuple[Kind, Any]:
    """Return *kind* of middleware, and *app*, such that *faults* breaks them."""
    if issubclass(kind, asgi.Middleware):
        return _refusing_asgi(faults), _broken_asgi(app, faults)
    return _refusing_wsgi(faults), _broken_wsgi(app, faults)


def refusing(scraped: Scraped, faults: Faults) -> Scraped:
    """Return *scraped*, which answers scrapes, such that it refuses while the service is down."""

    def refused(accept: str, accept_encoding: str, authorization: bytes) -> Any:
        if faults.present().down:
            return 503, b"", TEXT, ()
        return scraped(accept, accept_encoding, authorization)

    return refused


def _refusing_asgi(faults: Faults) -> type[asgi.Middleware]:
    class Refusing(asgi.Middleware):
        __slots__ = ()

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "lifespan" or _at_door(scope) or not faults.present().down:
                await super().__call__(scope, receive, send)
            elif scope["type"] == "http":
                await answer(scope, send, 503, b"", TEXT)
            else:
                await receive()
                await send({"type": "websocket.close"})  # before it is accepted, so that the handshake is refused

    return Refusing


def _at_door(scope: Scope) -> bool:
    return bool(scope["path"].removeprefix(scope.get("root_path", "")) == PATH)


def _refusing_wsgi(faults: Faults) -> type[wsgi.Middleware]:
    class Refusing(wsgi.Middleware):
        __slots__ = ()

        def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            if environ.get("PATH_INFO", "") != PATH and faults.present().down:
                return _said(start_response, "503 Service Unavailable", b"")
            return super().__call__(environ, start_response)

    return Refusing


def _broken_asgi(app: ASGIApp, faults: Faults) -> ASGIApp:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            fails = faults.fails()
            for seconds in faults.pauses():
                await loops.sleep(seconds)
            if fails:
                await _failed(app, scope, receive, send)
                return
        await app(scope, receive, send)

    return broken


async def _failed(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with a failure as soon as the application answers."""
    failed = False

    async def replaced(_: Message) -> None:
        nonlocal failed
        if not failed:
            failed = True
            await answer(scope, send, 500, _BROKEN, TEXT)

    await app(scope, receive, replaced)


def _broken_wsgi(app: WSGIApp, faults: Faults) -> WSGIApp:
    def broken(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        fails = faults.fails()
        for seconds in faults.pauses():
            time.sleep(seconds)
        return _replaced(app, environ, start_response) if fails else app(environ, start_response)

    return broken


def _replaced(app: WSGIApp, environ: Environ, start_response: StartResponse) -> list[bytes]:
    """Answer with a failure as soon as the application starts its answer; one that is lazy does with its first part."""
    failure: list[bytes] = []

    def start(*_: Any) -> Callable[[bytes], None]:
        failure[:] = failure or _said(start_response, "500 Internal Server Error", _BROKEN)
        return lambda _: None

    body = app(environ, start)
    try:
        next(iter(body), None)
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()
    return failure


def _said(start_response: StartResponse, status: str, body: bytes) -> list[bytes]:
    headers = [("content-type", TEXT.decode()), ("content-length", str(len(body))), ("cache-control", "no-store")]
    start_response(status, headers)
    return [body]
