"""The paths that the SDK answers itself: /metrics, /healthz and /readyz."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable

import orjson

from tocsin.sdk.exposition import CONTENT_TYPE
from tocsin.sdk.metrics import Metrics
from tocsin.sdk.protocol import TEXT, Receive, Scope, Send, answer

Door = Callable[[Scope, Receive, Send], Awaitable[None]]
Check = Callable[[], bool | Awaitable[bool]]


class Doors:
    """The doors of a service, and the checks that say whether it is ready."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self.checks: dict[str, Check] = {}
        self.by_path: dict[str, Door] = {
            "/metrics": _only_read(self._expose),
            "/healthz": _only_read(self._alive),
            "/readyz": _only_read(self._ready),
        }

    async def _expose(self, scope: Scope, _: Receive, send: Send) -> None:
        await answer(scope, send, 200, self._metrics.render(), CONTENT_TYPE)

    async def _alive(self, scope: Scope, _: Receive, send: Send) -> None:
        await answer(scope, send, 200, b'{"alive":true}')

    async def _ready(self, scope: Scope, _: Receive, send: Send) -> None:
        failing = [name for name, check in list(self.checks.items()) if not await _passes(check)]
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
