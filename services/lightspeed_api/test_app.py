from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.lightspeed_api.app import create

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)
"""A moment just after a sale that is voided a little later."""
SALES = "/API/V3/Account/1/Sale.json"
TOKEN = {"Authorization": "Bearer shop"}


class Clock:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.now = NOW.timestamp()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def client(clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(create(size=60, drip=1, clock=clock)) as made:
        yield made


def calling(api: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://api.test", headers=TOKEN)


def since(moment: datetime) -> dict[str, str]:
    return {"timeStamp": f">=,{moment.isoformat()}"}


async def pages(client: httpx.AsyncClient, moment: datetime) -> list[list[dict[str, Any]]]:
    answer = await client.get(SALES, params=since(moment))
    found = []
    while True:
        body = answer.json()
        found.append(body["Sale"])
        if not body["@attributes"]["next"]:
            return found
        answer = await client.get(body["@attributes"]["next"])


async def test_pages_hold_every_sale_once_oldest_change_first(client: httpx.AsyncClient) -> None:
    found = await pages(client, NOW - timedelta(minutes=30))
    assert len(found) > 5
    assert all(len(page) == 100 for page in found[:-1])
    sales = [sale for page in found for sale in page]
    assert len({sale["saleID"] for sale in sales}) == len(sales)
    stamps = [sale["timeStamp"] for sale in sales]
    assert stamps == sorted(stamps)
    assert stamps[0] >= (NOW - timedelta(minutes=30)).isoformat()
    assert stamps[-1] == NOW.isoformat()


async def test_a_voided_sale_is_told_once_more_in_its_latest_version(client: httpx.AsyncClient, clock: Clock) -> None:
    (before,) = await pages(client, NOW - timedelta(seconds=60))
    clock.now += 60
    (after,) = await pages(client, NOW - timedelta(seconds=60))
    rung_up = {sale["saleID"] for sale in before if sale["voided"] == "false"}
    voided = [sale for sale in after if sale["voided"] == "true" and sale["saleID"] in rung_up]
    assert voided
    assert all(sale["timeStamp"] > NOW.isoformat() for sale in voided)
    assert len({sale["saleID"] for sale in after}) == len(after)


async def test_two_tills_tell_the_same(client: httpx.AsyncClient, clock: Clock) -> None:
    async with calling(create(clock=clock)) as other:
        assert await pages(client, NOW - timedelta(minutes=5)) == await pages(other, NOW - timedelta(minutes=5))


async def test_a_request_that_does_not_fit_the_bucket_is_refused_until_it_has_leaked(
    client: httpx.AsyncClient, clock: Clock
) -> None:
    answers = [await client.get(SALES, params=since(NOW)) for _ in range(61)]
    assert [answer.status_code for answer in answers] == [200] * 60 + [429]
    assert answers[0].headers["X-LS-API-Bucket-Level"] == "1/60"
    assert answers[0].headers["X-LS-API-Drip-Rate"] == "1"
    assert answers[60].headers["Retry-After"] == "1"
    clock.now += 1
    assert (await client.get(SALES, params=since(NOW))).status_code == 200
    assert (await client.get(SALES, params=since(NOW))).status_code == 429


async def test_without_the_token_nothing_is_told_and_nothing_costs(client: httpx.AsyncClient) -> None:
    for _ in range(100):
        answer = await client.get(SALES, params=since(NOW), headers={"Authorization": "Bearer guess"})
        assert answer.status_code == 401
    assert (await client.get(SALES, params=since(NOW))).headers["X-LS-API-Bucket-Level"] == "1/60"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({}, "timeStamp must be a condition"),
        ({"timeStamp": "yesterday"}, "timeStamp must be a condition"),
        ({"timeStamp": "<,2026-03-02T12:00:00+00:00"}, "timeStamp must be a condition"),
        ({"after": "nowhere"}, "after must be the token"),
    ],
)
async def test_a_wrong_question_is_told_what_is_wrong(
    client: httpx.AsyncClient, query: dict[str, str], says: str
) -> None:
    answer = await client.get(SALES, params=query)
    assert answer.status_code == 400
    assert says in answer.json()["detail"]


async def test_another_account_is_not_there(client: httpx.AsyncClient) -> None:
    assert (await client.get("/API/V3/Account/2/Sale.json", params=since(NOW))).status_code == 404
