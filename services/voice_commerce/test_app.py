from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services import shop
from services.trial import Trial, trial
from services.voice_commerce.app import app, ear
from services.voice_commerce.monitoring import CANCEL, HELP, ORDER, ORDER_STATUS, SEARCH, UNKNOWN, VOICE_COMMERCE
from services.voice_commerce.orders import KEPT, Orders
from services.voice_commerce.phrases import PHRASES
from services.voice_commerce.understanding import Ear

pytestmark = pytest.mark.anyio

TEA_LIGHTS = next(product for product in shop.PRODUCTS if product.name == "tea lights")
NEVER_LEARNT = {
    "Order three tea lights, please!": ORDER,
    "could you send me the tea lights": ORDER,
    "I'd like to buy 2 tea lights": ORDER,
    "do you have any tea lights": SEARCH,
    "how much does the glass lantern cost": SEARCH,
    "can you find cedar candle for me": SEARCH,
    "where is my order now": ORDER_STATUS,
    "when will my parcel arrive": ORDER_STATUS,
    "please cancel my order": CANCEL,
    "cancel the last order": CANCEL,
    "help me please": HELP,
    "what can I do here": HELP,
    "play some jazz music": UNKNOWN,
    "turn off the kitchen lights": UNKNOWN,
    "hello": UNKNOWN,
    "?!": UNKNOWN,
}


@pytest.fixture
async def service() -> AsyncIterator[Trial]:
    async with trial(app, VOICE_COMMERCE) as found:
        yield found


async def say(service: Trial, utterance: str, customer: int = 1) -> dict[str, Any]:
    answer = await service.client.post("/commands", json={"customer_id": customer, "utterance": utterance})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(("utterance", "intent"), NEVER_LEARNT.items())
def test_what_was_never_learnt_is_understood(utterance: str, intent: str) -> None:
    assert utterance.lower() not in {phrase for phrases in PHRASES.values() for phrase in phrases}
    heard = ear.understand(utterance)
    assert heard.intent == intent
    assert 0 <= heard.confidence <= 1


def test_a_phrase_is_understood_without_any_other_phrase_like_it() -> None:
    """Leave one out: learn from all phrases but one, then ask for that one."""
    right = 0
    for intent, phrases in PHRASES.items():
        for left_out in phrases:
            rest = {i: [p for p in others if p != left_out] for i, others in PHRASES.items()}
            said = left_out.replace("<product>", "cedar candle").replace("<number>", "three")
            right += Ear(rest, shop.PRODUCTS).understand(said).intent == intent
    assert right / sum(map(len, PHRASES.values())) > 0.7


@pytest.mark.parametrize("product", shop.PRODUCTS, ids=lambda product: product.name)
def test_every_product_is_heard_in_the_singular_and_the_plural(product: shop.Product) -> None:
    for name in (product.name, f"{product.name.removesuffix('s')}s", product.name.upper()):
        assert ear.understand(f"order two {name}").product == product


@pytest.mark.parametrize(("said", "quantity"), [("", 1), ("a ", 1), ("three ", 3), ("12 ", 12), ("9" * 5000 + " ", 20)])
def test_the_quantity_is_what_was_said_within_reason(said: str, quantity: int) -> None:
    assert ear.understand(f"order {said}tea lights").quantity == quantity


async def test_a_spoken_order_becomes_an_order(service: Trial) -> None:
    async with service.moves() as moved:
        answer = await say(service, "order three tea lights please", customer=9017)
    assert moved == {
        'voice_commands_total{intent="order"}': 1,
        "orders_created_total": 1,
        "intent_confidence_count": 1,
    }
    order = answer["order"]
    assert (order["product"], order["quantity"], order["total"]) == ("tea lights", 3, 3 * TEA_LIGHTS.price)
    assert order["status"] == "created"
    assert (await service.client.get(f"/orders/{order['order_id']}")).json() == order
    assert order["order_id"] in (await say(service, "where is my order", customer=9017))["reply"]


async def test_without_a_product_or_stock_there_is_no_order(service: Trial) -> None:
    for utterance, reply in (
        ("i want to buy", "Which product would you like?"),
        ("order two cold brew coffee", "Sorry, the cold brew coffee is sold out."),
    ):
        async with service.moves() as moved:
            answer = await say(service, utterance)
        assert (answer["reply"], answer["order"]) == (reply, None)
        assert moved == {'voice_commands_total{intent="order"}': 1, "intent_confidence_count": 1}


async def test_an_order_is_cancelled_once_and_only_by_its_customer(service: Trial) -> None:
    order = (await say(service, "order tea lights", customer=9021))["order"]
    assert (await say(service, "cancel my order", customer=9022))["reply"] == "You have no order to cancel."
    assert (await say(service, "cancel my order", customer=9021))["order"]["status"] == "cancelled"
    assert (await service.client.get(f"/orders/{order['order_id']}")).json()["status"] == "cancelled"
    assert (await say(service, "cancel my order", customer=9021))["reply"] == "You have no order to cancel."


async def test_a_search_tells_the_price(service: Trial) -> None:
    assert (await say(service, "how much is the tea lights"))["reply"] == f"tea lights: ${TEA_LIGHTS.price / 100:.2f}."


async def test_what_is_not_understood_is_counted_as_unknown(service: Trial) -> None:
    async with service.moves() as moved:
        answer = await say(service, "play some jazz music")
    assert (answer["intent"], answer["order"]) == ("unknown", None)
    assert moved == {'voice_commands_total{intent="unknown"}': 1, "intent_confidence_count": 1}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"customer_id": 1, "utterance": ""},
        {"customer_id": 1, "utterance": "x" * 501},
        {"customer_id": 0, "utterance": "help"},
    ],
)
async def test_a_command_of_another_form_moves_nothing(service: Trial, body: dict[str, Any]) -> None:
    async with service.moves() as moved:
        assert (await service.client.post("/commands", json=body)).status_code == 422
    assert moved == {}


async def test_what_customers_say_is_in_no_log(service: Trial, capfd: pytest.CaptureFixture[str]) -> None:
    await say(service, "order three tea lights please", customer=987654)
    out = capfd.readouterr().out
    assert "Order created" in out
    assert "please" not in out
    assert "987654" not in out


def test_old_orders_make_room() -> None:
    orders = Orders()
    first = orders.create(1, TEA_LIGHTS, 1)
    for _ in range(KEPT):
        last = orders.create(2, TEA_LIGHTS, 1)
    assert orders.get(first.order_id) is None
    assert orders.latest(1) is None
    assert orders.latest(2) == last
