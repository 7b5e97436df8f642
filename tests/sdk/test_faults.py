from __future__ import annotations

import time
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import tocsin
from tests.sdk.reading import client, requests, scrape
from tocsin import Service
from tocsin.sdk.faults import FaultDoor

pytestmark = pytest.mark.anyio

TOKEN = {"authorization": "Bearer let-me-in"}


async def hello(_: Request) -> Response:
    return PlainTextResponse("hello")


def service(shop: Service) -> Starlette:
    app = Starlette(routes=[Route("/", hello, methods=["GET", "POST"])])
    tocsin.observe(app, shop)
    return app


@pytest.fixture
def app(shop: Service, monkeypatch: pytest.MonkeyPatch) -> Starlette:
    """A service whose fault door is there."""
    monkeypatch.setenv("TOCSIN_FAULTS", "let-me-in")
    return service(shop)


async def order(app: Starlette, body: Any, **more: Any) -> httpx.Response:
    async with client(app) as caller:
        return await caller.post("/-/faults", **{"json": body, "headers": TOKEN, **more})


async def statuses(app: Starlette, number: int, path: str = "/") -> list[int]:
    async with client(app) as caller:
        return [(await caller.get(path)).status_code for _ in range(number)]


@pytest.mark.parametrize("set_to", [None, ""])
async def test_the_door_is_absent_unless_a_token_was_set_at_start(
    shop: Service, monkeypatch: pytest.MonkeyPatch, set_to: str | None
) -> None:
    if set_to is not None:
        monkeypatch.setenv("TOCSIN_FAULTS", set_to)
    closed = service(shop)
    for headers in (TOKEN, {"authorization": "Bearer "}, {}):
        assert (await order(closed, {"errors": 1}, headers=headers)).status_code == 404
    monkeypatch.setenv("TOCSIN_FAULTS", "let-me-in")
    assert (await order(closed, {"errors": 1})).status_code == 404
    assert await statuses(closed, 3) == [200] * 3


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": "Bearer"}, {"authorization": "Bearer let-me"}, {"authorization": "let-me-in"}],
)
async def test_without_the_token_nothing_breaks(app: Starlette, headers: dict[str, str]) -> None:
    answer = await order(app, {"errors": 1}, headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert await statuses(app, 3) == [200] * 3


async def test_the_share_of_errors_is_kept_exactly_and_heals(app: Starlette) -> None:
    assert (await order(app, {"errors": 0.25})).json() == {"errors": 0.25}
    assert (await statuses(app, 40)).count(500) == 10
    assert (await order(app, {})).json() == {}
    assert await statuses(app, 10) == [200] * 10


async def test_injected_errors_are_counted_as_failures(app: Starlette) -> None:
    await order(app, {"errors": 1})
    await statuses(app, 5)
    found = requests(await scrape(app))
    assert sum(value for (_, _, status), value in found.items() if status == "500") == 5
    assert sum(found.values()) == 5


async def test_slowness_lasts_as_long_as_it_was_ordered_and_is_measured(app: Starlette) -> None:
    assert (await order(app, {"slow": 0.2})).json() == {"slow": 0.2}
    began = time.monotonic()
    async with client(app) as caller, anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(caller.get, "/")
    assert time.monotonic() - began >= 0.2
    found = await scrape(app)
    assert found['http_request_duration_seconds_sum{method="GET",route="/",status_code="200"}'] >= 5 * 0.2


async def test_health_and_metrics_are_never_broken(app: Starlette) -> None:
    await order(app, {"errors": 1, "slow": 3600})
    for path in ("/healthz", "/readyz", "/metrics"):
        assert await statuses(app, 3, path) == [200] * 3
    assert (await order(app, {})).status_code == 200
    assert await statuses(app, 1) == [200]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"1",
        b'{"errors": 0}',
        b'{"errors": 2}',
        b'{"errors": -1}',
        b'{"errors": "1"}',
        b'{"errors": true}',
        b'{"slow": 0}',
        b'{"slow": 1e999}',
        b'{"slwo": 1}',
        b" " * 5000 + b"{}",
    ],
)
async def test_an_order_that_is_not_understood_changes_nothing_and_says_why(app: Starlette, body: bytes) -> None:
    await order(app, {"errors": 1})
    async with client(app) as caller:
        answer = await caller.post("/-/faults", content=body, headers=TOKEN)
    assert answer.status_code == 400
    assert answer.text.endswith(".\n")
    assert "Traceback" not in answer.text
    assert await statuses(app, 2) == [500] * 2


async def test_only_posting_orders(app: Starlette) -> None:
    async with client(app) as caller:
        assert (await caller.get("/-/faults", headers=TOKEN)).status_code == 405


@given(st.floats(min_value=1e-6, max_value=1), st.integers(1, 300))
def test_failures_are_spread_evenly(ratio: float, number: int) -> None:
    door = FaultDoor("token")
    failed = sum(door._fails(ratio) for _ in range(number))  # noqa: SLF001 - the rule, without the requests
    assert abs(failed - number * ratio) < 1 + 1e-9
