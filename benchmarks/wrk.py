"""Loads a server of this machine with wrk, and reads what it saw."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

_SCRIPT = r"""
local asked = {}
local turn = 0
function init(args)
  for path in string.gmatch('%s', '%%S+') do table.insert(asked, wrk.format('GET', path)) end
  if %s then asked[#asked] = string.gsub(asked[#asked], '\r\n\r\n', '\r\nConnection: close\r\n\r\n') end
end
function request()
  turn = turn %% #asked + 1
  return asked[turn]
end
function done(summary, latency)
  local errors = summary.errors
  io.stderr:write(string.format(
    '{"answered":%%d,"failed":%%d,"seconds":%%f,"p99":%%f,"connect":%%d,"read":%%d,"write":%%d,"timeout":%%d}',
    summary.requests, errors.status, summary.duration / 1e6, latency:percentile(99) / 1e3,
    errors.connect, errors.read, errors.write, errors.timeout))
end
"""


@dataclass(frozen=True)
class Load:
    """Answers, those of them with a status from 400 on (*failed*), and errors of sockets; *p99* in milliseconds."""

    answered: int
    failed: int
    seconds: float
    p99: float
    connect: int
    read: int
    write: int
    timeout: int

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / self.seconds


def find() -> str:
    """Return wrk's path, or end with how to get it."""
    found = shutil.which("wrk")
    if not found:
        sys.exit("There is no wrk on PATH, which loads the servers: install it (Debian: apt-get install wrk).")
    return found


def load(port: int, paths: Sequence[str], *, seconds: float, connections: int = 32, closing: bool = False) -> Load:
    """Ask for *paths* in turn, from one thread with *connections*, for *seconds*; the last may close its connection."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_SCRIPT % (" ".join(paths), str(closing).lower()))
        script.flush()
        size = ("-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency", "-s", script.name)
        said = subprocess.run([find(), *size, f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=False)
    try:
        return Load(**json.loads(said.stderr))
    except ValueError:
        sys.exit(f"wrk failed: {said.stderr or said.stdout}")


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def listens(port: int) -> bool:
    """Tell whether somebody answers on *port*."""
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0
