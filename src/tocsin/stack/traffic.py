"""Customers: visits to each service in the rhythm of a day. `python -m tocsin.stack.traffic --address SERVICE=URL`."""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from contextvars import ContextVar
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

import httpx

from tocsin.model import Catalog, Service, TocsinError
from tocsin.source import load_catalog, load_object

AT_ONCE = 50
"""Visits of one service under way at a time; those that would exceed it are skipped and counted."""

PATIENCE = 10.0
"""Seconds that a visitor waits for an answer, unless it says otherwise."""

VISIT_LIMIT = 120.0
"""Seconds after which a visit is given up."""

LEAVE_TIME = 2.0
"""Seconds that visits under way have to end when the traffic is stopped."""

LATEST = 1.0
"""Seconds by which a visit may start late; after a longer pause, as when a laptop slept, its visitors stay away."""

SAMPLED = 0.05
"""The share of visits whose trace is sampled: their requests are the exemplars of the latencies."""

_TRACE = ContextVar("trace", default="")
"""The id of the sampled trace of this visit, if it has one."""

Visitor = Callable[[httpx.AsyncClient, random.Random], Awaitable[None]]


def day_shape(hour: float) -> float:
    """Give the traffic at *hour* of the local day, 0 to 24, relative to the day's mean of 1.

    Quietest at four in the morning, busiest at noon and at eight in the evening.
    """
    day = 2 * math.pi * (hour - 16) / 24
    half_day = 4 * math.pi * (hour - 10) / 24
    return 1 + 0.5 * math.cos(day) + 0.25 * math.cos(half_day)


def local_hour(at: float) -> float:
    """Give the hour of this machine's day at *at*, seconds since the epoch."""
    here = time.localtime(at)
    return here.tm_hour + here.tm_min / 60 + here.tm_sec / 3600


def arrivals(rate: float, rng: random.Random, start: float) -> Iterator[float]:
    """Yield when visitors arrive from *start* on, in seconds since the epoch: at random, *rate* a second over a day."""
    at = start
    while True:
        at += rng.expovariate(rate * day_shape(local_hour(at)))
        yield at


@dataclass(slots=True)
class Tally:
    """What became of the visits to one service; *errors* by the name of the exception."""

    started: int = 0
    finished: int = 0
    failed: int = 0
    skipped: int = 0
    errors: Counter[str] = field(default_factory=Counter)


class Crowd:
    """The visitors of one service: they come at random, whether or not the ones before them were served."""

    def __init__(
        self, service: Service, visitor: Visitor, client: httpx.AsyncClient, *, scale: float, seed: int
    ) -> None:
        self.name = service.name
        self.tally = Tally()
        self._visitor = visitor
        self._client = client
        self._rate = service.traffic.rps * scale
        self._seed = f"{seed}/{service.name}"
        self._rng = _dice(self._seed)
        self._visits: set[asyncio.Task[None]] = set()

    @property
    def under_way(self) -> int:
        """Visits that have not ended."""
        return len(self._visits)

    async def arrive(self) -> None:
        """Let visitors arrive until cancelled, then give those inside a moment to leave."""
        try:
            while True:
                await self._follow(time.time(), time.monotonic())
        finally:
            await self._close_the_door()

    async def _follow(self, start: float, clock: float) -> None:
        for due in arrivals(self._rate, self._rng, start):
            wait = due - start - (time.monotonic() - clock)
            if wait < -LATEST:
                return
            await asyncio.sleep(max(0.0, wait))
            self._open_the_door()

    def _open_the_door(self) -> None:
        if self.under_way >= AT_ONCE:
            self.tally.skipped += 1
            return
        self.tally.started += 1
        number = f"{self._seed}/{self.tally.started}"
        sampled = _dice(f"{number}/trace").random() < SAMPLED  # the visitor's own dice fall as if nobody had asked
        visit = asyncio.create_task(self._visit(_dice(number), sampled=sampled))
        self._visits.add(visit)
        visit.add_done_callback(self._visits.discard)

    async def _visit(self, rng: random.Random, *, sampled: bool) -> None:
        if sampled:
            _TRACE.set(token_hex(16))
        try:
            async with asyncio.timeout(VISIT_LIMIT):
                await self._visitor(self._client, rng)
        except Exception as error:  # noqa: BLE001 - whatever happens to one visitor, the others come
            self._note(error)
        else:
            self.tally.finished += 1

    def _note(self, error: Exception) -> None:
        name = type(error).__name__
        self.tally.failed += 1
        self.tally.errors[name] += 1
        if self.tally.errors[name] == 1:
            said = " ".join(str(error).split())
            sys.stderr.write(f"{self.name}: a visit failed with {name}{f': {said}' if said else ''}.\n")

    async def _close_the_door(self) -> None:
        if self._visits:
            _, left = await asyncio.wait(self._visits, timeout=LEAVE_TIME)
            for visit in left:
                visit.cancel()
            await asyncio.gather(*left, return_exceptions=True)


def _dice(seed: str) -> random.Random:
    return random.Random(seed)  # noqa: S311 - customers, not secrets


async def drive(
    catalog: Catalog, addresses: Mapping[str, str], *, scale: float, seed: int, report_every: float, stop: asyncio.Event
) -> None:
    """Send visitors to every service at *addresses* until *stop* is set; tell on stdout what became of them.

    Raises TocsinError when an address is of no service, or a visitor cannot be loaded.
    """
    services = {service.name: service for service in catalog.services}
    for name in addresses:
        if name not in services:
            raise TocsinError(f"The catalog has no service {name!r} to visit: use one of {', '.join(services)}.")
    visited = [service for service in catalog.services if service.name in addresses and service.visitor]
    visitors = [_visitor(service) for service in visited]
    async with AsyncExitStack() as stack:
        crowds = []
        for service, visitor in zip(visited, visitors, strict=True):
            client = await stack.enter_async_context(_client(addresses[service.name]))
            crowds.append(Crowd(service, visitor, client, scale=scale, seed=seed))
        async with asyncio.TaskGroup() as group:
            arrivals = [group.create_task(crowd.arrive()) for crowd in crowds]
            while not stop.is_set():
                try:
                    async with asyncio.timeout(report_every):
                        await stop.wait()
                except TimeoutError:
                    _report(crowds)
            for arrival in arrivals:
                arrival.cancel()
    _report(crowds)


def _visitor(service: Service) -> Visitor:
    found = load_object(service.visitor)
    if not callable(found):
        raise TocsinError(
            f"The visitor {service.visitor} of {service.name} cannot be called: make it `async def visit(client, rng)`."
        )
    visitor: Visitor = found
    return visitor


def _client(address: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
    hooks = {"request": [_traced]}
    return httpx.AsyncClient(base_url=address, timeout=PATIENCE, limits=limits, trust_env=False, event_hooks=hooks)


async def _traced(request: httpx.Request) -> None:
    """Say in *request* of which sampled trace it is. Source: W3C Trace Context, "traceparent Header"."""
    if trace := _TRACE.get():
        request.headers["traceparent"] = f"00-{trace}-{token_hex(8)}-01"


def _report(crowds: list[Crowd]) -> None:
    services: dict[str, Any] = {
        crowd.name: {
            "started": crowd.tally.started,
            "finished": crowd.tally.finished,
            "failed": crowd.tally.failed,
            "skipped": crowd.tally.skipped,
            "under_way": crowd.under_way,
            "errors": dict(crowd.tally.errors),
        }
        for crowd in crowds
    }
    sys.stdout.write(json.dumps({"at": round(time.time(), 3), "services": services}) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run until told to stop; 2 when it cannot start."""
    given = _arguments()
    try:
        asyncio.run(_until_signalled(given))
    except TocsinError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


async def _until_signalled(given: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await drive(
        load_catalog(given.catalog),
        dict(given.address),
        scale=given.scale,
        seed=given.seed,
        report_every=given.report_every,
        stop=stop,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tocsin.stack.traffic", description="Visits the services.")
    parser.add_argument("--catalog", metavar="MODULE:NAME", help="else the one that pyproject.toml names")
    parser.add_argument("--address", type=_address, action="append", default=[], metavar="SERVICE=URL")
    parser.add_argument("--scale", type=_positive, default=1.0, help="times the traffic that each service declares")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same visitors")
    parser.add_argument("--report-every", type=_positive, default=60.0, metavar="SECONDS")
    return parser.parse_args()


def _address(text: str) -> tuple[str, str]:
    service, _, url = text.partition("=")
    if not service or not url.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError(f"{text!r} is no address: write SERVICE=http://127.0.0.1:8080")
    return service, url


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not above 0")
    return number


if __name__ == "__main__":
    sys.exit(main())
