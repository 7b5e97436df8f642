from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from services import shop
from services.customer_profile.app import app, obs
from services.customer_profile.monitoring import CUSTOMER_PROFILE
from services.customer_profile.profiles import Cache, Profiles
from services.customer_profile.visitor import visit
from services.trial import Trial, trial

pytestmark = pytest.mark.anyio


@pytest.fixture
async def service() -> AsyncIterator[Trial]:
    async with trial(app, CUSTOMER_PROFILE) as found:
        yield found


def profiles() -> Profiles:
    found: Profiles = app.state.profiles
    return found


async def test_a_profile_joins_the_customer_with_what_they_bought(service: Trial) -> None:
    customer = shop.CUSTOMERS[6]
    sales = [sale for sale in shop.history() if sale.customer == customer]
    bought: Counter[str] = Counter()
    for line in (line for sale in sales for line in sale.lines):
        bought[line.product.name] += line.quantity
    answer = (await service.client.get(f"/profiles/{customer.id}")).json()
    assert (answer["customer_id"], answer["name"], answer["city"]) == (7, customer.name, customer.city)
    assert answer["complete"] is True
    assert answer["purchases"]["visits"] == len(sales)
    assert answer["purchases"]["spent"] == sum(sale.total for sale in sales)
    assert answer["purchases"]["favourite_category"] in customer.favourites
    ranked = sorted(bought, key=lambda name: (-bought[name], name))
    assert answer["purchases"]["favourite_products"] == ranked[:3]


async def test_no_address_leaves_the_service(service: Trial) -> None:
    assert "@" not in (await service.client.get("/profiles/7")).text


async def test_the_second_request_is_answered_from_the_cache(service: Trial) -> None:
    async with service.moves() as moved:
        first = (await service.client.get("/profiles/8")).json()
    assert moved == {"profile_requests_total": 1, "profile_enrichment_seconds_count": 1}
    async with service.moves() as moved:
        assert (await service.client.get("/profiles/8")).json() == first
    assert moved == {"profile_requests_total": 1, "profile_cache_hits_total": 1}


async def test_a_newcomer_has_bought_nothing(service: Trial) -> None:
    answer = (await service.client.get(f"/profiles/{shop.REGULARS + 1}")).json()
    assert answer["complete"] is True
    assert answer["purchases"] == {"visits": 0, "spent": 0, "favourite_category": None, "favourite_products": []}


async def test_an_unknown_customer_is_not_found(service: Trial) -> None:
    async with service.moves() as moved:
        assert (await service.client.get("/profiles/100000")).status_code == 404
    assert moved == {"profile_requests_total": 1, "profile_enrichment_seconds_count": 1}
    assert (await service.client.get("/profiles/nobody")).status_code == 422


async def test_without_purchases_a_profile_is_incomplete_and_not_kept(service: Trial) -> None:
    await profiles().bigquery.close()
    for _ in range(2):
        async with service.moves() as moved:
            answer = await service.client.get("/profiles/9")
        assert answer.status_code == 200
        assert answer.json() == {
            "customer_id": 9,
            "name": shop.CUSTOMERS[8].name,
            "city": shop.CUSTOMERS[8].city,
            "purchases": None,
            "complete": False,
        }
        assert "profile_cache_hits_total" not in moved
    readings = await service.readings()
    assert readings['profile_data_source_up{source="bigquery"}'] == 0
    assert readings['profile_data_source_up{source="lightspeed"}'] == 1
    assert (await service.client.get("/readyz")).status_code == 200


async def test_without_customer_records_only_the_cache_answers(service: Trial) -> None:
    await service.client.get("/profiles/10")
    await profiles().lightspeed.close()
    assert (await service.client.get("/profiles/10")).status_code == 200
    assert (await service.client.get("/profiles/11")).status_code == 503
    assert (await service.readings())['profile_data_source_up{source="lightspeed"}'] == 0
    ready = await service.client.get("/readyz")
    assert (ready.status_code, ready.json()["failing"]) == (503, ["lightspeed"])


async def test_the_sources_are_watched_without_any_request(service: Trial) -> None:
    assert (await service.readings())['profile_data_source_up{source="bigquery"}'] == 1
    await profiles().bigquery.close()
    assert await profiles().probe(profiles().bigquery) is False
    assert (await service.readings())['profile_data_source_up{source="bigquery"}'] == 0


async def test_a_profile_is_kept_for_its_time_and_no_longer(service: Trial) -> None:
    now = [0.0]
    kept = Profiles(profiles().lightspeed, profiles().bigquery, Cache(60, clock=lambda: now[0]), obs)
    hits = []
    for moment in (0, 59.9, 60):
        now[0] = moment
        async with service.moves() as moved:
            await kept.profile(12)
        hits.append(moved.get("profile_cache_hits_total", 0))
    assert hits == [0, 1, 0]


def test_the_cache_lets_the_oldest_go() -> None:
    cache = Cache(60, size=2)
    for key in (1, 2, 1, 3):
        cache.put(key, {"key": key})
    assert [cache.get(key) for key in (1, 2, 3)] == [{"key": 1}, None, {"key": 3}]


async def test_a_day_at_the_till_hits_the_cache_now_and_then(service: Trial) -> None:
    rng = random.Random(1)  # noqa: S311 - the same visits each time
    async with service.moves() as moved:
        for _ in range(200):
            await visit(service.client, rng)
    assert 0.3 < moved["profile_cache_hits_total"] / moved["profile_requests_total"] < 0.9
    assert (
        moved["profile_requests_total"] - moved["profile_cache_hits_total"]
        == (moved["profile_enrichment_seconds_count"])
    )
