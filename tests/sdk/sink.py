"""An error tracker that speaks Sentry's envelope protocol on a loopback port, and does what a test wants of it.

Source: Sentry's developer documentation, "Envelopes" (a line of headers, then items: a line of headers with their
length, and a payload) and "Rate Limiting".
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from tests.waiting import until


class Sink(ThreadingHTTPServer):
    """What arrived is in *raw* (each envelope's bytes) and *items* (their type and payload)."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.raw: list[bytes] = []
        self.items: list[tuple[str, dict[str, Any]]] = []
        self.asked = 0
        self.keys: set[str] = set()
        self.status = 200
        self.headers: dict[str, str] = {}
        self.answers = Event()
        self.answers.set()
        """Cleared, it lets everybody wait for their answer."""

    @property
    def dsn(self) -> str:
        """The DSN of its one project."""
        return f"http://publickey@127.0.0.1:{self.server_port}/7"

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the payloads of a kind that have arrived."""
        return [payload for found, payload in self.items if found == kind]

    def wait(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """Return the payloads of a kind once so many have arrived."""
        until(lambda: len(self.of(kind)) >= count, f"{count} of {kind} at the sink")
        return self.of(kind)

    def take(self, body: bytes) -> None:
        """Read an envelope."""
        self.raw.append(body)
        rest = body[body.index(b"\n") + 1 :]
        while rest:
            line, _, rest = rest.partition(b"\n")
            header = json.loads(line)
            payload, rest = rest[: header["length"]], rest[header["length"] + 1 :]
            self.items.append((header["type"], json.loads(payload)))


class _Handler(BaseHTTPRequestHandler):
    server: Sink
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked += 1
        self.server.keys.add(self.headers["X-Sentry-Auth"])
        self.server.answers.wait(60)
        assert self.path == "/api/7/envelope/"
        if self.server.status == 200:
            self.server.take(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
        with suppress(OSError):  # who asked may have ended by now
            self.send_response(self.server.status)
            for name, value in self.server.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        """Keep silent."""


@contextmanager
def sink() -> Iterator[Sink]:
    """Run a sink."""
    with Sink() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.answers.set()
            server.shutdown()
            thread.join()
