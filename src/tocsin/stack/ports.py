"""Which port each part listens on, and who has it when it is taken."""

from __future__ import annotations

import errno
import random
import socket
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress

import psutil

from tocsin.model import TocsinError

LOOPBACK = "127.0.0.1"

_HIGHEST = 65_535
_FREE = range(15_000, 32_000)
"""Below the ports that Linux and macOS hand to outgoing connections, so that none takes what was found free."""


def shifted(ports: Mapping[str, int], offset: int) -> dict[str, int]:
    """Return *ports*, each moved by *offset*.

    Raises:
        TocsinError: a port would lie outside 1 to 65535.

    """
    moved = {name: port + offset for name, port in ports.items()}
    for name, port in moved.items():
        if not 0 < port <= _HIGHEST:
            low, high = 1 - min(ports.values()), _HIGHEST - max(ports.values())
            raise TocsinError(f"--offset {offset} gives {name} the port {port}: choose one from {low} to {high}.")
    return moved


def free(names: Iterable[str]) -> dict[str, int]:
    """Return a free port for each of *names*."""
    candidates = iter(random.sample(_FREE, len(_FREE)))
    return {name: next(port for port in candidates if _obstacle(port) is None) for name in names}


def require_free(ports: Mapping[str, int]) -> None:
    """Check that every part can have its port.

    Raises:
        TocsinError: some cannot; the sentence names each, who has it, and the way out.

    """
    obstacles = {name: obstacle for name, port in ports.items() if (obstacle := _obstacle(port)) is not None}
    if not obstacles:
        return
    taken = ", ".join(f"port {ports[name]} ({name}) {_why(ports[name], obstacles[name])}" for name in obstacles)
    raise TocsinError(f"{taken[0].upper()}{taken[1:]}: end what has it, or run `tocsin up --offset 100`.")


def _obstacle(port: int) -> OSError | None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
        except OSError as error:
            return error
    return None


def _why(port: int, obstacle: OSError) -> str:
    if obstacle.errno != errno.EADDRINUSE:
        return f"cannot be had ({obstacle.strerror})"
    owner = _owner(port)
    if owner is None:
        return "is taken by a process that this user may not see"
    return f"is taken by {owner.name()} (pid {owner.pid})"


def _owner(port: int) -> psutil.Process | None:
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            for connection in process.net_connections("inet"):
                if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                    return process
    return None
