"""Orders made by voice, in memory: the newest of them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Literal

from services.shop import Product

KEPT = 10_000
"""As many orders as are kept; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Order:
    """A customer's order; the total is in cents."""

    order_id: str
    customer_id: int
    product: str
    quantity: int
    total: int
    status: Literal["created", "cancelled"] = "created"


@dataclass(slots=True)
class Orders:
    """The orders, and each customer's latest."""

    _orders: OrderedDict[str, Order] = field(default_factory=OrderedDict)
    _latest: dict[int, str] = field(default_factory=dict)
    _number: int = 0

    def create(self, customer_id: int, product: Product, quantity: int) -> Order:
        """Make an order."""
        self._number += 1
        order = Order(f"V{self._number:06}", customer_id, product.name, quantity, quantity * product.price)
        self._orders[order.order_id] = order
        self._latest[customer_id] = order.order_id
        if len(self._orders) > KEPT:
            _, oldest = self._orders.popitem(last=False)
            if self._latest.get(oldest.customer_id) == oldest.order_id:
                del self._latest[oldest.customer_id]
        return order

    def get(self, order_id: str) -> Order | None:
        """Return an order, or None if there is none, or none any more."""
        return self._orders.get(order_id)

    def latest(self, customer_id: int) -> Order | None:
        """Return a customer's latest order."""
        return self._orders.get(self._latest.get(customer_id, ""))

    def cancel(self, order: Order) -> Order:
        """Take an order back."""
        self._orders[order.order_id] = cancelled = replace(order, status="cancelled")
        return cancelled
