"""How Bugsink is read, and what is said where it cannot be; tests/stack/test_bugsink.py reads a real one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from tocsin.live.bugsink import MOST, Bugsink
from tocsin.model import TocsinError

Answer = tuple[int, bytes]


@contextmanager
def answering(answer: Callable[[str], Answer]) -> Iterator[str]:
    """Serve what *answer* makes of each path."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def events(numbers: range, following: str | None) -> Answer:
    entries = [{"id": str(number), "issue": "i", "timestamp": "2026-11-25T04:00:00Z"} for number in numbers]
    return 200, json.dumps({"next": following, "previous": None, "results": entries}).encode()


def test_a_list_is_read_to_its_last_page() -> None:
    def pages(path: str) -> Answer:
        if "cursor" in path:
            return events(range(2, 3), None)
        return events(range(2), "http://elsewhere.example/api/canonical/0/events/?cursor=abc%3D&issue=i")

    with answering(pages) as url:
        assert [event.id for event in Bugsink(url, "token").events("i")] == ["0", "1", "2"]


def test_an_endless_list_is_cut() -> None:
    with answering(lambda _: events(range(300), "http://elsewhere.example/?cursor=more")) as url:
        assert len(Bugsink(url, "token").events("i")) == MOST


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((401, b"{}"), "does not know the token: read it anew from its folder."),
        ((404, b"{}"), "has no events/7 (any more)."),
        ((500, b""), "answers 500 to events/7/: see its log."),
        ((200, b"<html>"), "is no Bugsink of version 2: check its address."),
        ((200, b"[1]"), "is no Bugsink of version 2: check its address."),
        ((200, b'{"id": "7", "issue": "i", "timestamp": "soon", "data": {}}'), "is no Bugsink of version 2"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(answer: Answer, sentence: str) -> None:
    with answering(lambda _: answer) as url, pytest.raises(TocsinError) as refused:
        Bugsink(url, "token").event("7")
    assert sentence in str(refused.value)
    assert url in str(refused.value)


def test_nobody_there_is_one_sentence() -> None:
    with answering(lambda _: (200, b"")) as url:
        pass
    with pytest.raises(TocsinError, match=r"^No Bugsink answers at .*; start it with `tocsin up`\.$"):
        Bugsink(url, "token").projects()
