from __future__ import annotations

import gc
from pathlib import Path
from typing import Any
from wsgiref.util import FileWrapper

import anyio
import pytest
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

import tocsin
from tests.sdk.frameworks import django_site, speaking
from tests.sdk.reading import client, http_scope, requests, scrape
from tocsin import Service
from tocsin.model import UNMATCHED

ASKED = ("/items/1/", "/items/2/", "/below/things/x", "/below/old/7", "/boom", "/stream", "/none", "/items/x/")
COUNTED = {
    ("GET", "/items/<int:number>/", "200"): 2,
    ("GET", "/below/things/<slug:name>", "200"): 1,
    ("GET", "/below/old/(?P<number>[0-9]+)", "200"): 1,
    ("GET", "/boom", "500"): 1,
    ("GET", "/stream", "200"): 1,
    ("GET", UNMATCHED, "404"): 2,
}


@pytest.fixture
def anyio_backend() -> str:
    """Run coroutine tests on asyncio, which is all that Django runs on."""
    return "asyncio"


def test_wsgi_requests_have_their_route(shop: Service) -> None:
    app = tocsin.observe(get_wsgi_application(), shop).app
    assert speaking.counted(app, *(("GET", path) for path in ASKED)) == COUNTED


def test_a_file_reaches_the_wrapper_of_the_server(shop: Service) -> None:
    app = tocsin.observe(get_wsgi_application(), shop).app
    asked = {**speaking.environ("/file"), "wsgi.file_wrapper": FileWrapper}
    body: Any = app(asked, speaking.Server(app).start)
    assert type(body) is FileWrapper
    assert b"".join(body) == Path(django_site.__file__).read_bytes()
    body.close()


@pytest.mark.anyio
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume synchronous:Warning")  # it is one, on purpose
async def test_asgi_requests_have_their_route(shop: Service) -> None:
    app = tocsin.observe(get_asgi_application(), shop).app
    async with client(app) as caller:
        for path in ASKED:
            await caller.get(path)
    assert requests(await scrape(app)) == COUNTED


@pytest.mark.anyio
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Django closes its file too late then
async def test_a_stream_that_breaks_halfway_is_a_failure(shop: Service) -> None:
    app = tocsin.observe(get_asgi_application(), shop).app
    async with client(app) as caller:
        await caller.get("/broken")
    assert requests(await scrape(app)) == {("GET", "/broken", "500"): 1}
    gc.collect()


@pytest.mark.anyio
@pytest.mark.parametrize(("heard", "route"), [([], UNMATCHED), ([{"type": "http.request"}], "/wait")])
async def test_a_client_that_leaves_is_no_failure(shop: Service, heard: list[Any], route: str) -> None:
    app = tocsin.observe(get_asgi_application(), shop).app
    hears = iter([*heard, {"type": "http.disconnect"}])

    async def receive() -> Any:
        await anyio.wait_all_tasks_blocked()
        return next(hears)

    async def send(_: Any) -> None:
        raise AssertionError

    await app(http_scope("/wait"), receive, send)
    assert requests(await scrape(app)) == {("GET", route, "499"): 1}


def test_both_say_what_the_bare_ones_say(shop: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_REQUEST_ID", "off")
    wrapped, bare = tocsin.observe(get_wsgi_application(), shop).app, get_wsgi_application()
    for path in (*ASKED, "/file"):
        told = []
        for app in (wrapped, bare):
            server = speaking.Server(app)
            assert server.ask(speaking.environ(path)) == ""
            told.append(server.told)
        assert told[0] == told[1]
