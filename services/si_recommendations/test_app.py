from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from services import shop
from services.shop import Line, Sale
from services.si_recommendations.app import app, engine
from services.si_recommendations.engine import Engine
from services.si_recommendations.monitoring import SI_RECOMMENDATIONS
from services.trial import Trial, trial

pytestmark = pytest.mark.anyio

NEWCOMER = shop.REGULARS + 1


@pytest.fixture
async def service() -> AsyncIterator[Trial]:
    async with trial(app, SI_RECOMMENDATIONS) as found:
        yield found


def sale(number: int, customer: int, *products: int) -> Sale:
    return Sale(number, shop.CUSTOMERS[customer - 1], tuple(Line(shop.PRODUCTS[p - 1], 1) for p in products))


def test_who_bought_this_also_bought_that() -> None:
    together = [sale(customer, customer, 1, 2) for customer in range(1, 6)]
    apart = [sale(10 + customer, customer, 5) for customer in range(6, 9)]
    asked = sale(20, 9, 1)
    engine = Engine(shop.PRODUCTS, [*together, *apart, asked])
    best, *_ = engine.recommend(9, 3)
    assert best.product.id == 2
    assert best.source == "collaborative"
    # Five bought both, six bought the first and five the second; the other two neighbours say nothing.
    assert best.confidence == round(5 / (6 * 5) ** 0.5, 4)


def test_nothing_is_recommended_twice_or_sold_out_or_just_bought() -> None:
    recent = [line.product.id for line in [s for s in shop.history() if s.customer.id == 3][-1].lines]
    found = engine.recommend(3, 20)
    names = [recommendation.product.name for recommendation in found]
    assert len(set(names)) == len(names) == 20
    assert not any(recommendation.product.sold_out for recommendation in found)
    assert not {recommendation.product.id for recommendation in found} & set(recent)


def test_the_confidence_falls_from_one_to_the_next_within_a_source() -> None:
    found = engine.recommend(3, 20)
    for source in ("collaborative", "popular"):
        confidences = [r.confidence for r in found if r.source == source]
        assert confidences == sorted(confidences, reverse=True)
        assert all(0 <= confidence <= 1 for confidence in confidences)
    assert [r.source for r in found] == sorted(r.source for r in found)


def test_the_favourite_categories_are_found_although_nobody_told() -> None:
    hits = [
        recommendation.product.category in customer.favourites
        for customer in shop.CUSTOMERS[: shop.REGULARS]
        for recommendation in engine.recommend(customer.id, 3)
    ]
    assert sum(hits) / len(hits) > 0.95


def test_an_engine_without_purchases_still_answers() -> None:
    found = Engine(shop.PRODUCTS, []).recommend(1, 3)
    assert [(r.source, r.confidence) for r in found] == [("popular", 0.0)] * 3


async def test_regulars_get_what_fits_them_and_every_part_is_counted(service: Trial) -> None:
    async with service.moves() as moved:
        answer = (await service.client.get("/recommendations/3", params={"limit": 4})).json()
    assert [r["source"] for r in answer["recommendations"]] == ["collaborative"] * 4
    assert moved == {
        "recommendations_served_total": 4,
        "recommendation_confidence_count": 4,
        "recommendations_collaborative_total": 4,
    }


async def test_newcomers_get_what_is_popular(service: Trial) -> None:
    before = await service.readings()
    async with service.moves() as moved:
        answer = (await service.client.get(f"/recommendations/{NEWCOMER}")).json()
    assert [r["source"] for r in answer["recommendations"]] == ["popular"] * 5
    assert moved == {
        "recommendations_served_total": 5,
        "recommendation_confidence_count": 5,
        "recommendations_fallback_total": 5,
    }
    after = await service.readings()
    total = sum(r["confidence"] for r in answer["recommendations"])
    assert after["recommendation_confidence_sum"] - before["recommendation_confidence_sum"] == pytest.approx(total)


async def test_the_model_says_what_it_learnt_from(service: Trial) -> None:
    lines = sum(len(sale.lines) for sale in shop.history())
    assert (await service.client.get("/model")).json() == {"customers": 400, "products": 48, "purchases": lines}
    assert (await service.client.get("/readyz")).status_code == 200


@pytest.mark.parametrize("path", ["/recommendations/3?limit=0", "/recommendations/3?limit=21", "/recommendations/x"])
async def test_a_wrong_question_recommends_nothing(service: Trial, path: str) -> None:
    async with service.moves() as moved:
        assert (await service.client.get(path)).status_code == 422
    assert moved == {}
