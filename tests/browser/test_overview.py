"""The overview, while what it shows changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.console.serving import serving
from tests.console.test_drawn import console as serve

pytestmark = pytest.mark.live

SICK = {"alertname": "Slow", "service": "checkout", "severity": "critical"}
CHECKOUT = {"service": "checkout"}
BEFORE = {"min by (service) (up)": (CHECKOUT, "1"), "service:http_requests:rate5m": (CHECKOUT, "4")}
AFTER = {**BEFORE, "service:http_requests:rate5m": (CHECKOUT, "5"), "ALERTS{": (SICK, "1")}


@pytest.fixture
def telling() -> dict[str, tuple[dict[str, str], str]]:
    """What Prometheus answers to a query that begins so; a test may change it."""
    return dict(BEFORE)


@pytest.fixture
def changing(tmp_path_factory: pytest.TempPathFactory, telling: dict[str, tuple[dict[str, str], str]]) -> Iterator[str]:
    """The address of a console whose Prometheus tells what *telling* has."""

    def answer(address: str) -> dict[str, Any]:
        asked = urlsplit(address)
        if asked.path.endswith("query_range"):
            return {"status": "success", "data": {"resultType": "matrix", "result": []}}
        query = parse_qs(asked.query)["query"][0]
        found = [each for start, each in telling.items() if query.startswith(start)]
        result = [{"metric": labels, "value": [1.0, value]} for labels, value in found]
        return {"status": "success", "data": {"resultType": "vector", "result": result}}

    with serving(answer) as url:
        yield from serve(tmp_path_factory.mktemp("changing"), url)


def test_the_keyboard_stays_where_it_is_while_a_service_falls_sick(
    page: Page, changing: str, telling: dict[str, tuple[dict[str, str], str]]
) -> None:
    page.goto(f"{changing}/overview")
    link = page.get_by_role("link", name="checkout")
    expect(page.get_by_text("4 req/s")).to_be_visible()
    link.focus()
    telling.update(AFTER)
    expect(page.get_by_text("1 of 1 services needs somebody: checkout.")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("5 req/s")).to_be_visible(timeout=20_000)
    expect(link).to_be_focused()
