"""How the tests of WSGI applications speak to one, as a server does."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from typing import Any

from tests.sdk.reading import requests, samples

WSGIApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def environ(path: str = "/", method: str = "GET", **more: Any) -> dict[str, Any]:
    """Return the environ of a request, as a server makes it."""
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "shop.example",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "shop.example",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **more,
    }


class Server:
    """Serves requests to *app*, and keeps what the last one was told, in order."""

    def __init__(self, app: WSGIApp) -> None:
        self._app = app
        self.told: list[object] = []

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        """Start a response."""
        self.told.append((status, headers, exc_info and repr(exc_info[1])))
        return self.told.append

    def ask(self, asked: dict[str, Any], chunks: int | None = None) -> str:
        """Serve a request, or the first *chunks* of its answer; return the exception that came out."""
        self.told = []
        try:
            self._serve(asked, chunks)
        except Exception as error:  # noqa: BLE001 - what comes out is compared
            return repr(error)
        return ""

    def _serve(self, asked: dict[str, Any], chunks: int | None) -> None:
        body: Any = self._app(asked, self.start)
        try:
            self.told.append(len(body) if hasattr(body, "__len__") else "no length")
            for number, chunk in enumerate(body):
                if number == chunks:
                    break
                self.told.append(chunk)
        finally:
            if hasattr(body, "close"):
                body.close()

    def get(self, path: str, method: str = "GET", **more: Any) -> tuple[int, bytes]:
        """Return the status and body of an answer."""
        self.ask(environ(path, method, **more))
        starts = [said for said in self.told if isinstance(said, tuple) and len(said) == 3]
        return int(starts[-1][0][:3]), b"".join(said for said in self.told if isinstance(said, bytes))


def unnamed(told: list[object]) -> list[object]:
    """Return what a server was *told* without the request ids that have been added."""
    return [_without_id(*said) if isinstance(said, tuple) and len(said) == 3 else said for said in told]


def _without_id(status: str, headers: list[tuple[str, str]], raised: str | None) -> tuple[Any, ...]:
    *others, (name, value) = headers
    assert name == "x-request-id"
    assert re.fullmatch("[0-9a-f]{32}", value)
    return status, others, raised


def scraped(app: WSGIApp) -> dict[str, float]:
    """Return what *app* exposes."""
    status, body = Server(app).get("/metrics")
    assert status == 200
    return samples(body.decode())


def counted(app: WSGIApp, *asked: tuple[str, str]) -> dict[tuple[str, str, str], float]:
    """Return what was counted when *asked* was."""
    for method, path in asked:
        Server(app).get(path, method)
    return requests(scraped(app))
