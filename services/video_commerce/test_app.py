from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.trial import Trial, trial
from services.video_commerce.app import LIMIT, app
from services.video_commerce.monitoring import REASONS, VIDEO_COMMERCE

pytestmark = pytest.mark.anyio


@pytest.fixture
async def service() -> AsyncIterator[Trial]:
    async with trial(app, VIDEO_COMMERCE) as found:
        yield found


async def send(service: Trial, *events: Any) -> int:
    return (await service.client.post("/beacons", json={"events": events})).status_code


async def test_the_page_and_all_that_it_needs_are_there(service: Trial) -> None:
    page = await service.client.get("/")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<video" in page.text
    assert "Add to cart" in page.text
    for asset, media_type in (("page.css", "text/css"), ("player.js", "text/javascript")):
        assert f"/assets/{asset}" in page.text
        answer = await service.client.get(f"/assets/{asset}")
        assert answer.headers["content-type"].startswith(media_type)
    assert (await service.client.get("/assets/app.py")).status_code == 404
    assert (await service.client.get("/readyz")).status_code == 200


async def test_the_page_may_load_nothing_from_elsewhere(service: Trial) -> None:
    page = await service.client.get("/")
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    assert "http" not in page.text
    assert "onclick" not in page.text


async def test_the_show_offers_what_can_be_bought(service: Trial) -> None:
    products = (await service.client.get("/products")).json()
    assert len(products) > 5
    assert not any(product["sold_out"] for product in products)


EVENTS: list[tuple[dict[str, Any], str]] = [
    ({"type": "start"}, "video_playback_starts_total"),
    ({"type": "first_frame", "seconds": 0.4}, "video_first_frame_seconds_count"),
    ({"type": "rebuffer", "ratio": 0.01}, "video_rebuffer_ratio_count"),
    ({"type": "cart", "product_id": 3}, "video_cart_additions_total"),
    ({"type": "lcp", "seconds": 1}, "web_vitals_lcp_seconds_count"),
    ({"type": "inp", "seconds": 0.1}, "web_vitals_inp_seconds_count"),
    ({"type": "cls", "score": 0.02}, "web_vitals_cls_score_count"),
    *(
        ({"type": "failure", "reason": reason}, f'video_playback_failures_total{{reason="{reason}"}}')
        for reason in REASONS
    ),
]


@pytest.mark.parametrize(("event", "series"), EVENTS)
async def test_each_event_moves_its_metric_and_no_other(service: Trial, event: dict[str, Any], series: str) -> None:
    async with service.moves() as moved:
        assert await send(service, event) == 204
    assert moved == {series: 1}


async def test_a_beacon_may_hold_many_events_and_their_values_arrive(service: Trial) -> None:
    before = await service.readings()
    assert await send(service, *(event for event, _ in EVENTS)) == 204
    after = await service.readings()
    assert after["web_vitals_lcp_seconds_sum"] - before["web_vitals_lcp_seconds_sum"] == pytest.approx(1)
    assert after["video_rebuffer_ratio_sum"] - before["video_rebuffer_ratio_sum"] == pytest.approx(0.01)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"\xff\xfe",
        b"[]",
        b'{"events": []}',
        b'{"events": [{"type": "start"}], "extra": 1}',
        b'{"events": [{"type": "start", "extra": 1}]}',
        b'{"events": [{"type": "stop"}]}',
        b'{"events": [{"type": "lcp", "seconds": -1}]}',
        b'{"events": [{"type": "lcp", "seconds": NaN}]}',
        b'{"events": [{"type": "lcp", "seconds": 1e999}]}',
        b'{"events": [{"type": "lcp", "seconds": "1"}]}',
        b'{"events": [{"type": "rebuffer", "ratio": 1.5}]}',
        b'{"events": [{"type": "failure", "reason": "sabotage"}]}',
        json.dumps({"events": [{"type": "start"}] * 51}).encode(),
    ],
)
async def test_a_beacon_of_another_form_is_refused_whole(service: Trial, body: bytes) -> None:
    async with service.moves() as moved:
        answer = await service.client.post("/beacons", content=body)
    assert answer.status_code == 422
    assert len(answer.content) < 2000
    assert moved == {}


async def test_a_beacon_that_is_too_large_is_not_read_to_its_end(service: Trial) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 100 * LIMIT:
            read += 1024
            yield b" " * 1024

    async with service.moves() as moved:
        assert (await service.client.post("/beacons", content=endless())).status_code == 413
    assert moved == {}
    assert LIMIT < read <= 2 * LIMIT
