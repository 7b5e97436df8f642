"""A wrapped application says what the bare one says: the same messages, in the same order, and the same exception."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar import Litestar, get
from litestar.params import FromPath, FromQuery
from litestar.response import Stream
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route

import tocsin
from tests.sdk.reading import http_scope
from tocsin import Service


class Oops(Exception):  # noqa: N818 - it is a test's
    """Raised by the applications here."""


HEADER = st.tuples(st.sampled_from([b"x-a", b"x-b", b"content-type"]), st.binary(max_size=5))
START = st.builds(
    lambda status, headers: {"type": "http.response.start", "status": status, "headers": headers},
    st.sampled_from([200, 204, 301, 404, 500, 503]),
    st.lists(HEADER, max_size=3),
)
BODY = st.builds(
    lambda body, more: {"type": "http.response.body", "body": body, **more},
    st.binary(max_size=20),
    st.sampled_from([{}, {"more_body": True}, {"more_body": False}]),
)
EXTRA = st.sampled_from([{"type": "http.response.trailers", "headers": []}, {"type": "http.response.early_hint"}])
STEP = st.one_of(START, BODY, EXTRA, st.just("receive"), st.just("raise"), st.just("cancel"), st.just("exit"))
NAMES = st.sampled_from(["on", "off"])
LOOPS = st.sampled_from(["asyncio", "trio"])
RAISED: dict[str, type[BaseException]] = {"raise": Oops, "cancel": asyncio.CancelledError, "exit": SystemExit}


def scripted(steps: list[Any]) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - the interface
        for step in steps:
            if step == "receive":
                await send({"type": "echo", "heard": await receive()})
            elif isinstance(step, str):
                raise RAISED[step]
            else:
                await send(dict(step))

    return app


def observed(app: Any, shop: Service, names: str) -> Any:
    """Return *app* as it is served observed, its answers with or without request ids."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOCSIN_REQUEST_ID", names)
        return tocsin.observe(app, shop).app


def unnamed(heard: tuple[list[Any], str], names: str) -> tuple[list[Any], str]:
    """Return what was *heard* without the request ids that have been added."""
    said, raised = heard
    for message in said if names == "on" else ():
        if message["type"] == "http.response.start":
            *headers, (name, value) = message["headers"]
            assert name == b"x-request-id"
            assert re.fullmatch(rb"[0-9a-f]{32}", value)
            message["headers"] = headers
    return said, raised


def everything(
    app: Any, scope: dict[str, Any], breaks_at: int | None = None, loop: str = "asyncio"
) -> tuple[list[Any], str]:
    """Return what *app* says, and what it raises, to a server whose send breaks at some message."""
    said: list[Any] = []

    async def send(message: Any) -> None:
        await anyio.lowlevel.checkpoint()
        if len(said) == breaks_at:
            raise ConnectionResetError("gone")
        said.append(dict(message))

    async def receive() -> Any:
        await anyio.lowlevel.checkpoint()
        return {"type": "http.request", "body": b"asked", "more_body": False}

    async def run() -> str:
        try:
            await app(scope, receive, send)
        except BaseException as error:  # noqa: BLE001 - what comes out is compared
            return repr(error)
        return ""

    return said, anyio.run(run, backend=loop)


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOG_FORMAT", "json")
        yield


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(STEP, max_size=8),
    st.sampled_from(["GET", "HEAD", "POST", "BREW"]),
    st.none() | st.integers(0, 4),
    LOOPS,
    NAMES,
)
def test_any_application_says_the_same(
    shop: Service, steps: list[Any], method: str, breaks_at: int | None, loop: str, names: str
) -> None:
    bare = scripted(steps)
    wrapped = observed(scripted(steps), shop, names)
    scope = http_scope("/x", method)
    heard = everything(wrapped, dict(scope), breaks_at, loop)
    assert unnamed(heard, names) == everything(bare, dict(scope), breaks_at, loop)


class Numbers:
    """The parts of a stream that breaks at one of them; no generator, which a framework leaves to the collector."""

    def __init__(self, breaks_at: str | None) -> None:
        self._breaks_at = breaks_at
        self._numbers = iter("01234")

    def __aiter__(self) -> Numbers:
        return self

    async def __anext__(self) -> bytes:
        """Return the next part."""
        number = next(self._numbers, None)
        if number is None:
            raise StopAsyncIteration
        if number == self._breaks_at:
            raise Oops
        return number.encode()


def starlette() -> Starlette:
    async def text(request: Request) -> Response:
        return PlainTextResponse(request.query_params.get("say", "") * 100)

    async def stream(request: Request) -> Response:
        return StreamingResponse(Numbers(request.query_params.get("say")), status_code=206)

    async def boom(_: Request) -> Response:
        raise Oops

    routes = [Route("/text/{x}", text), Route("/stream", stream), Route("/boom", boom)]
    return Starlette(
        routes=[*routes, Mount("/sub", routes=routes)], middleware=[Middleware(GZipMiddleware, minimum_size=50)]
    )


def fastapi() -> FastAPI:
    app = FastAPI()

    @app.get("/text/{x}")
    def text(x: int, say: str = "") -> dict[str, Any]:
        return {"x": x, "say": say}

    @app.get("/boom")
    async def boom() -> None:
        raise Oops

    return app


def litestar() -> Litestar:
    @get("/text/{x:int}", sync_to_thread=False)
    def text(x: FromPath[int], say: FromQuery[str]) -> dict[str, Any]:
        return {"x": x, "say": say}

    @get("/stream")
    async def stream(say: FromQuery[str]) -> Stream:
        return Stream(Numbers(say))

    @get("/boom")
    async def boom() -> None:
        raise Oops

    return Litestar([text, stream, boom], debug=False)


HEADERS = [(b"host", b"shop.example"), (b"accept-encoding", b"gzip")]
PATHS = ["/text/1", "/text/a", "/text/1/", "/stream", "/boom", "/sub/text/1", "/sub/stream", "/sub/none", "/none", "/"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([starlette, fastapi, litestar]),
    st.builds(
        lambda path, method, say: http_scope(path, method, query_string=f"say={say}".encode(), headers=HEADERS),
        st.sampled_from(PATHS),
        st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "BREW"]),
        st.sampled_from(["", "3", "word"]),
    ),
    st.none() | st.integers(0, 3),
    LOOPS,
    NAMES,
)
def test_frameworks_say_the_same(
    shop: Service, make: Callable[[], Any], scope: dict[str, Any], breaks_at: int | None, loop: str, names: str
) -> None:
    heard = everything(observed(make(), shop, names), dict(scope), breaks_at, loop)
    assert unnamed(heard, names) == everything(make(), dict(scope), breaks_at, loop)
