from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest
from litestar import Litestar, Response, Router, WebSocket, asgi, get, post, websocket
from litestar.background_tasks import BackgroundTask
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Stream

import tocsin
from tests.sdk.reading import client, http_scope, requests, scrape
from tocsin import DeclarationError, Service
from tocsin.model import UNMATCHED

pytestmark = pytest.mark.anyio


@get("/items/{number:int}")
async def item(number: FromPath[int]) -> int:
    return number


@post("/items")
async def make() -> str:
    return "made"


@get("/teapot")
async def teapot() -> None:
    raise HTTPException("a teapot", status_code=418)


@get("/boom")
async def boom() -> None:
    raise RuntimeError("boom")


@get("/broken")
async def broken() -> Stream:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"a"
        raise RuntimeError("halfway")

    return Stream(chunks())


@get("/background")
async def background() -> Response[str]:
    async def late() -> None:
        await anyio.sleep(0.3)

    return Response("quick", background=BackgroundTask(late))


@asgi("/mounted", is_mount=True, copy_scope=True)
async def mounted(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - the interface
    await send({"type": "http.response.start", "status": 202, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@websocket("/socket")
async def socket(socket: WebSocket[Any, Any, Any]) -> None:
    await socket.accept()
    await socket.send_text(await socket.receive_text())
    await socket.close()


def site() -> Litestar:
    """Return an application with a route of each kind."""
    below = Router("/v1/{tenant:str}", route_handlers=[item])
    return Litestar([item, make, teapot, boom, broken, background, mounted, socket, below])


async def test_requests_have_their_whole_template(shop: Service) -> None:
    app = site()
    assert tocsin.observe(app, shop).app is app
    asked = [("GET", "/items/1"), ("GET", "/items/2"), ("OPTIONS", "/items/1"), ("POST", "/items"), ("GET", "/boom")]
    more = [("GET", "/v1/acme/items/1"), ("GET", "/teapot"), ("GET", "/mounted/a"), ("GET", "/mounted/b/c")]
    lost = [("GET", "/none"), ("GET", "/items/x"), ("DELETE", "/items/1")]
    async with client(app) as caller:
        for method, path in (*asked, *more, *lost):
            await caller.request(method, path)
    assert requests(await scrape(app)) == {
        ("GET", "/items/{number}", "200"): 2,
        ("OPTIONS", "/items/{number}", "204"): 1,
        ("POST", "/items", "201"): 1,
        ("GET", "/boom", "500"): 1,
        ("GET", "/v1/{tenant}/items/{number}", "200"): 1,
        ("GET", "/teapot", "418"): 1,
        ("GET", "/mounted/{path}", "202"): 2,
        ("GET", UNMATCHED, "404"): 2,
        ("DELETE", UNMATCHED, "405"): 1,
    }


async def test_known_routes_start_at_0_with_their_success_and_their_failure(shop: Service) -> None:
    app = Litestar([item, make])
    tocsin.observe(app, shop)
    found = await scrape(app)
    assert {name for name in found if name.startswith("http_requests_total") and UNMATCHED not in name} == {
        f'http_requests_total{{method="{method}",route="{route}",status_code="{status}"}}'
        for method, route, success in (("GET", "/items/{number}", 200), ("POST", "/items", 201))
        for status in (success, 500)
    }


async def test_an_answer_that_breaks_halfway_is_a_failure(shop: Service) -> None:
    app = site()
    tocsin.observe(app, shop)
    async with client(app) as caller:
        await caller.get("/broken")
    assert requests(await scrape(app)) == {("GET", "/broken", "500"): 1}


async def test_background_tasks_are_no_part_of_the_duration(shop: Service) -> None:
    app = site()
    tocsin.observe(app, shop)
    async with client(app) as caller:
        assert (await caller.get("/background")).text == "quick"
    found = await scrape(app)
    assert found['http_request_duration_seconds_sum{method="GET",route="/background",status_code="200"}'] < 0.3


async def test_websockets_and_lifespan_pass_through(shop: Service) -> None:
    async def talk(app: Any, kind: str, *incoming: dict[str, Any]) -> list[Any]:
        heard, said = iter(incoming), []

        async def receive() -> Any:
            return next(heard)

        async def send(message: Any) -> None:
            said.append(message)

        scope = {**http_scope("/socket"), "type": kind, "subprotocols": []}
        scope.pop("method")
        await app(scope, receive, send)
        return said

    app = site()
    tocsin.observe(app, shop)
    spoken = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": "ring"}]
    lived = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    for kind, incoming in (("websocket", spoken), ("lifespan", lived)):
        said = await talk(app, kind, *incoming)
        assert said == await talk(site(), kind, *incoming)
        assert len(said) > 1
    assert requests(await scrape(app)) == {}


async def test_observing_twice_is_refused(shop: Service) -> None:
    app = site()
    tocsin.observe(app, shop)
    with pytest.raises(DeclarationError, match="observed already"):
        tocsin.observe(app, shop)
