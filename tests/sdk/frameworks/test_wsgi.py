from __future__ import annotations

import contextvars
import io
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from wsgiref.handlers import SimpleHandler
from wsgiref.util import FileWrapper

import pytest

import tocsin
from tests.sdk.frameworks.speaking import Server, counted, environ, scraped
from tests.sdk.reading import Line, requests
from tocsin import DeclarationError, Service
from tocsin.model import UNMATCHED

LABELS = "logging.googleapis.com/labels"
IN_FLIGHT = "http_requests_in_flight"
TOKEN = {"HTTP_AUTHORIZATION": "Bearer only-for-this-test"}


def hello(_: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("content-type", "text/plain")])
    return [b"hello"]


def streaming(*steps: Any) -> Any:
    """Return an application that yields, raises or calls its *steps*; it starts its response with the first."""

    def app(_: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        for step in steps:
            if isinstance(step, Exception):
                raise step
            yield step() if callable(step) else step

    return app


def test_a_request_is_counted_by_method_and_status(shop: Service) -> None:
    app = tocsin.observe(hello, shop).app
    assert counted(app, ("GET", "/a"), ("HEAD", "/b"), ("BREW", "/c"), ("GET", "/metrics")) == {
        ("GET", UNMATCHED, "200"): 1,
        ("HEAD", UNMATCHED, "200"): 1,
        ("other", UNMATCHED, "200"): 1,
    }


def test_a_stream_is_in_flight_and_timed_until_its_last_chunk(shop: Service) -> None:
    flying: list[float] = []

    def chunk() -> bytes:
        flying.append(scraped(obs.app)[IN_FLIGHT])
        time.sleep(0.02)
        return b"chunk"

    obs = tocsin.observe(streaming(chunk, chunk), shop)
    assert Server(obs.app).get("/") == (200, b"chunkchunk")
    found = scraped(obs.app)
    assert flying == [1, 1]
    assert found[IN_FLIGHT] == 0
    assert found[f'http_request_duration_seconds_sum{{method="GET",route="{UNMATCHED}",status_code="200"}}'] >= 0.04


@pytest.mark.parametrize(("steps", "status"), [([b"a", ValueError()], "500"), ([ValueError()], "500"), ([b"a"], "200")])
def test_an_answer_that_breaks_halfway_is_a_failure(shop: Service, steps: list[Any], status: str) -> None:
    app = tocsin.observe(streaming(*steps), shop).app
    assert counted(app, ("GET", "/")) == {("GET", UNMATCHED, status): 1}
    assert scraped(app)[IN_FLIGHT] == 0


@pytest.mark.parametrize(("chunks", "status"), [(0, "499"), (1, "200")])
def test_a_client_that_leaves_is_no_failure(shop: Service, chunks: int, status: str) -> None:
    closed = []

    class Body:
        def __iter__(self) -> Iterator[bytes]:
            return iter((b"a", b"b", b"c"))

        def close(self) -> None:
            closed.append(True)

    def app(_: dict[str, Any], start_response: Any) -> Body:
        if status == "200":
            start_response("200 OK", [])
        return Body()

    obs = tocsin.observe(app, shop)
    Server(obs.app).ask(environ(), chunks)
    found = scraped(obs.app)
    assert (requests(found), found[IN_FLIGHT], closed) == ({("GET", UNMATCHED, status): 1}, 0, [True])


def fail() -> list[bytes]:
    raise ValueError("no")


def test_an_application_that_raises_or_starts_nothing_failed(shop: Service) -> None:
    def app(asked: dict[str, Any], start_response: Any) -> list[bytes]:
        if asked["PATH_INFO"] == "/late":
            start_response("404 Not Found", [])
        return [] if asked["PATH_INFO"] == "/silent" else fail()

    obs = tocsin.observe(app, shop)
    server = Server(obs.app)
    assert [server.ask(environ(path)) for path in ("/early", "/late", "/silent")] == ["ValueError('no')"] * 2 + [""]
    assert requests(scraped(obs.app)) == {("GET", UNMATCHED, "500"): 3}


def test_a_status_that_means_nothing_is_a_failure(shop: Service) -> None:
    def app(asked: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response({"/": "", "/word": "fine", "/none": None}[asked["PATH_INFO"]], [])
        return []

    obs = tocsin.observe(app, shop)
    for path in ("/", "/word", "/none"):
        assert Server(obs.app).ask(environ(path)) == ""
    assert requests(scraped(obs.app)) == {("GET", UNMATCHED, "500"): 3}


def test_the_last_status_counts(shop: Service) -> None:
    def app(_: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        start_response("503 Unavailable", [], (ValueError, ValueError("no"), None))
        return [b"sorry"]

    assert counted(tocsin.observe(app, shop).app, ("GET", "/")) == {("GET", UNMATCHED, "503"): 1}


def test_a_list_and_a_file_are_handed_to_the_server_as_they_are(shop: Service) -> None:
    whole, file = [b"a", b"b"], FileWrapper(io.BytesIO(b"file"))

    def app(asked: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [])
        return whole if asked["PATH_INFO"] == "/list" else file

    obs = tocsin.observe(app, shop)
    start = Server(obs.app).start
    assert obs.app(environ("/list"), start) is whole
    assert obs.app({**environ("/file"), "wsgi.file_wrapper": FileWrapper}, start) is file
    assert requests(scraped(obs.app)) == {("GET", UNMATCHED, "200"): 2}


def test_a_server_computes_the_same_length(shop: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_REQUEST_ID", "off")

    class One:
        def __len__(self) -> int:
            return 1

        def __iter__(self) -> Iterator[bytes]:
            return iter((b"one",))

    def app(_: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [])
        return One()

    def served(app: Any) -> bytes:
        out = io.BytesIO()
        handler = SimpleHandler(io.BytesIO(), out, io.StringIO(), environ())
        handler.run(app)
        return out.getvalue()

    obs = tocsin.observe(app, shop)
    assert served(obs.app) == served(app)
    assert b"Content-Length: 3" in served(obs.app)
    assert requests(scraped(obs.app)) == {("GET", UNMATCHED, "200"): 2}


def test_an_answer_that_is_iterated_twice_goes_on(shop: Service) -> None:
    body: Any = tocsin.observe(streaming(b"a", b"b"), shop).app(environ(), Server(hello).start)
    assert (next(body), next(iter(body)), list(body)) == (b"a", b"b", [])


def test_what_is_said_belongs_to_the_request_until_it_is_closed(shop: Service, said: Callable[[], list[Line]]) -> None:
    class Body:
        def __iter__(self) -> Iterator[bytes]:
            obs.log.info("begin")
            yield b"a"
            obs.log.info("end")

        def close(self) -> None:
            obs.log.info("close")

    def app(_: dict[str, Any], start_response: Any) -> Body:
        obs.log.info("call")
        start_response("200 OK", [])
        return Body()

    obs = tocsin.observe(app, shop)
    asked = environ("/caf\xc3\xa9", HTTP_X_REQUEST_ID="r-1", HTTP_USER_AGENT="pytest", SCRIPT_NAME="/shop")
    Server(obs.app).ask(asked)
    obs.log.info("after")
    lines = {line["message"]: line for line in said()}
    assert [name for name, line in lines.items() if line[LABELS].get("request_id") == "r-1"] == [
        "call",
        "begin",
        "end",
        f"GET {UNMATCHED} 200",
        "close",
    ]
    assert "request_id" not in lines["after"][LABELS]
    request = lines[f"GET {UNMATCHED} 200"]["httpRequest"]
    assert float(request.pop("latency").removesuffix("s")) >= 0
    assert request == {
        "requestMethod": "GET",
        "requestUrl": "/shop/café",
        "status": 200,
        "userAgent": "pytest",
        "protocol": "HTTP/1.1",
    }


def test_an_exception_belongs_to_the_request_that_it_came_out_of(shop: Service, said: Callable[[], list[Line]]) -> None:
    def app(_: dict[str, Any], __: Any) -> list[bytes]:
        return fail()

    obs = tocsin.observe(app, shop)
    try:
        obs.app(environ(HTTP_X_REQUEST_ID="r-2"), Server(hello).start)
    except ValueError:
        logging.getLogger("gunicorn.error").exception("it broke")
    assert {line["message"]: line[LABELS]["request_id"] for line in said()} == {
        f"GET {UNMATCHED} 500": "r-2",
        "it broke": "r-2",
    }


def test_an_answer_may_be_read_in_another_context(shop: Service) -> None:
    obs = tocsin.observe(streaming(b"a"), shop)
    body = contextvars.copy_context().run(obs.app, environ(), Server(hello).start)
    assert list(body) == [b"a"]
    body.close()
    assert requests(scraped(obs.app)) == {("GET", UNMATCHED, "200"): 1}


def test_many_threads_lose_no_request(shop: Service) -> None:
    app = tocsin.observe(streaming(b"a", b"b"), shop).app
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: Server(app).get(f"/{number}"), range(3000)))
    found = scraped(app)
    assert requests(found) == {("GET", UNMATCHED, "200"): 3000}
    assert found[IN_FLIGHT] == 0


def test_health_and_readiness_are_answered(shop: Service) -> None:
    works = {"cache": True}

    async def cache() -> bool:
        return works["cache"]

    obs = tocsin.observe(hello, shop)
    obs.ready("cache", cache)
    server = Server(obs.app)
    assert server.get("/healthz") == (200, b'{"alive":true}')
    assert server.get("/readyz", "HEAD") == (200, b"")
    works["cache"] = False
    assert server.get("/readyz") == (503, b'{"ready":false,"failing":["cache"]}')
    assert server.get("/metrics", "POST")[0] == 405
    assert counted(obs.app) == {}


def order(app: Any, body: bytes, **more: str) -> int:
    asked = {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), **TOKEN, **more}
    return Server(app).get("/-/faults", "POST", **asked)[0]


def test_the_fault_door_breaks_and_heals(shop: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_FAULTS", "only-for-this-test")
    app = tocsin.observe(hello, shop).app
    assert order(app, b'{"errors": 0.5}', HTTP_AUTHORIZATION="Bearer guess") == 401
    assert order(app, b'{"errors": 7}') == 400
    assert order(app, b'{"errors": 0.5, "slow": 0.01}') == 200
    assert counted(app, *[("GET", "/")] * 4) == {("GET", UNMATCHED, "500"): 2, ("GET", UNMATCHED, "200"): 2}
    name = "http_request_duration_seconds_sum"
    assert scraped(app)[f'{name}{{method="GET",route="{UNMATCHED}",status_code="200"}}'] >= 0.02
    assert order(app, b"{}") == 200
    assert Server(app).get("/") == (200, b"hello")


def test_there_is_no_fault_door_unless_it_was_asked_for(shop: Service) -> None:
    app = tocsin.observe(hello, shop).app
    assert Server(app).get("/-/faults", "POST", **TOKEN) == (200, b"hello")


async def coroutine(scope: Any, receive: Any, send: Any) -> None:
    """Answer nothing."""


def handing_on(scope: Any, receive: Any, send: Any) -> Any:
    return coroutine(scope, receive, send)


class Called:
    async def __call__(self, *_: Any) -> None:
        """Answer nothing."""


class CalledByTwo:
    def __call__(self, environ: Any, start_response: Any) -> Any:
        return hello(environ, start_response)


@pytest.mark.parametrize(
    ("app", "room"),
    [
        (coroutine, "asgi"),
        (Called(), "asgi"),
        (handing_on, "asgi"),
        (hello, "wsgi"),
        (CalledByTwo(), "wsgi"),
        (lambda environ, start_response, more=None: hello(environ, more or start_response), None),
        (lambda *_: None, None),
        (object(), None),
    ],
)
def test_the_interface_is_told_from_the_application(shop: Service, app: Any, room: str | None) -> None:
    if room is None:
        with pytest.raises(DeclarationError, match=r"whether .* is ASGI or WSGI"):
            tocsin.observe(app, shop)
    else:
        assert type(tocsin.observe(app, shop).app).__module__ == f"tocsin.sdk.{room}"


def test_observing_twice_is_refused(shop: Service) -> None:
    with pytest.raises(DeclarationError, match="observed already"):
        tocsin.observe(tocsin.observe(hello, shop).app, shop)


def test_what_somebody_else_keeps_under_our_key_breaks_nothing(shop: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "CRITICAL")

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environ["tocsin"] = "an application's own"
        start_response("200 OK", [("x-request-id", "own")])
        return []

    assert Server(tocsin.observe(app, shop).app).ask(environ("/")) == ""
