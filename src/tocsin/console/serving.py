"""Serves the console on this machine, to this machine alone."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import uvicorn

from tocsin.console.drills import Drills
from tocsin.console.following import Following
from tocsin.console.frame import application
from tocsin.console.guard import LOOPBACK
from tocsin.console.metrics import Metrics
from tocsin.console.pages import PAGES
from tocsin.console.replays import Replays
from tocsin.console.sources import Sources
from tocsin.derive import Plan
from tocsin.model import Passage, TocsinError

PATIENCE = 10.0
"""Seconds that what is asked may take to answer."""


@asynccontextmanager
async def opened(
    plan: Plan,
    *,
    prometheus: str,
    alertmanager: str,
    inbox: str,
    tracker: str,
    tracker_token: Path,
    store: Path,
    monitoring: Path,
    boards: Path,
    proof: Path,
    speed: int = 1,
    drills: Drills | None = None,
    replays: Replays | None = None,
    code: Callable[[], tuple[Passage, ...]] = tuple,
) -> AsyncIterator[Sources]:
    """Open what pages look at, and close it again; `tocsin build` writes *monitoring*, *boards* are the dashboards."""
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as http, AsyncExitStack() as ending:
        if drills is not None:
            ending.push_async_callback(drills.end)
        following = Following(store)
        ending.callback(following.close)
        yield Sources(
            plan=plan,
            http=http,
            metrics=Metrics(prometheus, http),
            prometheus=prometheus,
            alertmanager=alertmanager,
            inbox=inbox,
            tracker=tracker,
            tracker_token=tracker_token,
            store=store,
            following=following,
            boards=boards,
            artifacts=monitoring,
            proof=proof,
            speed=speed,
            drills=drills,
            replays=replays,
            code=code,
            loaded=code(),
        )


def serve(opening: Callable[[], AbstractAsyncContextManager[Sources]], port: int, ready: Callable[[str], None]) -> None:
    """Serve the console at *port*, 0 for any that is free, until told to stop; *ready* hears its address.

    Raises:
        TocsinError: the port cannot be had.

    """
    with _listening(port) as listening:
        server = _Server(
            uvicorn.Config(
                application(PAGES, opening),
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=1,
            ),
            lambda: ready(f"http://{LOOPBACK}:{listening.getsockname()[1]}/"),
        )
        server.run(sockets=[listening])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            asyncio.get_running_loop().call_soon(self._ready)


def _listening(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
        listening.listen()
    except OSError as cause:
        listening.close()
        raise TocsinError(
            f"The console cannot listen on port {port} ({cause.strerror}): end what has it, or choose another --port."
        ) from None
    return listening
