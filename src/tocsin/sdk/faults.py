"""The fault door: lets a drill break a running service, and heal it.

It is there only where TOCSIN_FAULTS held a token when the service started. `POST /-/faults` with that bearer token
orders what `tocsin.sdk.orders` reads, and `GET` tells the present order. Several workers obey one order: it lies in a
file where they meet, at which each looks from time to time.
"""

from __future__ import annotations

import hmac
import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import orjson

from tocsin.model import Errors, Service, Slow, TocsinError
from tocsin.sdk.orders import LONGEST, MAXIMUM, Order, Recorded
from tocsin.sdk.protocol import TEXT, Receive, Scope, Send, answer
from tocsin.sdk.share import Share

PATH = "/-/faults"

LOOK = 0.1
"""Seconds between two looks at the order: so much later do other workers obey it, and does it end."""

_WHOLE = Order()

_ERRORS, _SLOW = "/errors", "/slow"
"""Stand for the requests beside the names of signals, none of which is like that."""


class Faults:
    """How *service* is broken at present.

    *locate* returns the file in which its workers keep their order, None if this process stands alone; it may raise
    OSError. *say* is told, with a level of logging, what this process obeys.
    """

    def __init__(self, service: Service, locate: Callable[[], Path | None], say: Callable[[int, str], None]) -> None:
        self._signals = {signal.name: signal for signal in service.recorded}
        self._locate = locate
        self._say = say
        self._process = 0
        self._path: Path | None = None
        self._kept = b""
        self._order = _WHOLE
        self._until = 0.0
        self._next_look = 0.0
        self._shares: dict[str, Share] = {}

    def present(self) -> Order:
        """Return the order that is in force."""
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + LOOK
            self._look()
        return self._order

    def left(self) -> Order:
        """Return the order that is in force, for the seconds that are left of it."""
        order = self.present()
        return replace(order, seconds=max(0.0, round(self._until - time.time(), 1)))

    def obey(self, body: bytes) -> None:
        """Take an order, for the other workers too.

        Raises:
            TocsinError: it is not one, or it cannot be handed to the others.

        """
        order = Order.read(body, self._signals)
        until = time.time() + order.seconds if order.faults else 0.0
        kept = orjson.dumps({"until": until, "order": order.as_json()})
        path = self._place()
        if path is not None:
            try:
                _write(path, kept)
            except OSError as error:
                raise TocsinError(f"The order cannot be handed to the other workers: {error}.") from error
        self._take(kept, order, until)

    def on(self, name: str) -> Recorded | None:
        """Return what befalls the recordings of a signal."""
        return self.present().signals.get(name)

    def share(self, name: str, amount: float) -> float:
        """Return how much of one more *amount*, recorded of a signal, its errors or its slowness befall."""
        share = self._shares.get(name)
        return share.of(amount) if share else 0

    def aging(self) -> float:
        """Return by how many seconds a silent time is to look older than it is."""
        order = self.present()
        return (order.speed - 1) * max(0.0, time.time() - (self._until - order.seconds))

    def fails(self) -> bool:
        """Tell whether a request is to fail."""
        return self.present().errors is not None and self.share(_ERRORS, 1) > 0

    def pauses(self) -> Iterator[float]:
        """Yield the seconds, a few at a time, that a request is to wait; no more once another order is in force."""
        order = self.present()
        if order.slow is None or not self.share(_SLOW, 1):
            return
        end = time.monotonic() + order.slow.seconds
        while self.present() is order and (left := end - time.monotonic()) > 0:
            yield min(left, LOOK)

    def _place(self) -> Path | None:
        if self._process != os.getpid():
            self._process = os.getpid()
            try:
                self._path = self._locate()
            except OSError as error:
                self._path = None
                self._say(logging.WARNING, f"The fault door will break this worker alone: {error}.")
        return self._path

    def _look(self) -> None:
        path = self._place()
        if path is not None:
            try:
                kept = path.read_bytes()
            except OSError:  # nobody has ordered anything
                kept = b""
            if kept != self._kept:
                self._take(kept, *self._read(kept))
        if self._order.faults and not 0 < self._until - time.time() <= LONGEST:
            self._take(self._kept, _WHOLE, 0.0)

    def _read(self, kept: bytes) -> tuple[Order, float]:
        """Return what a worker has kept; nothing if its release of the service has other signals."""
        try:
            found = orjson.loads(kept)
            return Order.read(orjson.dumps(found["order"]), self._signals), float(found["until"])
        except (TocsinError, ValueError, KeyError, TypeError):
            return _WHOLE, 0.0

    def _take(self, kept: bytes, order: Order, until: float) -> None:
        before, self._order, self._kept, self._until = self._order, order, kept, until
        self._shares = dict(_shares(order))
        if order.faults:
            told = orjson.dumps(order.as_json()).decode()
            self._say(logging.WARNING, f"The service is broken on purpose, by an order to the fault door: {told}.")
        elif before.faults:
            self._say(logging.WARNING, "The service is healed of what the fault door broke.")


class FaultDoor:
    """Lets who has *token* give orders to *faults*."""

    def __init__(self, token: str, faults: Faults) -> None:
        self._credentials = f"Bearer {token}".encode()
        self._faults = faults

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take an order, or tell the present one."""
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        if not hmac.compare_digest(given, self._credentials):
            await answer(scope, send, 401, b"", TEXT, (b"www-authenticate", b"Bearer"))
        elif scope["method"] not in ("GET", "HEAD", "POST"):
            await answer(scope, send, 405, b"", TEXT, (b"allow", b"GET, HEAD, POST"))
        elif scope["method"] == "POST" and (problem := self._obeyed(await _body(receive))):
            await answer(scope, send, 400, f"{problem}\n".encode(), TEXT)
        else:
            await answer(scope, send, 200, orjson.dumps(self._faults.left().as_json()))

    def _obeyed(self, body: bytes) -> str:
        """Obey; return what was wrong with the order."""
        try:
            self._faults.obey(body)
        except TocsinError as error:
            return str(error)
        return ""


def _shares(order: Order) -> Iterator[tuple[str, Share]]:
    """Yield what spreads evenly what befalls requests, and recordings by the name of their signal."""
    if order.errors is not None:
        yield _ERRORS, Share(order.errors.ratio)
    if order.slow is not None:
        yield _SLOW, Share(order.slow.share)
    for name, fault in order.signals.items():
        match fault:
            case Errors(ratio=share) | Slow(share=share):
                yield name, Share(share)


async def _body(receive: Receive) -> bytes:
    """Return the body of a request, or the beginning of one that is too long."""
    body, more = b"", True
    while more:
        message = await receive()
        body = (body + message.get("body", b""))[: MAXIMUM + 1]
        more = message.get("more_body", False)
    return body


def _write(path: Path, data: bytes) -> None:
    """Put *data* at *path* as a whole, so that nobody reads half of it."""
    handle, half = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(half).replace(path)
    except OSError:
        Path(half).unlink(missing_ok=True)
        raise
