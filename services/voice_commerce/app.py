"""Voice commerce: `POST /commands` takes what a customer said, `GET /orders/{order_id}` shows what came of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel, Field

import tocsin
from services import shop
from services.voice_commerce.monitoring import (
    CANCEL,
    COMMANDS,
    CONFIDENCE,
    HELP,
    ORDER,
    ORDER_STATUS,
    ORDERS,
    SEARCH,
    VOICE_COMMERCE,
)
from services.voice_commerce.orders import Order, Orders
from services.voice_commerce.phrases import PHRASES
from services.voice_commerce.understanding import Ear, Understanding

app = FastAPI(title="Voice commerce")
obs = tocsin.observe(app, VOICE_COMMERCE)
ear = Ear(PHRASES, shop.PRODUCTS)
orders = Orders()


class Command(BaseModel):
    """What a customer said, as text."""

    customer_id: Annotated[int, Field(ge=1)]
    utterance: Annotated[str, Field(min_length=1, max_length=500)]


@app.post("/commands")
async def commands(command: Command) -> dict[str, Any]:
    """Understand a command and do what it asks for."""
    heard = ear.understand(command.utterance)
    obs.count(COMMANDS, intent=heard.intent)
    obs.record(CONFIDENCE, heard.confidence)
    obs.log.info("Command understood", intent=heard.intent, confidence=heard.confidence)
    reply, order = _obey(command.customer_id, heard)
    return {
        "intent": heard.intent,
        "confidence": heard.confidence,
        "product": heard.product.name if heard.product else None,
        "reply": reply,
        "order": asdict(order) if order else None,
    }


@app.get("/orders/{order_id}")
async def order(order_id: str) -> dict[str, Any]:
    """Return an order."""
    found = orders.get(order_id)
    if found is None:
        raise HTTPException(404, f"There is no order {order_id}.")
    return asdict(found)


def _obey(customer_id: int, heard: Understanding) -> tuple[str, Order | None]:
    """Return what to say to the customer, and the order that was made, found or cancelled."""
    if heard.intent == ORDER:
        return _order(customer_id, heard)
    if heard.intent == SEARCH:
        return _search(heard), None
    if heard.intent == ORDER_STATUS:
        latest = orders.latest(customer_id)
        return (f"Your order {latest.order_id} is {latest.status}." if latest else "You have no order yet."), latest
    if heard.intent == CANCEL:
        return _cancel(customer_id)
    if heard.intent == HELP:
        return "Say what you want to order, or ask for a product, a price or your order.", None
    return "I did not understand that. Say help to hear what you can ask for.", None


def _order(customer_id: int, heard: Understanding) -> tuple[str, Order | None]:
    product = heard.product
    if product is None or product.sold_out:
        obs.log.info("Order refused", reason="sold_out" if product else "no_product")
        return (f"Sorry, the {product.name} is sold out." if product else "Which product would you like?"), None
    made = orders.create(customer_id, product, heard.quantity)
    obs.count(ORDERS)
    obs.log.info("Order created", order_id=made.order_id, product_id=product.id, quantity=made.quantity)
    return f"Ordered {made.quantity} {made.product} for ${made.total / 100:.2f}.", made


def _search(heard: Understanding) -> str:
    product = heard.product
    if product is None:
        return f"We have {', '.join(shop.CATEGORIES)}. What are you looking for?"
    return f"{product.name}: {'sold out' if product.sold_out else f'${product.price / 100:.2f}'}."


def _cancel(customer_id: int) -> tuple[str, Order | None]:
    latest = orders.latest(customer_id)
    if latest is None or latest.status == "cancelled":
        return "You have no order to cancel.", None
    cancelled = orders.cancel(latest)
    obs.log.info("Order cancelled", order_id=cancelled.order_id)
    return f"Your order {cancelled.order_id} is cancelled.", cancelled


def ear_has_learnt() -> bool:
    """Tell whether an ordinary order is understood."""
    return ear.understand(f"order {shop.PRODUCTS[0].name}").intent == ORDER


obs.ready("ear", ear_has_learnt)
