"""Keeps the console to this machine's own pages: other sites' pages in the same browser are turned away."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = "127.0.0.1"

_OWN_NAMES = frozenset({LOOPBACK, "localhost", "::1"})

# Vue compiles its templates in the browser, and NiceGUI starts itself by a script within its page.
_POLICY = (
    b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    b"img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    b"form-action 'self'; frame-ancestors 'none'"
)

_HEADERS = (
    (b"content-security-policy", _POLICY),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
)


class Guard:
    """Refuses what was sent to another name than this machine's (DNS rebinding), or by a page of another origin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: D102 - ASGI's own signature
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
        elif not _is_own(Headers(scope=scope)):
            await _refuse(scope, receive, send)
        else:
            await _until_gone(self._app, scope, receive, _with_headers(send))


async def _until_gone(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Let *app* answer; that a reader left before the answer, of which NiceGUI's middleware complains, is no fault."""
    left = False

    async def received() -> Message:
        nonlocal left
        message = await receive()
        left = left or message["type"] == "http.disconnect"
        return message

    try:
        await app(scope, received, send)
    except RuntimeError:
        if not left:
            raise


def _is_own(headers: Headers) -> bool:
    host, origin = headers.get("host", ""), headers.get("origin")
    return _hostname(f"//{host}") in _OWN_NAMES and (origin is None or urlsplit(origin).netloc == host)


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    sentence = f"The console answers this machine's own pages alone: open it as http://{LOOPBACK}, at its port."
    await PlainTextResponse(sentence, 403)(scope, receive, send)


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *_HEADERS]
        await send(message)

    return sent
