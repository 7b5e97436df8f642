"""Programs on the other side of the SDK's pushes: one that keeps what it is told, and the real Prometheus."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from tests.waiting import until
from tocsin.stack import tools


@dataclass
class Told:
    """A request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers each request with the next of *answers* (200 when none is left), or never while *silent* is unset."""

    url: str = ""
    told: list[Told] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    speaks: threading.Event = field(default_factory=threading.Event)


@contextmanager
def receiver(*answers: int | tuple[int, dict[str, str]], silent: bool = False) -> Iterator[Receiver]:
    """Run a receiver."""
    kept = Receiver(answers=[a if isinstance(a, tuple) else (a, {}) for a in answers])
    if not silent:
        kept.speaks.set()

    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            kept.told.append(Told(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            kept.speaks.wait()
            status, headers = kept.answers.pop(0) if kept.answers else (200, {})
            try:
                self.send_response(status)
                for name, value in {**headers, "Content-Length": "0"}.items():
                    self.send_header(name, value)
                self.end_headers()
            except OSError:
                pass

        do_GET = do_POST = do_PUT = _take  # noqa: N815 - http.server looks for these names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    kept.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield kept
    finally:
        kept.speaks.set()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def prometheus(folder: Path, configuration: str, *more: str) -> Iterator[httpx.Client]:
    """Run Prometheus with *configuration*; yield a client of its API."""
    folder.mkdir(exist_ok=True)
    (folder / "prometheus.yml").write_text(configuration)
    log = folder / "log"
    with log.open("w") as sink:
        process = subprocess.Popen(
            [
                str(tools.find("prometheus")),
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                "--web.listen-address=127.0.0.1:0",
                "--log.format=json",
                *more,
            ],
            stdout=sink,
            stderr=sink,
        )
    try:
        until(lambda: "Server is ready" in log.read_text() or process.poll() is not None, "Prometheus is ready")
        address = _address(log)
        with httpx.Client(base_url=f"http://{address}", timeout=30) as api:
            yield api
    finally:
        process.terminate()
        process.wait(30)


def _address(log: Path) -> str:
    for line in log.read_text().splitlines():
        record = json.loads(line)
        if record.get("msg") == "Listening on":
            return str(record["address"])
    raise AssertionError(log.read_text())


def ask(api: httpx.Client, query: str) -> list[dict[str, Any]]:
    """Return the instant vector of *query*."""
    answer = api.get("/api/v1/query", params={"query": query})
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()["data"]["result"]
    return found
