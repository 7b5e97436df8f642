"""The ASGI interface in types, and the one way in which the SDK answers a request itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

JSON = b"application/json"
TEXT = b"text/plain; charset=utf-8"


async def answer(
    scope: Scope,
    send: Send,
    status: int,
    body: bytes,
    content_type: bytes = JSON,
    *headers: tuple[bytes, bytes],
) -> None:
    """Send a whole response; a HEAD request gets its headers alone."""
    length = str(len(body)).encode()
    fixed = ((b"content-type", content_type), (b"content-length", length), (b"cache-control", b"no-store"))
    await send({"type": "http.response.start", "status": status, "headers": [*fixed, *headers]})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
