from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from services.lightspeed_api import till
from services.lightspeed_api.app import create
from services.lightspeed_bigquery.app import app, obs
from services.lightspeed_bigquery.lightspeed import PATIENCE, Lightspeed
from services.lightspeed_bigquery.monitoring import LIGHTSPEED_BIGQUERY
from services.lightspeed_bigquery.pipeline import Pipeline
from services.lightspeed_bigquery.visitor import visit
from services.lightspeed_bigquery.warehouse import Warehouse
from services.trial import Trial, trial, visiting

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC).timestamp()
"""A moment just after a sale that is voided a little later."""
LOOKBACK = timedelta(minutes=30)


class Clock:
    """A clock that moves when somebody sleeps on it."""

    def __init__(self) -> None:
        self.now = NOW
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def metrics() -> AsyncIterator[Trial]:
    async with visiting(app, LIGHTSPEED_BIGQUERY) as found:
        yield found


@asynccontextmanager
async def pipeline_of(api: Callable[..., Any], clock: Clock, path: str = ":memory:") -> AsyncIterator[Pipeline]:
    warehouse = Warehouse(path)
    headers = {"Authorization": "Bearer shop"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(api), base_url="http://api.test", headers=headers
    ) as client:
        yield Pipeline(Lightspeed(client, sleep=clock.sleep), warehouse, obs, LOOKBACK, clock)
    await warehouse.close()


def told(since: float, now: float) -> list[dict[str, Any]]:
    event = till.first_event(datetime.fromtimestamp(since, UTC))
    return [receipt.document() for receipt in till.receipts(event, now)]


async def counted(warehouse: Warehouse) -> int:
    found = await warehouse.summary(datetime(2000, 1, 1))  # noqa: DTZ001 - the warehouse keeps UTC without a zone
    return int(found["sales"] + found["voided"])


async def test_a_sync_brings_every_sale_and_counts_what_it_did(metrics: Trial, clock: Clock) -> None:
    documents = told(NOW - LOOKBACK.total_seconds(), NOW)
    whole = [document for document in documents if document["calcTotal"]]
    lines = sum(len(document["SaleLines"]["SaleLine"]) for document in whole)
    assert len(documents) > len(whole) > 800
    async with pipeline_of(create(size=100, clock=clock), clock) as pipeline:
        async with metrics.moves() as moved:
            report = await pipeline.sync()
        assert await counted(pipeline.warehouse) == len(whole)
    assert (report.synced, report.set_aside, report.error) == (len(whole), len(documents) - len(whole), "")
    assert moved.pop("sync_last_success_timestamp_seconds") != 0
    assert (await metrics.readings())["sync_last_success_timestamp_seconds"] == NOW
    assert moved == {
        "sales_synced_total": len(whole),
        "sync_latency_seconds_count": 1,
        'sync_errors_total{error_type="malformed"}': len(documents) - len(whole),
        'sync_runs_total{outcome="succeeded"}': 1,
        'bigquery_rows_inserted_total{table="sales"}': len(whole),
        'bigquery_rows_inserted_total{table="sale_lines"}': lines,
    }


async def test_a_second_sync_changes_nothing(metrics: Trial, clock: Clock) -> None:
    async with pipeline_of(create(size=100, clock=clock), clock) as pipeline:
        await pipeline.sync()
        before = await counted(pipeline.warehouse)
        async with metrics.moves() as moved:
            assert (await pipeline.sync()).synced == 0
        assert await counted(pipeline.warehouse) == before
    assert moved == {"sync_latency_seconds_count": 1, 'sync_runs_total{outcome="succeeded"}': 1}


async def test_a_voided_sale_is_updated_in_place(metrics: Trial, clock: Clock) -> None:
    async with pipeline_of(create(size=100, clock=clock), clock) as pipeline:
        await pipeline.sync()
        before = await pipeline.warehouse.summary(datetime(2000, 1, 1))  # noqa: DTZ001 - as above
        clock.now += 300
        later = [document for document in told(NOW + 0.5, clock.now) if document["calcTotal"]]
        known = [document for document in later if await pipeline.warehouse.sale(int(document["saleID"]))]
        assert known
        assert all(document["voided"] == "true" for document in known)
        async with metrics.moves() as moved:
            await pipeline.sync()
        after = await pipeline.warehouse.summary(datetime(2000, 1, 1))  # noqa: DTZ001 - as above
        assert all([(await pipeline.warehouse.sale(int(document["saleID"]))) for document in later])
    assert moved["sales_synced_total"] == len(later)
    assert moved['bigquery_rows_inserted_total{table="sales"}'] == len(later) - len(known)
    assert after["voided"] - before["voided"] == sum(document["voided"] == "true" for document in later)


async def test_it_keeps_below_the_rate_limit_by_itself(clock: Clock) -> None:
    api = create(size=3, drip=1, clock=clock)
    async with pipeline_of(api, clock) as pipeline:
        assert (await pipeline.sync()).error == ""
        assert await counted(pipeline.warehouse) > 800
    assert api.state.bucket.refused == 0
    assert len(clock.slept) >= 5


async def test_the_rate_limit_bites_and_the_sync_still_completes(metrics: Trial, clock: Clock) -> None:
    api = create(size=3, drip=1, clock=clock)
    async with pipeline_of(api, clock) as pipeline:
        asleep = clock.sleep

        async def crowded(seconds: float) -> None:
            """Let somebody else drain the account whenever we wait, the first ten times."""
            await asleep(seconds)
            if len(clock.slept) <= 10:
                while not api.state.bucket.take():
                    pass

        pipeline.lightspeed = Lightspeed(pipeline.lightspeed.client, sleep=crowded)
        refused = api.state.bucket.refused
        async with metrics.moves() as moved:
            report = await pipeline.sync()
        assert report.error == ""
        stored = await counted(pipeline.warehouse)
    ids = {document["saleID"] for document in told(NOW - LOOKBACK.total_seconds(), clock.now) if document["calcTotal"]}
    assert stored == len(ids)
    assert api.state.bucket.refused - refused > 15
    assert moved['sync_runs_total{outcome="succeeded"}'] == 1
    assert 'sync_errors_total{error_type="rate_limited"}' not in moved


async def test_it_gives_up_on_a_rate_limit_that_never_ends(metrics: Trial, clock: Clock) -> None:
    api = create(size=0.5, drip=1, clock=clock)
    async with pipeline_of(api, clock) as pipeline, metrics.moves() as moved:
        assert (await pipeline.sync()).error == "rate_limited"
    assert len(clock.slept) == PATIENCE
    assert moved == failed("rate_limited")


async def test_a_refused_token_fails_the_run(metrics: Trial, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTSPEED_TOKEN", "renewed")
    async with pipeline_of(create(clock=clock), clock) as pipeline, metrics.moves() as moved:
        assert (await pipeline.sync()).error == "unauthorized"
    assert moved == failed("unauthorized")


async def test_a_closed_warehouse_fails_the_run(metrics: Trial, clock: Clock) -> None:
    async with pipeline_of(create(clock=clock), clock) as pipeline, metrics.moves() as moved:
        await pipeline.warehouse.close()
        assert (await pipeline.sync()).error == "warehouse"
    assert moved == failed("warehouse")


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (500, {}, "unavailable"),
        (200, {"Sales": []}, "malformed"),
        (200, {"Sale": ["x"], "@attributes": {"next": ""}}, "malformed"),
        (200, {"Sale": 1, "@attributes": {"next": ""}}, "malformed"),
        (200, [], "malformed"),
    ],
)
async def test_an_answer_of_another_form_fails_the_run(
    metrics: Trial, clock: Clock, status: int, body: Any, error: str
) -> None:
    api = answering(status, body)
    async with pipeline_of(api, clock) as pipeline, metrics.moves() as moved:
        assert (await pipeline.sync()).error == error
    assert moved == failed(error)


async def test_the_token_goes_to_no_other_host(clock: Clock) -> None:
    elsewhere = {"Sale": [], "@attributes": {"next": "http://elsewhere.test/API/V3/Account/1/Sale.json?after=x"}}
    hosts: list[str] = []
    api = answering(200, elsewhere, {"Sale": [], "@attributes": {"next": ""}}, hosts=hosts)
    async with pipeline_of(api, clock) as pipeline:
        assert (await pipeline.sync()).error == ""
    assert hosts == ["api.test", "api.test"]


async def test_after_a_restart_it_goes_on_where_it_was(metrics: Trial, clock: Clock, tmp_path: Path) -> None:
    path = str(tmp_path / "warehouse.duckdb")
    api = create(size=100, clock=clock)
    async with pipeline_of(api, clock, path) as pipeline:
        await pipeline.sync()
    requests = api.state.bucket.level
    clock.now += 20
    async with pipeline_of(api, clock, path) as pipeline:
        obs_before = await metrics.readings()
        await pipeline.resume()
        assert (await metrics.readings())["sync_last_success_timestamp_seconds"] == NOW
        assert obs_before["sales_synced_total"] == (await metrics.readings())["sales_synced_total"]
        assert 0 < (await pipeline.sync()).synced <= 11
    assert api.state.bucket.level == max(0, requests - 20) + 1


async def test_who_asks_during_a_sync_joins_it(metrics: Trial, clock: Clock) -> None:
    async with pipeline_of(create(size=100, clock=clock), clock) as pipeline, metrics.moves() as moved:
        first, second = await asyncio.gather(pipeline.sync(), pipeline.sync())
    assert first is second
    assert moved['sync_runs_total{outcome="succeeded"}'] == 1


async def test_the_service_syncs_by_itself_and_answers(lightspeed_url: str) -> None:
    assert lightspeed_url
    async with trial(app, LIGHTSPEED_BIGQUERY) as service:
        client = service.client
        assert (await client.get("/readyz")).status_code == 200
        joined = (await client.post("/sync", timeout=60)).json()
        assert joined["error"] == ""
        summary = (await client.get("/sales/summary", params={"hours": 1})).json()
        assert summary["sales"] > 700
        top = (await client.get("/products/top", params={"limit": 3})).json()
        assert [row["sold"] for row in top] == sorted((row["sold"] for row in top), reverse=True)
        assert all(row["name"] for row in top)
        status = (await client.get("/sync")).json()
        assert status["last"]["error"] == ""
        assert datetime.fromisoformat(status["succeeded"]) >= datetime.fromisoformat(status["reached"])
        assert (await client.get("/sales/1")).status_code == 404
        rng = random.Random(1)  # noqa: S311 - the same visit each time
        await visit(client, rng)


async def test_without_lightspeed_a_sync_is_a_bad_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIGHTSPEED_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("SYNC_INTERVAL", "3600")
    async with trial(app, LIGHTSPEED_BIGQUERY) as service:
        answer = await service.client.post("/sync")
        assert answer.status_code == 502
        assert answer.json()["detail"] == "The sync failed: unavailable."
        assert (await service.client.get("/sales/summary")).json()["sales"] == 0


def failed(error: str) -> dict[str, float]:
    return {
        f'sync_errors_total{{error_type="{error}"}}': 1,
        'sync_runs_total{outcome="failed"}': 1,
        "sync_latency_seconds_count": 1,
    }


def answering(status: int, *bodies: Any, hosts: list[str] | None = None) -> FastAPI:
    api = FastAPI()
    left = list(bodies)

    @api.get("/API/V3/Account/1/Sale.json")
    async def sales(request: Request) -> JSONResponse:
        if hosts is not None:
            hosts.append(request.headers["host"])
        return JSONResponse(left.pop(0) if len(left) > 1 else left[0], status)

    return api
