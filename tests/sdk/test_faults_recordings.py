"""What the fault door makes of events and observations: spoilt ones, slow ones, and silent times that grow old."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import tocsin
from tests.sdk.reading import client, exposed
from tests.waiting import until
from tocsin import Counter, Gauge, Histogram, Label, Observer, Service
from tocsin.sdk.faults import Faults
from tocsin.sdk.share import Share

pytestmark = pytest.mark.anyio

SECRET = "only-for-this-test"  # noqa: S105 - it opens nothing but the doors of these tests

SYNCS = Counter("syncs_total", "Syncs.", (Label("outcome", ("succeeded", "failed")), Label("shop", ("north", "south"))))
STARTS = Counter("starts_total", "Playbacks.", (Label("player", ("web", "app")),))
FAILURES = Counter("failures_total", "Playbacks that broke.", (Label("reason", ("network", "decode")), Label("player")))
SEARCH = Histogram("search_seconds", "Searches.", (Label("index", ("old", "new")),), buckets=(1.0, 5.0))
LAST = Gauge("last_success_timestamp_seconds", "When it worked.", (Label("shop", ("north", "south")),))
WAITING = Gauge("waiting_seconds", "How long the first waits.")


async def hello(_: Request) -> Response:
    return PlainTextResponse("hello")


@pytest.fixture
def obs(monkeypatch: pytest.MonkeyPatch) -> Observer:
    monkeypatch.setenv("TOCSIN_FAULTS", SECRET)
    service = Service(
        name="shop",
        team="shop",
        port=8000,
        because="Nobody can buy.",
        signals=(SYNCS, STARTS, FAILURES, SEARCH, LAST, WAITING),
    )
    return tocsin.observe(Starlette(routes=[Route("/", hello)]), service)


async def asked(obs: Observer, body: Any) -> httpx.Response:
    async with client(obs.app) as caller:
        return await caller.post("/-/faults", json=body, headers={"authorization": f"Bearer {SECRET}"})


async def order(obs: Observer, body: Any) -> Any:
    return (await asked(obs, body)).raise_for_status().json()


async def test_a_share_of_events_counts_under_the_labels_of_bad_ones_instead(obs: Observer) -> None:
    bound = obs.bind(SYNCS, outcome="succeeded", shop="north")
    told = await order(obs, {"spoil": [{"ratio": 0.25, "of": "syncs_total", "bad": 'syncs_total{outcome="failed"}'}]})
    assert told["spoil"] == [{"ratio": 0.25, "of": "syncs_total", "bad": 'syncs_total{outcome="failed"}'}]
    for _ in range(20):
        bound.count()
        obs.count(SYNCS, outcome="succeeded", shop="south")
    found = exposed(obs)
    failed = {shop: found[f'syncs_total{{outcome="failed",shop="{shop}"}}'] for shop in ("north", "south")}
    succeeded = {shop: found[f'syncs_total{{outcome="succeeded",shop="{shop}"}}'] for shop in ("north", "south")}
    assert sum(failed.values()) == 10, "spread over both series together"
    assert [failed[shop] + succeeded[shop] for shop in failed] == [20, 20]
    await order(obs, {})
    bound.count(5)
    assert exposed(obs)['syncs_total{outcome="succeeded",shop="north"}'] == succeeded["north"] + 5


async def test_events_that_are_not_of_those_selected_and_those_that_were_bad_stay_as_they_are(obs: Observer) -> None:
    await order(
        obs,
        {"spoil": [{"ratio": 1, "of": 'syncs_total{shop=~"n.*",job="x"}', "bad": 'syncs_total{outcome!="succeeded"}'}]},
    )
    obs.count(SYNCS, 3, outcome="succeeded", shop="south")
    obs.count(SYNCS, 4, outcome="failed", shop="north")
    obs.count(SYNCS, 5, outcome="succeeded", shop="north")
    found = exposed(obs)
    assert found['syncs_total{outcome="succeeded",shop="south"}'] == 3
    assert found['syncs_total{outcome="failed",shop="north"}'] == 9
    assert found['syncs_total{outcome="succeeded",shop="north"}'] == 0


async def test_bad_events_of_another_counter_are_counted_as_well(obs: Observer) -> None:
    await order(obs, {"spoil": [{"ratio": 0.5, "of": "starts_total", "bad": 'failures_total{reason=~"d.+"}'}]})
    for _ in range(10):
        obs.count(STARTS, player="web")
    obs.count(FAILURES, reason="network", player="web")
    found = exposed(obs)
    assert found['starts_total{player="web"}'] == 10
    assert found['failures_total{player="web",reason="decode"}'] == 5
    assert found['failures_total{player="web",reason="network"}'] == 1


async def test_what_no_counter_can_hold_is_dropped_also_while_events_are_spoilt(obs: Observer) -> None:
    await order(obs, {"spoil": [{"ratio": 1, "of": "starts_total", "bad": "failures_total"}]})
    obs.count(STARTS, -1, player="web")
    obs.count(STARTS, "many", player="web")  # type: ignore[arg-type]  # what users do
    found = exposed(obs)
    assert found['tocsin_sdk_dropped_total{reason="value"}'] == 2
    assert not [name for name in found if name.startswith("failures_total") and found[name]]


async def test_a_share_of_observations_takes_longer(obs: Observer) -> None:
    bound = obs.bind(SEARCH, index="new")
    told = await order(obs, {"delay": [{"seconds": 3, "share": 0.25, "of": 'search_seconds{index="new"}'}]})
    assert told["delay"] == [{"seconds": 3.0, "share": 0.25, "of": 'search_seconds{index="new"}'}]
    for _ in range(20):
        bound.record(0.5)
        obs.record(SEARCH, 0.5, index="new")
        obs.record(SEARCH, 0.5, index="old")
    obs.record(SEARCH, "long", index="new")  # type: ignore[arg-type]  # what users do
    found = exposed(obs)
    assert found['search_seconds_bucket{index="new",le="1.0"}'] == 30
    assert found['search_seconds_sum{index="new"}'] == 40 * 0.5 + 10 * 3
    assert found['search_seconds_bucket{index="old",le="1.0"}'] == 20
    assert found['tocsin_sdk_dropped_total{reason="value"}'] == 1
    await order(obs, {"delay": [{"seconds": 3, "of": "search_seconds"}]})
    obs.record(SEARCH, 0.5, index="old")
    assert exposed(obs)['search_seconds_sum{index="old"}'] == 20 * 0.5 + 3.5


async def test_a_share_of_the_requests_is_slow(obs: Observer) -> None:
    assert (await order(obs, {"slow": 0.5, "slow_share": 0.25}))["slow_share"] == 0.25
    began = time.monotonic()
    async with client(obs.app) as caller:
        for _ in range(8):
            assert (await caller.get("/")).status_code == 200
    assert time.monotonic() - began >= 1


def test_slow_requests_are_spread_evenly() -> None:
    service = Service(name="shop", team="shop", port=8000, because="Nobody can buy.", signals=(STARTS,))
    faults = Faults(service, lambda: None, lambda *_: None)
    faults.obey(b'{"slow": 60, "slow_share": 0.25}')
    assert [bool(next(faults.pauses(), 0)) for _ in range(8)] == [False, False, False, True] * 2


async def test_a_silent_time_grows_old_as_fast_as_was_asked(obs: Observer) -> None:
    now = time.time()
    obs.set(LAST, now, shop="north")
    obs.set(WAITING, 30)
    assert (await order(obs, {"silence": [LAST.name, WAITING.name], "speed": 1000}))["speed"] == 1000
    name = f'{LAST.name}{{shop="north"}}'
    obs.set(LAST, now + 1, shop="north")
    until(lambda: now - exposed(obs)[name] > 900, "that the time looks 900 seconds older")
    assert time.time() - now < 900, "or the clock went so far itself"
    assert exposed(obs)["waiting_seconds"] == 30
    await order(obs, {})
    assert exposed(obs)[name] == now + 1
    await order(obs, {"silence": [LAST.name]})
    assert exposed(obs)[name] == now + 1


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"spoil": {"ratio": 1}}, '"spoil" is no list of objects with bad, of, ratio: make it one'),
        ({"spoil": [{"of": "starts_total", "to": 1}]}, '"spoil" is no list of objects'),
        ({"spoil": [{"ratio": 1, "bad": "failures_total"}]}, "'of' is None: give it a selector of series"),
        ({"spoil": [{"ratio": 1, "of": "starts_total"}]}, "'bad' is None: give it a selector"),
        ({"spoil": [{"of": "starts_total", "bad": "failures_total"}]}, "'ratio' is None: give it a number"),
        ({"spoil": [{"ratio": 2, "of": "starts_total", "bad": "failures_total"}]}, "not above 1"),
        (
            {"spoil": [{"ratio": 1, "of": "search_seconds", "bad": "failures_total"}]},
            "is a histogram: choose a counter",
        ),
        ({"spoil": [{"ratio": 1, "of": "sum(starts_total)", "bad": "x"}]}, "'sum(starts_total)' selects nothing"),
        ({"spoil": [{"ratio": 1, "of": "stops_total", "bad": "x"}]}, "records no signal 'stops_total': choose from"),
        ({"spoil": [{"ratio": 1, "of": "starts_total{player}", "bad": "x"}]}, "cannot be read from 'player' on"),
        ({"spoil": [{"ratio": 1, "of": 'starts_total{way="x"}', "bad": "x"}]}, "has no label 'way'"),
        ({"spoil": [{"ratio": 1, "of": 'starts_total{player=~"("}', "bad": "x"}]}, "'(' cannot be read"),
        (
            {"spoil": [{"ratio": 1, "of": "starts_total", "bad": 'failures_total{reason=~"x.*"}'}]},
            "selects no value of reason that is known: name one with =",
        ),
        ({"delay": [{"seconds": 1, "of": "starts_total"}]}, "is a counter: choose a histogram"),
        ({"delay": [{"seconds": 0, "of": "search_seconds"}]}, "must be a positive number of seconds"),
        ({"delay": [{"seconds": 1, "share": 0, "of": "search_seconds"}]}, "the share must lie above 0"),
        ({"delay": [{"seconds": 1, "of": "search_seconds"}], "shift": {"search_seconds": 1}}, "in two ways"),
        ({"slow_share": 0.5}, "is the share of nothing"),
        ({"slow": 1, "slow_share": 2}, "the share must lie above 0"),
        ({"silence": ["starts_total"], "speed": 0.5}, "speed is 0.5: give it a number from 1 to 1000"),
    ],
)
async def test_what_cannot_be_meant_is_refused_in_a_sentence(obs: Observer, body: Any, sentence: str) -> None:
    answer = await asked(obs, body)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert answer.text.endswith(".\n")
    assert answer.text.count("\n") == 1


async def test_workers_that_read_an_order_again_obey_the_same_one(obs: Observer, said: Callable[[], list[Any]]) -> None:
    body = {
        "slow": 0.5,
        "slow_share": 0.5,
        "silence": [LAST.name],
        "spoil": [{"ratio": 0.5, "of": "starts_total", "bad": 'failures_total{reason="decode"}'}],
        "delay": [{"seconds": 3.0, "share": 0.5, "of": "search_seconds"}],
        "speed": 60.0,
        "for": 60.0,
    }
    await order(obs, body)
    told = await order(obs, {**body, "for": 60})
    assert {**told, "for": 60.0} == body
    assert [line["severity"] for line in said()] == ["WARNING"] * 2


@given(st.lists(st.integers(0, 100), max_size=60), st.floats(0, 10, allow_subnormal=False))
def test_shares_are_even_and_whole(amounts: list[int], factor: float) -> None:
    share = Share(factor)
    taken = 0.0
    for number, amount in enumerate(amounts, 1):
        got = share.of(amount)
        assert got >= 0
        assert isinstance(got, int)
        taken += got
        assert abs(taken - sum(amounts[:number]) * factor) < 1 + 1e-6
