"""/metrics on a port of its own, so that it need not be where the service's callers are."""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

from tocsin.sdk.scrapes import Headers

Scraped = Callable[[str, str, bytes], tuple[int, bytes, bytes, Headers]]
"""Answers a scrape with these headers, as Scrapes.answer does."""

_PATIENCE = 30
"""Seconds after which a connection that says nothing is closed."""


class Port:
    """Serves what *scraped* answers on *port* of every interface, from a thread.

    If the port cannot be had, *failed* is told.
    The workers of one service share the port: the kernel gives each scrape to one of them.
    """

    def __init__(self, scraped: Scraped, port: int, failed: Callable[[str], None]) -> None:
        self._handler = _handler(scraped)
        self._failed = failed
        self._lock = Lock()
        self._server: _Server | None = None
        self._process = 0
        self.number = port

    def open(self, *, begun: bool) -> None:
        """Serve, if this process does not yet; a fork's child begins anew.

        Unless the application's server is known to have *begun* in this process, it may be gunicorn's master that has
        loaded the application (--preload): then its workers serve in its stead.
        """
        if not begun and _is_master():
            os.register_at_fork(after_in_child=functools.partial(self._open_below, os.getpid()))
        else:
            self._open()

    def _open(self) -> None:
        with self._lock:
            if self._process == os.getpid():
                return
            self._process = os.getpid()
            try:
                self._server = _Server(("", self.number), self._handler)
            except OSError as error:
                self._failed(f"TOCSIN_METRICS_PORT={self.number} cannot be opened, so nobody can scrape: {error}.")
                return
            os.register_at_fork(after_in_child=self._server.socket.close)  # or it would listen, and nobody answer
            Thread(target=self._server.serve_forever, name="tocsin-metrics", daemon=True).start()

    def _open_below(self, master: int) -> None:
        if os.getppid() == master:
            self._open()


class _Server(ThreadingHTTPServer):
    allow_reuse_port = True
    daemon_threads = True


def _is_master() -> bool:
    """Tell whether this process is gunicorn's, and none of its workers, each of which handles SIGUSR1 itself."""
    gunicorn = sys.modules.get("gunicorn.workers.base")
    handles = getattr(signal.getsignal(signal.SIGUSR1), "__self__", None)
    return gunicorn is not None and not isinstance(handles, gunicorn.Worker)


def _handler(scraped: Scraped) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = _PATIENCE

        def do_GET(self) -> None:
            """Answer a scrape."""
            if self.path.partition("?")[0] != "/metrics":
                self._say(404, b"", ())
                return
            accept, encoding = (", ".join(self.headers.get_all(name, [])) for name in ("Accept", "Accept-Encoding"))
            authorization = self.headers.get("Authorization", "").encode("latin-1", "replace")
            status, body, kind, headers = scraped(accept, encoding, authorization)
            self._say(status, body, ((b"content-type", kind), *headers))

        do_HEAD = do_GET  # noqa: N815 - http.server looks for this name

        def log_message(self, *_: object) -> None:
            """Say nothing: a scrape is no request of the service's."""

        def _say(self, status: int, body: bytes, headers: tuple[tuple[bytes, bytes], ...]) -> None:
            self.send_response(status)
            for name, value in (*headers, (b"content-length", str(len(body)).encode())):
                self.send_header(name.decode(), value.decode())
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    return Handler
