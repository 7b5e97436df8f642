"""Where each framework lets itself be watched: in place if it can be, else around it.

Frameworks are looked at, never imported. Starlette and FastAPI build a stack of middleware, Litestar has a handler of
its own, Flask a `wsgi_app`: those are replaced, so that the application stays the object that is served. Everything
else is wrapped: as ASGI if it is a coroutine function, or an object whose `__call__` is one, or if it takes three
arguments (scope, receive, send); as WSGI if it takes two (environ, start_response).

Django keeps the template that matched in the request, which nobody outside gets to see; its handler's
`resolve_request` is asked on the way. It answers a client that left by saying nothing at all, so what it hears is
watched too.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tocsin.model import DeclarationError
from tocsin.sdk import asgi, routes, wsgi
from tocsin.sdk.context import CURRENT
from tocsin.sdk.environ import scope_of
from tocsin.sdk.exceptions import RAISED
from tocsin.sdk.protocol import ASGIApp, Message, Receive, Scope, Send

Kind = type[asgi.Middleware] | type[wsgi.Middleware]
Watch = Callable[[Kind, Any, object], Any]
"""Puts a middleware of some kind around an application; the last argument is the object that has the routes."""

_STACK, _LITESTAR, _FLASK = "build_middleware_stack", "asgi_handler", "wsgi_app"


def installed(app: Any, watch: Watch) -> Any:
    """Return the application as it is to be served, watched.

    Raises:
        DeclarationError: it is watched already, or it cannot be told whether it is ASGI or WSGI.

    """
    if any(isinstance(part, (asgi.Middleware, wsgi.Middleware, _WatchedStack)) for part in _parts(app)):
        raise DeclarationError("The application is observed already: call tocsin.observe once for it.")
    if hasattr(app, _STACK) and hasattr(app, "middleware_stack"):
        app.build_middleware_stack = _WatchedStack(app.build_middleware_stack, app, watch)
        if app.middleware_stack is not None:
            app.middleware_stack = app.build_middleware_stack()
    elif hasattr(app, _LITESTAR) and hasattr(app, "asgi_router"):
        app.after_exception.append(_litestar_raised)
        app.asgi_handler = watch(asgi.Middleware, app.asgi_handler, app)
    elif hasattr(app, _FLASK) and not _is_asgi(app):
        _hear("flask", _flask_raised, sender=app)
        app.wsgi_app = watch(wsgi.Middleware, app.wsgi_app, app)
    elif hasattr(app, "resolve_request") and hasattr(app, "request_class"):
        return _django(app, watch)
    else:
        return watch(asgi.Middleware if _is_asgi(app) else wsgi.Middleware, app, app)
    return app


def _parts(app: Any) -> list[Any]:
    return [app, *(getattr(app, name, None) for name in (_STACK, _LITESTAR, _FLASK))]


class _WatchedStack:
    """The application's own way to build its middleware stack, and ours around it."""

    def __init__(self, build: Callable[[], ASGIApp], app: object, watch: Watch) -> None:
        self._build = build
        self._app = app
        self._watch = watch

    def __call__(self) -> ASGIApp:
        return self._watch(asgi.Middleware, self._build(), self._app)  # type: ignore[no-any-return]  # it is one


def _is_asgi(app: Any) -> bool:
    if inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(type(app).__call__):
        return True
    two, three = _takes(app, 2), _takes(app, 3)
    if two == three:
        raise DeclarationError(
            f"It cannot be told whether {type(app).__name__} is ASGI or WSGI: give it a __call__ that takes "
            "(scope, receive, send) or (environ, start_response)."
        )
    return three


def _takes(app: Any, number: int) -> bool:
    try:
        inspect.signature(app).bind(*range(number))
    except (TypeError, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Matched:
    """A route of Django's, in the form that a route has in the scope."""

    path: str


def _django(handler: Any, watch: Watch) -> Any:
    resolve = handler.resolve_request

    def resolved(request: Any) -> Any:
        match = resolve(request)
        path = routes.django(match.route)
        if hasattr(request, "scope"):
            request.scope["route"] = _Matched(path)
        else:
            request.environ[routes.TEMPLATE] = path
        return match

    handler.resolve_request = resolved
    _hear("django.core.signals", _django_raised)
    if _is_asgi(handler):
        return watch(asgi.Middleware, _leaving(handler), handler)
    return watch(wsgi.Middleware, handler, handler)


def _hear(module: str, raised: Callable[..., None], **whose: object) -> None:
    """Let *raised* be called with what becomes a 500, by a signal that Flask and Django have under the same name."""
    signal = getattr(sys.modules.get(module), "got_request_exception", None)
    if signal is not None:
        signal.connect(raised, weak=False, **whose)


async def _litestar_raised(error: Exception, scope: Scope) -> None:
    _keep(error, scope)


def _flask_raised(_: object, exception: BaseException, **__: object) -> None:
    _keep(exception, CURRENT.get())


def _django_raised(request: Any, **_: object) -> None:
    _keep(sys.exc_info()[1], getattr(request, "scope", None) or request.environ)


def _keep(error: BaseException | None, asked: Scope | None) -> None:
    """Keep what the framework turns into an answer, for when the request has ended."""
    if asked is not None:
        scope_of(asked)[RAISED] = error


def _leaving(app: ASGIApp) -> ASGIApp:
    """Return *app* with an ear for the client's leaving."""

    async def listening(scope: Scope, receive: Receive, send: Send) -> None:
        async def heard() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect":
                scope[asgi.SILENCE] = asgi.CLIENT_LEFT
            return message

        await app(scope, heard, send)

    return listening
