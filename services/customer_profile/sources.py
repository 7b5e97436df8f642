"""The two sources of a profile: Lightspeed's customer records and BigQuery's purchases, each a local copy."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import duckdb

from services import shop
from services.customer_profile.monitoring import BIGQUERY, LIGHTSPEED

_CUSTOMER = "SELECT name, city FROM customers WHERE id = ?"
_PURCHASES = """
SELECT category, product, sum(quantity)::BIGINT AS bought, sum(amount)::BIGINT AS spent
FROM purchases WHERE customer_id = ? GROUP BY category, product ORDER BY bought DESC, product
"""
_VISITS = "SELECT count(DISTINCT sale_id) FROM purchases WHERE customer_id = ?"


class Connection(Protocol):
    """What SQLite's and DuckDB's connections have in common."""

    def execute(self, query: str, parameters: Any = ..., /) -> Any:
        """Run a query; the answer has fetchall()."""

    def close(self) -> None:
        """Let go of the database."""


class SourceError(Exception):
    """A source does not answer."""


class Source:
    """A database on a thread of its own, so that no query holds up the event loop."""

    def __init__(self, name: str, connect: Callable[[], Connection]) -> None:
        self.name = name
        self._thread = ThreadPoolExecutor(1, name)
        self._connection = self._thread.submit(connect).result()

    async def rows(self, query: str, *values: object) -> list[Any]:
        """Return what a query finds.

        Raises:
            SourceError: the database does not answer.

        """
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._thread, lambda: self._connection.execute(query, values).fetchall()
            )
        except (sqlite3.Error, duckdb.Error) as cause:
            raise SourceError(f"{self.name} does not answer: {cause}") from cause

    async def close(self) -> None:
        """Close the database; from now on the source does not answer."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)


class Lightspeed(Source):
    """Who the customers are."""

    def __init__(self) -> None:
        super().__init__(LIGHTSPEED, _customers)

    async def customer(self, customer_id: int) -> dict[str, Any] | None:
        """Return a customer's record, or None if there is none."""
        rows = await self.rows(_CUSTOMER, customer_id)
        return {"name": rows[0][0], "city": rows[0][1]} if rows else None


class BigQuery(Source):
    """What the customers bought."""

    def __init__(self) -> None:
        super().__init__(BIGQUERY, _purchases)

    async def purchases(self, customer_id: int) -> dict[str, Any]:
        """Sum up what a customer bought; money is in cents."""
        rows = await self.rows(_PURCHASES, customer_id)
        ((visits,),) = await self.rows(_VISITS, customer_id)
        categories: dict[str, int] = {}
        for category, _, bought, _ in rows:
            categories[category] = categories.get(category, 0) + bought
        return {
            "visits": visits,
            "spent": sum(spent for *_, spent in rows),
            "favourite_category": max(categories, key=categories.__getitem__, default=None),
            "favourite_products": [product for _, product, _, _ in rows[:3]],
        }


def _customers() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, city TEXT)")
    records = [(customer.id, customer.name, customer.city) for customer in shop.CUSTOMERS]
    connection.executemany("INSERT INTO customers VALUES (?, ?, ?)", records)
    return connection


def _purchases() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    lines = [
        {
            "sale_id": sale.id,
            "customer_id": sale.customer.id,
            "category": line.product.category,
            "product": line.product.name,
            "quantity": line.quantity,
            "amount": line.quantity * line.product.price,
        }
        for sale in shop.history()
        for line in sale.lines
    ]
    connection.execute("CREATE TABLE purchases AS SELECT unnest(r) FROM (SELECT unnest(?) AS r)", [lines])
    return connection
