from __future__ import annotations

import contextvars
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import anyio
import httpx
import pytest
from fastapi import APIRouter, FastAPI, HTTPException
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Host, Mount, Route, Router, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

import tocsin
from tests.sdk.reading import client, http_scope, requests, scrape
from tocsin import DeclarationError, Latency, Service
from tocsin.model import UNMATCHED

OWN_ID = {"x-request-id": "the application's"}

pytestmark = pytest.mark.anyio

IN_FLIGHT = "http_requests_in_flight"


async def hello(request: Request) -> Response:
    return PlainTextResponse(f"hello {request.path_params}")


async def boom(request: Request) -> Response:
    raise RuntimeError(f"{request.url.path} breaks")


async def silence(*_: Any) -> Any:
    """Hear nothing, and say nothing."""
    await anyio.sleep_forever()


async def counted(app: Any, *asked: tuple[str, str]) -> dict[tuple[str, str, str], float]:
    async with client(app) as caller:
        for method, path in asked:
            await caller.request(method, path)
    return requests(await scrape(app))


async def test_requests_are_counted_by_method_template_and_status(shop: Service) -> None:
    app = Starlette(routes=[Route("/items/{id:int}", hello, methods=["GET", "POST"]), Route("/boom", boom)])
    tocsin.observe(app, shop)
    asked = [("GET", "/items/1"), ("GET", "/items/2"), ("POST", "/items/3"), ("HEAD", "/items/4"), ("PUT", "/items/5")]
    assert await counted(app, *asked, ("GET", "/boom"), ("GET", "/items/x"), ("GET", "/nowhere")) == {
        ("GET", "/items/{id:int}", "200"): 2,
        ("POST", "/items/{id:int}", "200"): 1,
        ("HEAD", "/items/{id:int}", "200"): 1,
        ("PUT", "/items/{id:int}", "405"): 1,
        ("GET", "/boom", "500"): 1,
        ("GET", UNMATCHED, "404"): 2,
    }


async def test_a_duration_is_observed_for_each_request_in_the_buckets_of_the_service() -> None:
    service = Service(
        name="slow", team="shop", port=1, because="It waits.", objectives=(Latency(0.9, below=0.0001, name="quick"),)
    )

    async def slow(_: Request) -> Response:
        await anyio.sleep(0.02)
        return Response()

    app = Starlette(routes=[Route("/", slow)])
    tocsin.observe(app, service)
    async with client(app) as caller:
        await caller.get("/")
    found = await scrape(app)
    labels = 'method="GET",route="/",status_code="200"'
    name = "http_request_duration_seconds"
    assert found[f'{name}_bucket{{le="0.0001",{labels}}}'] == found[f'{name}_bucket{{le="0.01",{labels}}}'] == 0
    assert found[f'{name}_bucket{{le="+Inf",{labels}}}'] == found[f"{name}_count{{{labels}}}"] == 1
    assert found[f"{name}_sum{{{labels}}}"] >= 0.02


async def test_fastapi_routes_have_their_whole_template(shop: Service) -> None:
    app = FastAPI()
    tocsin.observe(app, shop)
    inner = APIRouter(prefix="/items")

    @inner.get("/{id}")
    async def item(id: int) -> int:  # noqa: A002 - the name in the path
        return id

    @inner.post("/", status_code=201)
    def make() -> str:
        return "made"

    outer = APIRouter(prefix="/v1/{tenant}")
    outer.include_router(inner)
    app.include_router(outer)
    app.include_router(inner, prefix="/old")

    @app.get("/direct")
    async def direct() -> str:
        raise HTTPException(418, "a teapot")

    asked = [("GET", "/v1/acme/items/1"), ("GET", "/v1/other/items/2"), ("GET", "/old/items/3"), ("GET", "/direct")]
    refused = [("GET", "/v1/acme/items/x"), ("DELETE", "/v1/acme/items/1"), ("GET", "/v1/acme")]
    assert await counted(app, *asked, ("POST", "/old/items/"), *refused) == {
        ("GET", "/v1/{tenant}/items/{id}", "200"): 2,
        ("GET", "/old/items/{id}", "200"): 1,
        ("GET", "/direct", "418"): 1,
        ("POST", "/old/items/", "201"): 1,
        ("GET", "/v1/{tenant}/items/{id}", "422"): 1,
        ("DELETE", "/v1/{tenant}/items/{id}", "405"): 1,
        ("GET", UNMATCHED, "404"): 1,
    }


async def test_mounts_are_part_of_the_template_and_their_parameters_are_not_filled_in(
    shop: Service, tmp_path: Any
) -> None:
    (tmp_path / "page.txt").write_text("a page")
    api = FastAPI()

    @api.get("/users/{id}")
    async def user(id: int) -> int:  # noqa: A002 - the name in the path
        return id

    below = Router([Route("/", hello), Route("/deep/{x}", hello)])
    app = Starlette(
        routes=[
            Mount("/api", api),
            Mount("/t/{tenant}", routes=[Route("/here", hello), Mount("/n/{n:int}", below)]),
            Mount("/static", StaticFiles(directory=tmp_path)),
            Host("{sub}.example.org", Router([Route("/hosted", hello)])),
        ]
    )
    tocsin.observe(app, shop)
    async with client(app) as caller:
        await caller.get("/hosted", headers={"host": "a.example.org"})
    paths = ["/api/users/1", "/api/none", "/t/acme/here", "/t/other/here", "/t/acme/n/7/deep/z", "/t/acme/n/7/"]
    files = ["/static/page.txt", "/static/none.txt"]
    assert await counted(app, *(("GET", path) for path in (*paths, *files))) == {
        ("GET", "/hosted", "200"): 1,
        ("GET", "/api/users/{id}", "200"): 1,
        ("GET", UNMATCHED, "404"): 1,
        ("GET", "/t/{tenant}/here", "200"): 2,
        ("GET", "/t/{tenant}/n/{n:int}/deep/{x}", "200"): 1,
        ("GET", "/t/{tenant}/n/{n:int}/", "200"): 1,
        ("GET", "/static/{path}", "200"): 1,
        ("GET", "/static/{path}", "404"): 1,
    }


async def test_a_root_path_is_no_part_of_the_template_and_the_doors_stay_open(shop: Service) -> None:
    app = Starlette(routes=[Route("/items/{id}", hello), Mount("/sub", routes=[Route("/x", hello)])])
    tocsin.observe(app, shop)
    transport = httpx.ASGITransport(app=app, root_path="/proxied")
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as caller:
        assert (await caller.get("/proxied/items/1")).status_code == 200
        assert (await caller.get("/proxied/sub/x")).status_code == 200
        assert (await caller.get("/proxied/healthz")).status_code == 200
        assert (await caller.get("/proxied/metrics")).status_code == 200
    found = await counted(app)
    assert found == {("GET", "/items/{id}", "200"): 1, ("GET", "/sub/x", "200"): 1}


async def test_the_doors_are_not_counted_as_requests(shop: Service) -> None:
    app = Starlette(routes=[Route("/a", hello)])
    tocsin.observe(app, shop)
    paths = ("/metrics", "/healthz", "/readyz", "/a/metrics")
    assert await counted(app, *(("GET", path) for path in paths)) == {("GET", UNMATCHED, "404"): 1}


async def test_random_methods_and_paths_make_no_series(shop: Service) -> None:
    app = Starlette(routes=[Route("/a", hello)])
    tocsin.observe(app, shop)
    asked = [(f"METHOD{number}", f"/random/{number}") for number in range(50)]
    assert await counted(app, *asked, ("BREW", "/a")) == {
        ("other", UNMATCHED, "404"): 50,
        ("other", "/a", "405"): 1,
    }


async def test_known_routes_start_at_0_with_their_success_and_their_failure(shop: Service) -> None:
    app = FastAPI()

    @app.post("/orders", status_code=201)
    async def make() -> None: ...

    router = APIRouter(prefix="/v1")
    router.add_api_route("/orders", make, methods=["GET", "DELETE"])
    app.include_router(router)
    app.mount("/sub", Starlette(routes=[Route("/x", hello)]))
    tocsin.observe(app, shop)
    found = await scrape(app)
    assert {name for name in found if name.startswith("http_requests_total") and UNMATCHED not in name} == {
        f'http_requests_total{{method="{method}",route="{route}",status_code="{status}"}}'
        for method, route, success in (
            ("POST", "/orders", 201),
            ("GET", "/v1/orders", 200),
            ("DELETE", "/v1/orders", 200),
            ("GET", "/sub/x", 200),
        )
        for status in (success, 500)
    }
    name = "http_request_duration_seconds_count"
    assert {key for key in found if key.startswith(name)} == {
        f'{name}{{method="{method}",route="{route}",status_code="{status}"}}'
        for method, route, status in (
            ("POST", "/orders", 201),
            ("GET", "/v1/orders", 200),
            ("DELETE", "/v1/orders", 200),
            ("GET", "/sub/x", 200),
        )
    }
    assert set(found.values()) >= {0}
    assert not requests(found)


async def test_the_failures_of_a_route_start_at_0_when_it_is_first_seen(shop: Service) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["route"] = Route("/late", hello)
        await Response()(scope, receive, send)

    obs = tocsin.observe(app, shop)
    failures = 'http_requests_total{method="GET",route="/late",status_code="500"}'
    assert failures not in await scrape(obs.app)
    assert await counted(obs.app, ("GET", "/late")) == {("GET", "/late", "200"): 1}
    assert (await scrape(obs.app))[failures] == 0


async def test_a_request_is_in_flight_until_it_is_answered(shop: Service) -> None:
    entered, leave = anyio.Event(), anyio.Event()

    async def wait(request: Request) -> Response:
        entered.set()
        await leave.wait()
        if "boom" in request.query_params:
            raise RuntimeError
        return Response()

    app = Starlette(routes=[Route("/", wait)])
    tocsin.observe(app, shop)
    async with client(app) as caller, anyio.create_task_group() as tasks:
        tasks.start_soon(caller.get, "/")
        tasks.start_soon(caller.get, "/?boom=1")
        await entered.wait()
        await anyio.wait_all_tasks_blocked()
        assert (await scrape(app))[IN_FLIGHT] == 2
        leave.set()
    assert (await scrape(app))[IN_FLIGHT] == 0


async def test_a_cancelled_request_is_the_client_leaving(shop: Service) -> None:
    entered = anyio.Event()

    async def wait(_: Request) -> Response:
        entered.set()
        await anyio.sleep_forever()
        raise AssertionError

    app = Starlette(routes=[Route("/", wait)])
    tocsin.observe(app, shop)
    async with client(app) as caller, anyio.create_task_group() as tasks:
        tasks.start_soon(caller.get, "/")
        await entered.wait()
        tasks.cancel_scope.cancel()
    found = await scrape(app)
    assert requests(found) == {("GET", "/", "499"): 1}
    assert found[IN_FLIGHT] == 0


async def stream(*chunks: bytes, then: BaseException | None = None) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    if then is not None:
        raise then


@pytest.mark.parametrize(
    ("error", "status"), [(None, "200"), (RuntimeError("halfway"), "500"), (ClientDisconnect(), "200")]
)
async def test_an_answer_that_breaks_halfway_is_a_failure_unless_the_client_left(
    shop: Service, error: BaseException | None, status: str
) -> None:
    async def streaming(_: Request) -> Response:
        return StreamingResponse(stream(b"a", b"b", then=error))

    app = Starlette(routes=[Route("/", streaming)])
    tocsin.observe(app, shop)
    sent = []

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async def receive() -> Any:
        return await anyio.sleep_forever()

    try:
        await app(http_scope("/"), receive, send)
    except BaseException as raised:  # noqa: BLE001 - what comes out is compared
        assert raised is error or error in getattr(raised, "exceptions", ())  # noqa: PT017
    else:
        assert error is None
    assert sent[:3] == ["http.response.start", "http.response.body", "http.response.body"]
    found = await scrape(app)
    assert requests(found) == {("GET", "/", status): 1}
    assert found[IN_FLIGHT] == 0


async def test_a_server_that_says_the_client_left_is_believed(shop: Service) -> None:
    class ClientDisconnected(OSError):  # noqa: N818 - the name is the point
        """As uvicorn names it."""

    async def send(_: Any) -> None:
        raise ClientDisconnected

    async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - the interface
        await send({"type": "http.response.start", "status": 200, "headers": []})

    obs = tocsin.observe(app, shop)
    with pytest.raises(ClientDisconnected):
        await obs.app(http_scope(), silence, send)
    assert requests(await scrape(obs.app)) == {("GET", UNMATCHED, "200"): 1}


async def test_background_tasks_are_no_part_of_the_duration_nor_of_the_status(shop: Service) -> None:
    async def late() -> None:
        await anyio.sleep(0.3)
        raise RuntimeError("in the background")

    async def quick(_: Request) -> Response:
        return Response(background=BackgroundTask(late))

    app = Starlette(routes=[Route("/", quick)])
    tocsin.observe(app, shop)
    async with client(app) as caller:
        assert (await caller.get("/")).status_code == 200
    found = await scrape(app)
    assert requests(found) == {("GET", "/", "200"): 1}
    assert found['http_request_duration_seconds_sum{method="GET",route="/",status_code="200"}'] < 0.3


@pytest.mark.parametrize("said", [503, 404])
async def test_an_error_handler_has_the_last_word_on_the_status(shop: Service, said: int) -> None:
    async def sorry(_: Request, __: Exception) -> Response:
        return Response(status_code=said)

    app = Starlette(routes=[Route("/boom", boom)], exception_handlers={Exception: sorry})
    tocsin.observe(app, shop)
    assert await counted(app, ("GET", "/boom")) == {("GET", "/boom", str(said)): 1}


async def test_the_middleware_stands_outside_of_every_other(shop: Service) -> None:
    class Refuse(BaseHTTPMiddleware):
        async def dispatch(self, request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
            if request.url.path == "/refused":
                return Response(status_code=401)
            if request.url.path == "/broken":
                raise RuntimeError("in a middleware")
            return await call_next(request)

    app = Starlette(routes=[Route("/a", hello)], middleware=[Middleware(Refuse)])
    tocsin.observe(app, shop)
    app.add_middleware(Refuse)
    assert await counted(app, ("GET", "/a"), ("GET", "/refused"), ("GET", "/broken")) == {
        ("GET", "/a", "200"): 1,
        ("GET", UNMATCHED, "401"): 1,
        ("GET", UNMATCHED, "500"): 1,
    }


async def test_an_application_that_answers_nothing_failed(shop: Service) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        """Answer nothing."""

    obs = tocsin.observe(app, shop)

    async def send(_: Any) -> None:
        raise AssertionError

    await obs.app(http_scope(), silence, send)
    assert requests(await scrape(obs.app)) == {("GET", UNMATCHED, "500"): 1}


async def test_a_strange_framework_breaks_nothing(shop: Service) -> None:
    class Strange:
        @property
        def path(self) -> str:
            raise LookupError("no path for you")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scope["route"] = {"/dict": object(), "/strange": Strange(), "/list": Listed()}[scope["path"]]
        await Response()(scope, receive, send)

    class Listed:
        path = ["unhashable"]  # noqa: RUF012 - that it is a list is the point

    obs = tocsin.observe(app, shop)
    asked = [("GET", path) for path in ("/dict", "/strange", "/list")]
    assert await counted(obs.app, *asked, *asked) == {("GET", UNMATCHED, "200"): 6}


async def test_a_request_that_is_abandoned_in_another_context_is_counted(shop: Service) -> None:
    class Never:
        def __await__(self) -> Any:
            yield

    async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - the interface
        await Never()

    obs = tocsin.observe(app, shop)
    running: Any = obs.app(http_scope(), silence, silence)
    contextvars.copy_context().run(running.send, None)
    running.close()
    found = await scrape(obs.app)
    assert (requests(found), found[IN_FLIGHT]) == ({("GET", UNMATCHED, "499"): 1}, 0)


async def talk(app: Any, scope: dict[str, Any], *incoming: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what *app* says when it hears *incoming*."""
    heard, said = iter(incoming), []

    async def receive() -> Any:
        return next(heard)

    async def send(message: Any) -> None:
        said.append(message)

    await app(scope, receive, send)
    return said


async def test_websockets_and_lifespan_pass_through(shop: Service) -> None:
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())
        await websocket.close()

    app = Starlette(routes=[WebSocketRoute("/metrics", socket), Route("/a", hello)])
    bare = Starlette(routes=app.routes)
    tocsin.observe(app, shop)
    spoken = [{"type": "websocket.connect"}, {"type": "websocket.receive", "text": "ring"}]
    lived = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    for kind, incoming in (("websocket", spoken), ("lifespan", lived)):
        said = await talk(app, {**http_scope("/metrics"), "type": kind}, *incoming)
        assert said == await talk(bare, {**http_scope("/metrics"), "type": kind}, *incoming)
        assert len(said) > 1
    found = await scrape(app)
    assert not requests(found)
    assert found[IN_FLIGHT] == 0


async def test_observing_twice_is_refused(shop: Service) -> None:
    app = Starlette()
    obs = tocsin.observe(app, shop)
    with pytest.raises(DeclarationError, match="observed already"):
        tocsin.observe(app, shop)
    assert obs.app is app

    async def plain(scope: Any, receive: Any, send: Any) -> None:
        """Answer nothing."""

    with pytest.raises(DeclarationError, match="observed already"):
        tocsin.observe(tocsin.observe(plain, shop).app, shop)


async def test_an_application_that_already_answered_can_be_observed(shop: Service) -> None:
    app = Starlette(routes=[Route("/a", hello)])
    async with client(app) as caller:
        await caller.get("/a")
    tocsin.observe(app, shop)
    assert await counted(app, ("GET", "/a")) == {("GET", "/a", "200"): 1}


async def test_an_observed_application_within_another_has_its_own_metrics(shop: Service) -> None:
    inner, outer = Starlette(routes=[Route("/a", hello)]), Starlette()
    tocsin.observe(inner, Service(name="inner", team="shop", port=1, because="It is inside."))
    tocsin.observe(outer, shop)
    outer.mount("/in", inner)
    assert await counted(outer, ("GET", "/in/a")) == {("GET", "/in/a", "200"): 1}
    async with client(outer) as caller:
        assert 'route="/in/a",status_code="200"} 1' in (await caller.get("/in/metrics")).text


async def test_routes_past_the_limit_are_other(shop: Service) -> None:
    app = Starlette(routes=[Route(f"/r{number}", hello) for number in range(300)])
    tocsin.observe(app, shop)
    found = await counted(app, ("GET", "/r5"), ("GET", "/r298"), ("GET", "/r299"))
    assert found == {("GET", "/r5", "200"): 1, ("GET", "other", "200"): 2}


async def test_what_nobody_scrapes_is_folded(shop: Service) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - the interface
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    obs = tocsin.observe(app, shop)

    async def send(_: Any) -> None:
        """Take it."""

    for _ in range(9000):
        await obs.app(http_scope(), silence, send)
    cell = obs._metrics.requests.at("GET", UNMATCHED, 200)  # noqa: SLF001 - its size is what is promised
    assert len(cell._pending) < 4097  # noqa: SLF001
    assert requests(await scrape(obs.app)) == {("GET", UNMATCHED, "200"): 9000}


async def test_answers_bear_the_id_of_their_request(shop: Service) -> None:
    app = Starlette(routes=[Route("/", lambda _: Response()), Route("/own", lambda _: Response(headers=OWN_ID))])
    tocsin.observe(app, shop)
    async with client(app) as caller:
        asked = (await caller.get("/", headers={"x-request-id": "r-1"})).headers["x-request-id"]
        made = [(await caller.get("/")).headers["x-request-id"] for _ in range(2)]
        own = (await caller.get("/own")).headers.get_list("x-request-id")
        unsafe = (await caller.get("/", headers={"x-request-id": "<script>"})).headers["x-request-id"]
        door = (await caller.get("/healthz")).headers
    assert asked == "r-1"
    assert len(set(made)) == 2
    assert own == ["the application's"]
    assert unsafe != "<script>"
    assert "x-request-id" not in door


async def test_what_an_application_says_stays_its_own(shop: Service) -> None:
    start = {"type": "http.response.start", "status": 200, "headers": []}

    async def app(_: Any, __: Any, send: Any) -> None:
        await send(start)
        await send({"type": "http.response.body", "body": b""})

    async with client(tocsin.observe(app, shop).app) as caller:
        assert "x-request-id" in (await caller.get("/")).headers
    assert start == {"type": "http.response.start", "status": 200, "headers": []}


async def test_what_somebody_else_keeps_under_our_key_breaks_nothing(
    shop: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "CRITICAL")

    async def app(scope: Any, _: Any, send: Any) -> None:
        scope["tocsin"] = "an application's own"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-request-id", b"own")]})
        await send({"type": "http.response.body", "body": b""})

    said: list[str] = []

    async def send(message: Any) -> None:
        said.append(message["type"])

    await tocsin.observe(app, shop).app(http_scope("/"), None, send)
    assert said == ["http.response.start", "http.response.body"]
