"""A BigQuery on a loopback port that knows tables, resumable uploads and load jobs.

Source: BigQuery's REST reference: "tables.get", "jobs.insert" (resumable upload), "jobs.get"; errors as
google.rpc-shaped JSON; Google's OAuth 2.0 for service accounts (the token endpoint).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

Job = dict[str, Any]


class Warehouse(ThreadingHTTPServer):
    """*jobs* by id, *uploads* by the id of the job that brought them; *fails* is the error of the next job."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tables = {("shop", "tocsin", "records")}
        self.jobs: dict[str, Job] = {}
        self.uploads: dict[str, bytes] = {}
        self.fails: dict[str, str] | None = None
        self.forbids = False

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def begin(self, asked: Job) -> tuple[int, Any]:
        """Take what jobs.insert says; a job is there once its upload is."""
        name = asked["jobReference"]["jobId"]
        if name in self.jobs:
            return 409, error(409, "duplicate", f"Already Exists: Job {name}")
        return 200, asked

    def finish(self, asked: Job, body: bytes) -> Job:
        name = asked["jobReference"]["jobId"]
        status: dict[str, Any] = {"state": "DONE"}
        if self.fails:
            status |= {"errorResult": self.fails, "errors": [self.fails]}
            self.fails = None
        self.jobs[name] = {**asked, "id": f"shop:EU.{name}", "status": status, "statistics": {}}
        self.uploads[name] = body
        return self.jobs[name]


def error(code: int, reason: str, message: str) -> Job:
    return {"error": {"code": code, "message": message, "errors": [{"reason": reason, "message": message}]}}


class _Handler(BaseHTTPRequestHandler):
    server: Warehouse
    protocol_version = "HTTP/1.1"
    waiting: dict[str, Job] = {}  # noqa: RUF012 - one for all connections

    def do_GET(self) -> None:
        parts = urlsplit(self.path).path.split("/")
        if self.server.forbids:
            self.say(403, error(403, "accessDenied", "Access Denied: Table shop:tocsin.records"))
        elif parts[5] == "datasets":
            table = parts[4], parts[6], parts[8]
            reference = dict(zip(("projectId", "datasetId", "tableId"), table, strict=True))
            there = table in self.server.tables
            missing = error(404, "notFound", "Not found: Table")
            self.say(200 if there else 404, {"tableReference": reference, "location": "EU"} if there else missing)
        else:
            self.say(200, self.server.jobs[parts[6]])

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/token":
            self.say(200, {"access_token": "let me in", "expires_in": 3600, "token_type": "Bearer"})
            return
        asked = json.loads(body)
        code, answer = self.server.begin(asked)
        name = asked["jobReference"]["jobId"]
        self.waiting[name] = asked
        self.say(code, answer, location=f"{self.server.address}/upload/{name}")

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.say(200, self.server.finish(self.waiting[self.path.rpartition("/")[2]], body))

    def say(self, code: int, answer: Any, location: str = "") -> None:
        body = json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        if location:
            self.send_header("location", location)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def running() -> Iterator[Warehouse]:
    """Run one for a while."""
    with Warehouse() as warehouse:
        thread = Thread(target=warehouse.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield warehouse
        finally:
            warehouse.shutdown()
            thread.join()
