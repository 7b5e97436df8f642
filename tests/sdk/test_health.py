from __future__ import annotations

from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

import tocsin
from tests.sdk.reading import client
from tocsin import Observer, Service

pytestmark = pytest.mark.anyio


async def nowhere(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - the interface
    raise AssertionError("a door was passed on to the application")


@pytest.fixture
def obs(shop: Service) -> Observer:
    return tocsin.observe(nowhere, shop)


async def get(obs: Observer, path: str) -> httpx.Response:
    async with client(obs.app) as caller:
        return await caller.get(path)


async def test_a_living_service_is_alive(obs: Observer) -> None:
    assert (await get(obs, "/healthz")).status_code == 200


async def test_a_service_without_checks_is_ready(obs: Observer) -> None:
    answer = await get(obs, "/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "failing": []})


async def test_readiness_names_what_fails(obs: Observer) -> None:
    works = {"cache": True, "warehouse": True}

    async def warehouse() -> bool:
        return works["warehouse"]

    def broken() -> bool:
        raise RuntimeError("unreachable")

    obs.ready("cache", lambda: works["cache"])
    obs.ready("warehouse", warehouse)
    assert (await get(obs, "/readyz")).status_code == 200
    works["warehouse"] = False
    answer = await get(obs, "/readyz")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "failing": ["warehouse"]})
    works["cache"] = False
    obs.ready("queue", broken)
    assert (await get(obs, "/readyz")).json()["failing"] == ["cache", "warehouse", "queue"]
    assert (await get(obs, "/healthz")).status_code == 200


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz"])
async def test_the_doors_are_read_only_and_kept_by_no_cache(obs: Observer, path: str) -> None:
    async with client(obs.app) as caller:
        answered, head, refused = [await caller.request(method, path) for method in ("GET", "HEAD", "POST")]
    assert (answered.status_code, head.status_code, refused.status_code) == (200, 200, 405)
    assert int(head.headers["content-length"]) > 0
    assert head.content == b""
    assert refused.headers["allow"] == "GET, HEAD"
    assert answered.headers["cache-control"] == "no-store"


async def test_the_exposition_says_its_format(obs: Observer) -> None:
    assert (await get(obs, "/metrics")).headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


async def test_the_doors_come_before_what_the_application_has_there(shop: Service) -> None:
    app = Starlette()
    app.add_route("/healthz", nowhere)  # type: ignore[arg-type]  # it is never called
    tocsin.observe(app, shop)
    async with client(app) as caller:
        assert (await caller.get("/healthz")).json() == {"alive": True}
