"""The paths that the SDK answers itself: /metrics, /healthz and /readyz."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable

import orjson

from tocsin.sdk.drain import Drain
from tocsin.sdk.protocol import TEXT, Receive, Scope, Send, answer
from tocsin.sdk.scrapes import Scrapes

Door = Callable[[Scope, Receive, Send], Awaitable[None]]
Check = Callable[[], bool | Awaitable[bool]]


METRICS = "/metrics"


class Doors:
    """The doors of a service, and the checks that say whether it is ready."""

    def __init__(self, scrapes: Scrapes, drain: Drain) -> None:
        self._scrapes = scrapes
        self._drain = drain
        self.checks: dict[str, Check] = {}
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
        failing = [name for name, check in list(self.checks.items()) if not await _passes(check)]
        if self._drain.begun:
            failing.append("draining")
        status = 503 if failing else 200
        await answer(scope, send, status, orjson.dumps({"ready": not failing, "failing": failing}))


def _only_read(door: Door) -> Door:
    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in ("GET", "HEAD"):
            await door(scope, receive, send)
        else:
            await answer(scope, send, 405, b"", TEXT, (b"allow", b"GET, HEAD"))

    return guarded


async def _passes(check: Check) -> bool:
    """Ask *check*; one that raises does not pass."""
    try:
        said = check()
        return bool(await said if inspect.isawaitable(said) else said)
    except Exception:  # noqa: BLE001 - a check may fail in any way that what it asks for can
        return False
