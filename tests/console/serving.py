"""Recorded answers over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@contextmanager
def serving(answers: Mapping[str, Any] | Callable[[str], Any]) -> Iterator[str]:
    """Serve the answer of each path, or of each address: text as it is, all else as JSON, None as status 404."""
    answered = answers if callable(answers) else lambda address: answers.get(address.partition("?")[0])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = answered(self.path)
            body = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
            self.send_response(404 if answer is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
