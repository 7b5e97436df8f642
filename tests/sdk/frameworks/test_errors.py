"""What ends in a 500 reaches the error tracker from every framework: once, with its request, route and trace."""

from __future__ import annotations

import logging
import sys
import wsgiref.util
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import fastapi
import httpx
import pytest
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from flask import Flask, abort
from litestar import Litestar, get
from litestar.exceptions import HTTPException as LitestarHTTPException
from litestar.logging import LoggingConfig
from litestar.params import FromPath
from litestar.response import Response as LitestarResponse
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

import tocsin
from tests.sdk.frameworks import django_site  # noqa: F401 - sets Django up
from tests.sdk.reading import client, requests, scrape
from tests.sdk.sink import Sink, sink
from tocsin import Observer, Service

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
HEADERS = {"traceparent": f"00-{TRACE}-{SPAN}-01", "x-request-id": "abc", "cookie": "a=b"}

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """Run coroutine tests on asyncio, which is all that Django runs on."""
    return "asyncio"


@pytest.fixture(params=["INFO", "CRITICAL"])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    """An error tracker, whatever is logged."""
    with sink() as running:
        monkeypatch.setenv("SENTRY_DSN", running.dsn)
        monkeypatch.setenv("SENTRY_TRACES_SAMPLE_RATE", "0")
        monkeypatch.setenv("LOG_LEVEL", request.param)
        yield running


async def in_asgi(app: Any, *paths: str) -> list[int]:
    async with client(app) as caller:
        return [(await caller.get(path, headers=HEADERS)).status_code for path in paths]


async def in_wsgi(app: Any, *paths: str) -> list[int]:
    with httpx.Client(
        transport=httpx.WSGITransport(app=app, raise_app_exceptions=False), base_url="http://shop.example"
    ) as caller:
        return [caller.get(path, headers=HEADERS).status_code for path in paths]  # noqa: ASYNC212 - WSGI blocks


def fastapi_app(shop: Service) -> Observer:
    app = fastapi.FastAPI()
    below = fastapi.APIRouter(prefix="/below")

    @below.get("/items/{number}")
    async def broken(number: int) -> None:
        raise ValueError(f"broken {number}")

    @app.get("/refused")
    async def refused() -> None:
        raise fastapi.HTTPException(404)

    app.include_router(below)
    return tocsin.observe(app, shop)


def starlette_app(shop: Service) -> Observer:
    def broken(request: Request) -> Response:
        raise ValueError(f"broken {request.path_params['number']}")

    def refused(_: Request) -> Response:
        raise HTTPException(404)

    below = Mount("/below", routes=[Route("/items/{number:int}", broken)])
    return tocsin.observe(Starlette(routes=[below, Route("/refused", refused)]), shop)


@get("/below/items/{number:int}")
async def litestar_broken(number: FromPath[int]) -> None:
    raise ValueError(f"broken {number}")


@get("/refused")
async def litestar_refused() -> None:
    raise LitestarHTTPException(status_code=404)


def litestar_app(shop: Service) -> Observer:
    return tocsin.observe(Litestar([litestar_broken, litestar_refused], logging_config=None), shop)


def litestar_logging_app(shop: Service) -> Observer:
    passed_on = {"litestar": {"level": "INFO", "handlers": [], "propagate": True}}
    logs = LoggingConfig(log_exceptions="always", configure_root_logger=False, loggers=passed_on)
    return tocsin.observe(Litestar([litestar_broken, litestar_refused], logging_config=logs), shop)


def flask_app(shop: Service) -> Observer:
    app = Flask("shop")

    @app.get("/below/items/<int:number>")
    def broken(number: int) -> str:
        raise ValueError(f"broken {number}")

    @app.get("/refused")
    def refused() -> str:
        abort(404)

    return tocsin.observe(app, shop)


def django_wsgi_app(shop: Service) -> Observer:
    return tocsin.observe(get_wsgi_application(), shop)


def django_asgi_app(shop: Service) -> Observer:
    return tocsin.observe(get_asgi_application(), shop)


Ask = Callable[..., Awaitable[list[int]]]
ITEMS = "/below/items/7"
APPS: list[Any] = [
    pytest.param(fastapi_app, in_asgi, ITEMS, "/below/items/{number}", id="fastapi"),
    pytest.param(starlette_app, in_asgi, ITEMS, "/below/items/{number:int}", id="starlette"),
    pytest.param(litestar_app, in_asgi, ITEMS, "/below/items/{number}", id="litestar"),
    pytest.param(litestar_logging_app, in_asgi, ITEMS, "/below/items/{number}", id="litestar that logs"),
    pytest.param(flask_app, in_wsgi, ITEMS, "/below/items/<int:number>", id="flask"),
    pytest.param(django_wsgi_app, in_wsgi, "/boom", "/boom", id="django on wsgi"),
    pytest.param(django_asgi_app, in_asgi, "/boom", "/boom", id="django on asgi"),
]


@pytest.mark.parametrize(("make", "ask", "path", "route"), APPS)
async def test_a_500_reaches_the_tracker_once_and_a_404_does_not(
    shop: Service, server: Sink, make: Callable[[Service], Observer], ask: Ask, path: str, route: str
) -> None:
    obs = make(shop)
    assert await ask(obs.app, path, "/refused", "/nowhere") == [500, 404, 404]
    assert obs.tracker is not None
    obs.tracker.flush(30)
    (event,) = server.wait("event")
    (exception, *_) = reversed(event["exception"]["values"])
    assert exception["type"] in ("ValueError", "RuntimeError")
    assert exception["mechanism"]["handled"] is False
    frames = exception["stacktrace"]["frames"]
    assert frames[-1]["in_app"] is True
    assert not any(frame["module"].startswith("tocsin.sdk") for frame in frames)
    assert event["transaction"] == event["tags"]["operation"] == f"GET {route}"
    assert event["request"]["url"] == f"http://shop.example{path}"
    assert "cookie" not in event["request"]["headers"]
    trace = event["contexts"]["trace"]
    assert (trace["trace_id"], trace["parent_span_id"]) == (TRACE, SPAN)
    assert event["contexts"]["response"] == {"status_code": 500}
    assert event["extra"]["request_id"] == "abc"


@pytest.mark.parametrize(("make", "ask", "path", "route"), APPS)
async def test_every_request_is_a_transaction_where_all_are_sampled(
    shop: Service,
    server: Sink,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Service], Observer],
    ask: Ask,
    path: str,
    route: str,
) -> None:
    monkeypatch.setenv("SENTRY_TRACES_SAMPLE_RATE", "1")
    obs = make(shop)
    await ask(obs.app, path, "/nowhere", "/healthz", "/metrics")
    assert obs.tracker is not None
    obs.tracker.flush(30)
    first, second = server.wait("transaction", 2)
    assert len(server.of("transaction")) == 2
    assert first["transaction"] == f"GET {route}"
    assert first["contexts"]["trace"]["status"] == "internal_error"
    assert first["contexts"]["trace"]["trace_id"] == TRACE
    assert second["contexts"]["trace"]["status"] == "not_found"


async def test_an_exception_that_a_handler_answers_is_told_only_if_the_answer_is_a_500(
    shop: Service, server: Sink
) -> None:
    def answered(_: Any, error: Exception) -> LitestarResponse[str]:
        return LitestarResponse(str(error), status_code=409)

    app = Litestar([litestar_broken], logging_config=None, exception_handlers={ValueError: answered})
    obs = tocsin.observe(app, shop)
    assert await in_asgi(app, ITEMS) == [409]
    assert obs.tracker is not None
    obs.capture(KeyError("last"))
    obs.tracker.flush(30)
    (event,) = server.wait("event")
    assert event["exception"]["values"][0]["type"] == "KeyError"


async def test_what_was_captured_and_is_raised_again_is_told_once(shop: Service, server: Sink) -> None:
    app = fastapi.FastAPI()
    obs = tocsin.observe(app, shop)

    @app.get("/pay")
    def pay() -> None:
        logging.getLogger("shop").warning("Paying", extra={"sale_id": 7})
        try:
            raise ValueError("no money")  # noqa: TRY301 - as it may be
        except ValueError as error:
            obs.capture(error, operation="pay", sale_id=7, retry_count=1)
            obs.log.exception("No money")
            raise

    assert await in_asgi(app, "/pay") == [500]
    assert obs.tracker is not None
    obs.tracker.flush(30)
    (event,) = server.wait("event")
    assert event["tags"] == {"service": "shop", "operation": "pay"}
    assert event["extra"] == {"request_id": "abc", "sale_id": 7, "retry_count": 1}
    assert event["request"]["url"] == "http://shop.example/pay"
    assert event["contexts"]["trace"]["trace_id"] == TRACE
    logged = obs._logs.level <= logging.WARNING  # noqa: SLF001 - set by the fixture
    assert [crumb["message"] for crumb in event["breadcrumbs"]["values"]] == (["Paying"] if logged else [])


async def test_a_client_that_leaves_and_a_request_that_is_cancelled_are_no_errors(shop: Service, server: Sink) -> None:
    class ClientDisconnect(Exception):  # noqa: N818 - Starlette's name
        """The client left."""

    def left(_: Request) -> Response:
        raise ClientDisconnect

    app = Starlette(routes=[Route("/left", left)])
    obs = tocsin.observe(app, shop)
    await in_asgi(app, "/left")
    obs.capture(KeyError("last"))
    assert obs.tracker is not None
    obs.tracker.flush(30)
    (event,) = server.wait("event")
    assert event["exception"]["values"][0]["type"] == "KeyError"


async def test_an_answer_that_breaks_halfway_and_a_background_task_are_told(shop: Service, server: Sink) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"a"
        raise ValueError("halfway")

    async def late() -> None:
        raise ValueError("late")

    def stream(_: Request) -> Response:
        return StreamingResponse(chunks())

    def background(_: Request) -> Response:
        from starlette.background import BackgroundTask  # noqa: PLC0415 - beside its use

        return PlainTextResponse("done", background=BackgroundTask(late))

    app = Starlette(routes=[Route("/stream", stream), Route("/background", background)])
    obs = tocsin.observe(app, shop)
    await in_asgi(app, "/stream", "/background")
    assert obs.tracker is not None
    obs.tracker.flush(30)
    told = {event["exception"]["values"][-1]["value"]: event for event in server.wait("event", 2)}
    assert {said: event["contexts"]["response"]["status_code"] for said, event in told.items()} == {
        "halfway": 500,
        "late": 200,
    }


def test_a_wsgi_answer_that_breaks_halfway_is_told(shop: Service, server: Sink) -> None:
    def app(_: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"a"
        raise ValueError("halfway")

    obs = tocsin.observe(app, shop)
    environ: dict[str, Any] = {}
    wsgiref.util.setup_testing_defaults(environ)
    with pytest.raises(ValueError, match="halfway"):
        list(obs.app(environ, lambda *_: lambda _: None))
    assert obs.tracker is not None
    obs.tracker.flush(30)
    (event,) = server.wait("event")
    assert event["exception"]["values"][0]["value"] == "halfway"


@pytest.mark.usefixtures("server")
async def test_a_tenth_of_the_requests_is_sampled(shop: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTRY_TRACES_SAMPLE_RATE", "0.1")
    app = Starlette(routes=[Route("/", lambda _: PlainTextResponse("hello"))])
    obs = tocsin.observe(app, shop)
    told: list[Any] = []
    assert obs.tracker is not None
    monkeypatch.setattr(type(obs.tracker), "transaction", lambda _, *given: told.append(given))
    await in_asgi(app, *["/"] * 2000)
    assert requests(await scrape(app)) == {("GET", "/", "200"): 2000}
    assert 130 <= len(told) <= 270  # 200 is expected, 13.4 the standard deviation


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(("make", "ask"), [(fastapi_app, in_asgi), (flask_app, in_wsgi)])
async def test_a_healthy_request_that_is_not_sampled_calls_nothing_of_the_trackers(
    shop: Service, make: Callable[[Service], Observer], ask: Ask
) -> None:
    app = make(shop).app
    await ask(app, "/openapi.json", "/static/none")
    called: set[str] = set()

    def profile(frame: Any, event: str, _: Any) -> None:
        if event == "call":
            called.add(str(frame.f_globals.get("__name__")))

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        await ask(app, "/openapi.json", "/static/none")
    finally:
        sys.setprofile(before)
    assert called & {"tocsin.sdk.asgi", "tocsin.sdk.wsgi"}
    assert not {name for name in called if name.startswith("sentry_sdk")}
    assert called.isdisjoint(f"tocsin.sdk.{name}" for name in ("errors", "events", "exceptions", "sentry", "snapshots"))
