"""The paths that the SDK answers itself: /metrics, /healthz and /readyz."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import orjson

from tocsin.sdk.protocol import TEXT, Receive, Scope, Send, answer
from tocsin.sdk.readiness import Readiness
from tocsin.sdk.scrapes import Scrapes

Door = Callable[[Scope, Receive, Send], Awaitable[None]]

METRICS = "/metrics"


class Doors:
    """The doors of a service."""

    def __init__(self, scrapes: Scrapes, readiness: Readiness) -> None:
        self._scrapes = scrapes
        self._readiness = readiness
        self.by_path: dict[str, Door] = {
            METRICS: _only_read(self._expose),
            "/healthz": _only_read(self._alive),
            "/readyz": _only_read(self._ready),
        }

    async def _expose(self, scope: Scope, _: Receive, send: Send) -> None:
        accept, encoding, authorization = (
            b", ".join(value for name, value in scope["headers"] if name == wanted)
            for wanted in (b"accept", b"accept-encoding", b"authorization")
        )
        status, body, kind, headers = self._scrapes.answer(
            accept.decode("latin-1"), encoding.decode("latin-1"), authorization
        )
        await answer(scope, send, status, body, kind, *headers)

    async def _alive(self, scope: Scope, _: Receive, send: Send) -> None:
        await answer(scope, send, 200, b'{"alive":true}')

    async def _ready(self, scope: Scope, _: Receive, send: Send) -> None:
        failing = await self._readiness.failing()
        status = 503 if failing else 200
        await answer(scope, send, status, orjson.dumps({"ready": not failing, "failing": failing}))


def _only_read(door: Door) -> Door:
    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in ("GET", "HEAD"):
            await door(scope, receive, send)
        else:
            await answer(scope, send, 405, b"", TEXT, (b"allow", b"GET, HEAD"))

    return guarded
