from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

import tocsin
from tests.sdk.conftest import BASKET, ORDERS, SEARCHES, VISITS, WAITING
from tests.sdk.reading import Line, client, exposed, http_scope, requests, scrape
from tocsin import DeclarationError, Observer, Scale, Service
from tocsin.sdk.cells import CounterCell, GaugeCell, HistogramCell
from tocsin.sdk.distortion import DistortedCounter
from tocsin.sdk.faults import Faults
from tocsin.sdk.orders import LIMIT
from tocsin.sdk.workers.opening import join
from tocsin.sdk.workers.place import Place

pytestmark = pytest.mark.anyio

SECRET = "only-for-this-test"  # noqa: S105 - it opens nothing but the doors of these tests
TOKEN = {"authorization": f"Bearer {SECRET}"}
DOORS = ("/healthz", "/readyz", "/metrics")


async def hello(_: Request) -> Response:
    return PlainTextResponse("hello")


async def chat(_: Any) -> None:
    raise AssertionError("a handshake was passed on to a service that is down")


def observed(shop: Service) -> Observer:
    app = Starlette(routes=[Route("/", hello, methods=["GET", "POST"]), WebSocketRoute("/chat", chat)])
    return tocsin.observe(app, shop)


@pytest.fixture
def obs(shop: Service, monkeypatch: pytest.MonkeyPatch) -> Observer:
    """A service whose fault door is there."""
    monkeypatch.setenv("TOCSIN_FAULTS", SECRET)
    return observed(shop)


@pytest.fixture
def app(obs: Observer) -> Starlette:
    found = obs.app
    assert isinstance(found, Starlette)
    return found


async def order(app: Starlette, body: Any, **more: Any) -> httpx.Response:
    async with client(app) as caller:
        return await caller.post("/-/faults", **{"json": body, "headers": TOKEN, **more})


async def present(app: Starlette) -> Any:
    async with client(app) as caller:
        return (await caller.get("/-/faults", headers=TOKEN)).raise_for_status().json()


async def statuses(app: Starlette, number: int, path: str = "/") -> list[int]:
    async with client(app) as caller:
        return [(await caller.get(path)).status_code for _ in range(number)]


@pytest.mark.parametrize("set_to", [None, ""])
async def test_the_door_is_absent_unless_a_token_was_set_at_start(
    shop: Service, monkeypatch: pytest.MonkeyPatch, set_to: str | None
) -> None:
    if set_to is not None:
        monkeypatch.setenv("TOCSIN_FAULTS", set_to)
    closed = observed(shop).app
    for headers in (TOKEN, {"authorization": "Bearer "}, {}):
        assert (await order(closed, {"errors": 1}, headers=headers)).status_code == 404
    monkeypatch.setenv("TOCSIN_FAULTS", SECRET)
    assert (await order(closed, {"errors": 1})).status_code == 404
    assert await statuses(closed, 3) == [200] * 3


async def test_without_a_door_its_path_is_the_applications_and_recordings_go_straight_to_their_cells(
    shop: Service,
) -> None:
    app = Starlette(routes=[Route("/-/faults", hello, methods=["POST"])])
    obs = tocsin.observe(app, shop)
    assert (await order(app, {"errors": 1})).text == "hello"
    bound = obs.bind(VISITS), obs.bind(BASKET), obs.bind(WAITING, kind="web")
    assert [type(cell) for cell in bound] == [CounterCell, HistogramCell, GaugeCell]


def test_a_token_that_can_be_guessed_is_refused_at_start(shop: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_FAULTS", "x" * 15)
    with pytest.raises(DeclarationError, match="TOCSIN_FAULTS has 15 characters") as refused:
        observed(shop)
    assert "xxx" not in str(refused.value)


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": "Bearer"}, {"authorization": "Bearer only-for"}, {"authorization": SECRET}],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
async def test_without_the_token_nothing_is_told_and_nothing_breaks(
    app: Starlette, headers: dict[str, str], method: str
) -> None:
    async with client(app) as caller:
        answer = await caller.request(method, "/-/faults", headers=headers, json={"errors": 1})
    assert (answer.status_code, answer.headers["www-authenticate"], answer.content) == (401, "Bearer", b"")
    assert await statuses(app, 3) == [200] * 3


async def test_the_share_of_errors_is_kept_exactly_and_heals(app: Starlette) -> None:
    assert (await order(app, {"errors": 0.25})).json()["errors"] == 0.25
    assert (await statuses(app, 40)).count(500) == 10
    assert (await order(app, {})).json() == {}
    assert await statuses(app, 10) == [200] * 10


async def test_injected_errors_are_counted_as_failures(app: Starlette) -> None:
    await order(app, {"errors": 1})
    await statuses(app, 5)
    found = requests(await scrape(app))
    assert sum(value for (_, _, status), value in found.items() if status == "500") == 5
    assert sum(found.values()) == 5


async def test_a_request_that_fails_counts_under_its_route_and_says_nothing_of_the_application(app: Starlette) -> None:
    await order(app, {"errors": 1})
    async with client(app) as caller:
        answer = await caller.post("/")
        assert (answer.status_code, answer.text) == (500, "Broken on purpose, by the fault door.\n")
        assert (await caller.get("/nowhere")).status_code == 500
    found = requests(await scrape(app))
    assert {key: value for key, value in found.items() if value} == {
        ("POST", "/", "500"): 1,
        ("GET", "unmatched", "500"): 1,
    }


async def test_slowness_lasts_as_long_as_it_was_ordered_and_is_measured(app: Starlette) -> None:
    assert (await order(app, {"slow": 0.2})).json()["slow"] == 0.2
    began = time.monotonic()
    async with client(app) as caller, anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(caller.get, "/")
    assert time.monotonic() - began >= 0.2
    found = await scrape(app)
    assert found['http_request_duration_seconds_sum{method="GET",route="/",status_code="200"}'] >= 5 * 0.2


async def test_healing_lets_go_of_the_requests_that_wait(app: Starlette) -> None:
    await order(app, {"slow": 3600})
    with anyio.fail_after(60):
        async with client(app) as caller, anyio.create_task_group() as tasks:
            tasks.start_soon(caller.get, "/")
            while (await scrape(app))["http_requests_in_flight"] < 1:
                await anyio.lowlevel.checkpoint()
            await order(app, {})


async def test_health_and_metrics_are_not_broken_by_errors_and_slowness(app: Starlette) -> None:
    await order(app, {"errors": 1, "slow": 3600})
    for path in DOORS:
        assert await statuses(app, 3, path) == [200] * 3
    assert (await order(app, {})).status_code == 200
    assert await statuses(app, 1) == [200]


async def test_a_service_that_is_down_refuses_everything_but_to_be_healed(app: Starlette) -> None:
    await statuses(app, 2)
    assert (await order(app, {"down": True})).json()["down"] is True
    async with client(app) as caller:
        for path in (*DOORS, "/", "/nowhere", "/-/faults/"):
            answer = await caller.get(path)
            assert (answer.status_code, answer.content) == (503, b"")
    assert (await present(app))["down"] is True
    assert (await order(app, {})).json() == {}
    for path in (*DOORS, "/"):
        assert await statuses(app, 1, path) == [200]


async def test_what_a_service_that_is_down_refuses_is_neither_counted_nor_logged(
    app: Starlette, said: Callable[[], list[Line]]
) -> None:
    await order(app, {"down": True})
    said()
    await statuses(app, 5)
    assert said() == []
    await order(app, {})
    found = await scrape(app)
    assert sum(requests(found).values()) == found["http_requests_in_flight"] == 0


async def test_a_service_that_is_down_refuses_websockets_and_passes_its_lifespan_on(obs: Observer) -> None:
    await order(obs.app, {"down": True})
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await obs.app({**http_scope("/chat"), "type": "websocket"}, receive, send)
    assert sent == [{"type": "websocket.close"}]
    told = iter(({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}))

    async def live() -> Any:
        return next(told)

    await obs.app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, live, send)
    assert [message["type"] for message in sent[1:]] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_a_silent_signal_is_exposed_but_no_longer_moves(obs: Observer) -> None:
    bound = obs.bind(ORDERS, kind="till")

    def record() -> None:
        obs.count(ORDERS, kind="web")
        bound.count(2)
        obs.count(VISITS)
        obs.record(BASKET, 20)
        obs.set(WAITING, exposed(obs)["visits_total"], kind="web")

    record()
    before = exposed(obs)
    await order(obs.app, {"silence": ["orders_total", "basket_euros", "orders_waiting"]})
    record()
    silent = exposed(obs)
    assert {name for name in silent if silent[name] != before.get(name)} - _restless(silent) == {"visits_total"}
    await order(obs.app, {})
    assert exposed(obs)['orders_waiting{kind="web"}'] == 2, "what it was set to meanwhile"
    record()
    healed = exposed(obs)
    assert (healed['orders_total{kind="web"}'], healed['orders_total{kind="till"}']) == (2, 4)
    assert (healed["basket_euros_count"], healed['orders_waiting{kind="web"}']) == (2, 3)


def _restless(found: dict[str, float]) -> set[str]:
    return {name for name in found if name.startswith(("process_", "http_", "log_"))}


async def test_a_gauge_that_was_set_after_its_silence_keeps_that(obs: Observer) -> None:
    await order(obs.app, {"silence": ["orders_waiting"]})
    obs.set(WAITING, 5, kind="web")
    await order(obs.app, {})
    obs.set(WAITING, 7, kind="web")
    assert exposed(obs)['orders_waiting{kind="web"}'] == 7


async def test_a_shifted_signal_has_the_mean_that_was_ordered(obs: Observer) -> None:
    obs.record(BASKET, 50)
    obs.set(WAITING, 3, kind="till")
    bound = obs.bind(BASKET)
    await order(obs.app, {"shift": {"basket_euros": 5, "orders_waiting": 40}})
    for value in (20, 80):
        obs.record(BASKET, value)
        bound.record(value)
    obs.set(WAITING, 4, kind="till")
    found = exposed(obs)
    assert (found["basket_euros_count"], found["basket_euros_sum"]) == (5, 50 + 4 * 5)
    assert found['basket_euros_bucket{le="10.0"}'] == 4
    assert found['orders_waiting{kind="till"}'] == found['orders_waiting{kind="web"}'] == 40
    await order(obs.app, {})
    obs.record(BASKET, 20)
    healed = exposed(obs)
    assert healed["basket_euros_sum"] == 50 + 4 * 5 + 20
    assert (healed['orders_waiting{kind="till"}'], healed['orders_waiting{kind="web"}']) == (4, 0)


async def test_a_scaled_counter_counts_so_many_times_its_rate(obs: Observer) -> None:
    bound = obs.bind(ORDERS, kind="web")
    await order(obs.app, {"scale": {"orders_total": 0.02, "visits_total": 100}})
    for _ in range(100):
        bound.count()
        obs.count(ORDERS, kind="till")
    obs.count(VISITS)
    found = exposed(obs)
    assert (found['orders_total{kind="web"}'], found['orders_total{kind="till"}'], found["visits_total"]) == (2, 2, 100)
    await order(obs.app, {})
    bound.count()
    assert exposed(obs)['orders_total{kind="web"}'] == 3


async def test_what_no_cell_can_hold_is_dropped_as_ever(obs: Observer) -> None:
    await order(obs.app, {"scale": {"visits_total": 0.5}})
    for by in ("2", -1, None, math.nan, math.inf, 10**400, True, True):
        obs.count(VISITS, by)  # type: ignore[arg-type]  # what users do
    found = exposed(obs)
    assert (found["visits_total"], found['tocsin_sdk_dropped_total{reason="value"}']) == (1, 6)


@given(
    st.lists(st.integers(0, 1000) | st.floats(0, 1000), max_size=50),
    st.floats(0, 1000, allow_subnormal=False),
)
def test_any_events_are_scaled_give_or_take_one_and_whole_ones_stay_whole(events: list[float], factor: float) -> None:
    cell = CounterCell("visits_total ", lambda value: pytest.fail(f"{value!r} was refused"))

    class Scaling:
        fault = Scale(VISITS, factor)

        def on(self, _: str) -> Scale:
            return self.fault

    scaled = DistortedCounter(
        cell,
        Scaling(),  # type: ignore[arg-type]  # as much as it asks of it
        "visits_total",
        {},
        lambda *_: pytest.fail("nothing is spoilt"),
    )
    for number, by in enumerate(events, 1):
        scaled.count(by)
        scaled.fold()
        expected = sum(events[:number]) * factor
        assert abs(scaled.value - expected) < 1 + 1e-9 * (1 + expected)
    if all(float(by).is_integer() for by in events):
        assert float(scaled.value).is_integer()


async def test_the_present_order_is_told_with_the_time_that_is_left(app: Starlette) -> None:
    assert await present(app) == {}
    asked = {
        "errors": 0.5,
        "slow": 0.01,
        "silence": ["orders_total"],
        "shift": {"basket_euros": 0.5},
        "scale": {"visits_total": 0.0},
    }
    await order(app, asked)
    told = await present(app)
    assert 0 < told.pop("for") <= LIMIT
    assert told == asked
    await order(app, {"errors": 1, "for": 5})
    told = await present(app)
    assert 0 < told.pop("for") <= 5
    assert told == {"errors": 1}


async def test_a_service_heals_by_itself_when_the_time_of_its_order_is_over(
    obs: Observer, said: Callable[[], list[Line]]
) -> None:
    await order(obs.app, {"errors": 1, "silence": ["visits_total"], "for": 0.2})
    obs.count(VISITS)
    with anyio.fail_after(60):
        while await present(obs.app):  # noqa: ASYNC110 - a clock, which nothing tells of
            await anyio.sleep(0.01)
    assert await statuses(obs.app, 3) == [200] * 3
    obs.count(VISITS)
    assert exposed(obs)["visits_total"] == 1
    broken, healed = (line for line in said() if "GET" not in line["message"])
    assert broken["severity"] == healed["severity"] == "WARNING"
    assert broken["message"].endswith(
        'by an order to the fault door: {"errors":1.0,"silence":["visits_total"],"for":0.2}.'
    )
    assert healed["message"] == "The service is healed of what the fault door broke."


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "is no JSON"),
        (b"{", "is no JSON"),
        (b"[]", "is no JSON object"),
        (b"1", "is no JSON object"),
        (b'{"errors": 0}', "above 0 and not above 1"),
        (b'{"errors": 2}', "above 0 and not above 1"),
        (b'{"errors": -1}', "above 0 and not above 1"),
        (b'{"errors": "1"}', "'errors' is '1': give it a number"),
        (b'{"errors": true}', "'errors' is True: give it a number"),
        (b'{"slow": 0}', "must be a positive number of seconds"),
        (b'{"slow": 1e999}', "is no JSON"),
        (b'{"slwo": 1}', "'slwo' is not understood: choose from errors, slow, slow_share, down"),
        (b'{"down": 1}', "'down' is 1: give it true or false"),
        (b'{"silence": "orders_total"}', "is no list of signals"),
        (
            b'{"silence": ["nothing_total"]}',
            "records no signal 'nothing_total': choose from orders_total, visits_total",
        ),
        (b'{"silence": [["orders_total"]]}', "records no signal ['orders_total']"),
        (b'{"silence": ["http_requests_total"]}', "records no signal 'http_requests_total'"),
        (b'{"shift": ["basket_euros"]}', "has no numbers by signal"),
        (b'{"shift": {"basket_euros": null}}', "'basket_euros' is None: give it a number"),
        (b'{"shift": {"orders_total": 1}}', "orders_total is a counter, which has no mean to shift: scale it."),
        (b'{"scale": {"basket_euros": 1}}', "basket_euros is a histogram, which has no rate to scale: shift it."),
        (b'{"scale": {"orders_total": -1}}', "the factor must be 0 or more"),
        (b'{"scale": {"orders_total": 2}, "silence": ["orders_total"]}', "breaks orders_total in two ways"),
        (b'{"errors": 1, "for": 0}', "is for 0 seconds: give it a time above 0 and not above 86400"),
        (b'{"errors": 1, "for": 86401}', "is for 86401 seconds"),
        (b" " * 5000 + b"{}", "is longer than 4096 bytes"),
    ],
)
async def test_an_order_that_is_not_understood_changes_nothing_and_says_why(
    app: Starlette, body: bytes, sentence: str
) -> None:
    await order(app, {"errors": 1})
    async with client(app) as caller:
        answer = await caller.post("/-/faults", content=body, headers=TOKEN)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert answer.text.endswith(".\n")
    assert await statuses(app, 2) == [500] * 2


def test_the_order_of_a_server_that_has_ended_is_tidied_away(tmp_path: Path) -> None:
    ended = Place(tmp_path, "shop-999999999-1.1", b"", private=True)
    for path in (ended.lock, ended.map, ended.order):
        path.write_bytes(b"")
    joined = join(Place(tmp_path, "shop-1-1.1", b"x" * 32, private=True), patience=60)
    assert joined is not None
    joined.leave()
    assert not list(tmp_path.glob(f"{ended.stem}*"))


async def test_only_reading_and_posting_orders(app: Starlette) -> None:
    async with client(app) as caller:
        answer = await caller.put("/-/faults", headers=TOKEN)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")


@given(st.floats(min_value=1e-6, max_value=1), st.integers(1, 300))
def test_failures_are_spread_evenly(ratio: float, number: int) -> None:
    service = Service(name="shop", team="shop", port=8000, because="Nobody can buy.", signals=(SEARCHES,))
    faults = Faults(service, lambda: None, lambda *_: None)
    faults.obey(json.dumps({"errors": ratio}).encode())
    failed = sum(faults.fails() for _ in range(number))
    assert abs(failed - number * ratio) < 1 + 1e-9
