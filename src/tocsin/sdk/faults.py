"""The fault door: lets a drill break a running service, and heal it.

It is there only where TOCSIN_FAULTS held a token when the service started; `POST /-/faults` with that bearer token and
{"errors": 0.5}, {"slow": 2.0}, both, or {} to heal.
"""

from __future__ import annotations

import hmac
import itertools
from dataclasses import dataclass

import orjson

from tocsin.model import Errors, Slow, TocsinError
from tocsin.sdk import loops
from tocsin.sdk.protocol import TEXT, ASGIApp, Receive, Scope, Send, answer

PATH = "/-/faults"
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class Broken:
    """How the service is broken at present."""

    errors: Errors | None = None
    slow: Slow | None = None

    @classmethod
    def read(cls, body: bytes) -> Broken:
        """Read an order.

        Raises:
            TocsinError: it is not one.

        """
        if len(body) > _LONGEST:
            raise TocsinError(
                f'The order is longer than {_LONGEST} bytes: send {{"errors": 0.5}}, {{"slow": 2.0}} or {{}}.'
            )
        try:
            order = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise TocsinError('The order is no JSON: send {"errors": 0.5}, {"slow": 2.0} or {}.') from error
        numbers = isinstance(order, dict) and all(type(value) in (int, float) for value in order.values())
        if not numbers or not set(order) <= {"errors", "slow"}:
            raise TocsinError('The order is not understood: send {"errors": 0.5}, {"slow": 2.0} or {}.')
        return cls(
            errors=Errors(order["errors"]) if "errors" in order else None,
            slow=Slow(order["slow"]) if "slow" in order else None,
        )

    def as_json(self) -> bytes:
        """Return the order that would bring this about."""
        order = {"errors": self.errors and self.errors.ratio, "slow": self.slow and self.slow.seconds}
        return orjson.dumps({name: value for name, value in order.items() if value is not None})


class FaultDoor:
    """Takes orders, and says of each request how it is to be broken."""

    def __init__(self, token: str) -> None:
        self._credentials = f"Bearer {token}".encode()
        self._broken = Broken()
        self._count = itertools.count(1)

    def verdict(self) -> tuple[float, bool]:
        """Return the seconds that a request is to wait, and whether it is then to fail."""
        broken = self._broken
        seconds = broken.slow.seconds if broken.slow is not None else 0.0
        return seconds, broken.errors is not None and self._fails(broken.errors.ratio)

    async def fail(self, scope: Scope, _: Receive, send: Send) -> None:
        """Answer a request that is to fail."""
        await answer(scope, send, 500, b"Broken on purpose, by the fault door.\n", TEXT)

    async def order(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request to the door itself."""
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        if not hmac.compare_digest(given, self._credentials):
            await answer(scope, send, 401, b"", TEXT, (b"www-authenticate", b"Bearer"))
        elif scope["method"] != "POST":
            await answer(scope, send, 405, b"", TEXT, (b"allow", b"POST"))
        else:
            await self._obey(scope, receive, send)

    async def _obey(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body = (body + message.get("body", b""))[: _LONGEST + 1]
            more = message.get("more_body", False)
        try:
            broken = Broken.read(body)
        except TocsinError as error:
            await answer(scope, send, 400, f"{error}\n".encode(), TEXT)
            return
        self._broken = broken
        self._count = itertools.count(1)
        await answer(scope, send, 200, broken.as_json())

    def _fails(self, ratio: float) -> bool:
        """Spread the failures evenly: of any n requests in a row, n x ratio fail, give or take one."""
        number = next(self._count)
        return int(number * ratio) > int((number - 1) * ratio)


class Breakable:
    """Stands before *app*, and lets *door* break it."""

    def __init__(self, app: ASGIApp, door: FaultDoor) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or break it first."""
        seconds, fails = self._door.verdict() if scope["type"] == "http" else (0, False)
        if seconds:
            await loops.sleep(seconds)
        await (self._door.fail if fails else self._app)(scope, receive, send)
