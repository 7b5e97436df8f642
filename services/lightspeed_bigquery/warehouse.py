"""The warehouse: sales and their lines in DuckDB, with the cursor up to which they are known."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

import duckdb

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sales (
    sale_id BIGINT PRIMARY KEY, customer_id BIGINT, changed_at TIMESTAMP, voided BOOLEAN, total DECIMAL(12, 2)
);
CREATE TABLE IF NOT EXISTS sale_lines (
    line_id BIGINT PRIMARY KEY, sale_id BIGINT, product_id BIGINT, quantity INTEGER, unit_price DECIMAL(12, 2)
);
CREATE TABLE IF NOT EXISTS position (name VARCHAR PRIMARY KEY, reached TIMESTAMP, succeeded TIMESTAMP);
"""
_STORE_SALES = """
INSERT INTO sales
SELECT r.sale_id, r.customer_id, r.changed_at, r.voided, r.total FROM (SELECT unnest(?) AS r)
ON CONFLICT (sale_id) DO UPDATE SET changed_at = excluded.changed_at, voided = excluded.voided, total = excluded.total
WHERE excluded.changed_at > sales.changed_at
RETURNING sale_id
"""
_STORE_LINES = """
INSERT INTO sale_lines
SELECT r.line_id, r.sale_id, r.product_id, r.quantity, r.unit_price FROM (SELECT unnest(?) AS r)
ON CONFLICT (line_id) DO NOTHING
"""
_REACH = """
INSERT INTO position VALUES ('lightspeed', ?, NULL)
ON CONFLICT (name) DO UPDATE SET reached = greatest(excluded.reached, position.reached)
"""
_SUCCEED = """
INSERT INTO position VALUES ('lightspeed', NULL, ?) ON CONFLICT (name) DO UPDATE SET succeeded = excluded.succeeded
"""
_SUMMARY = """
SELECT count(*) FILTER (NOT voided), count(*) FILTER (voided), coalesce(sum(total) FILTER (NOT voided), 0)
FROM sales WHERE changed_at >= ?
"""
_TOP = """
SELECT product_id, sum(quantity)::BIGINT AS sold, sum(quantity * unit_price) AS revenue
FROM sale_lines JOIN sales USING (sale_id) WHERE NOT voided
GROUP BY product_id ORDER BY sold DESC, product_id LIMIT ?
"""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SaleLine:
    """A row of `sale_lines`."""

    line_id: int
    sale_id: int
    product_id: int
    quantity: int
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class SaleRow:
    """A row of `sales` with its lines; *changed_at* is in UTC, without a zone."""

    sale_id: int
    customer_id: int
    changed_at: datetime
    voided: bool
    total: Decimal
    lines: tuple[SaleLine, ...]


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing a page did: sales that were new or changed, and rows that were new to each table."""

    sales: int
    new_sales: int
    new_lines: int


class Warehouse:
    """A DuckDB database at *path*, on a thread of its own, so that no query holds up the event loop."""

    def __init__(self, path: str = ":memory:") -> None:
        self._thread = ThreadPoolExecutor(1, "warehouse")
        self._database = self._thread.submit(duckdb.connect, path).result()
        self._thread.submit(self._database.execute, _SCHEMA).result()

    async def close(self) -> None:
        """Close the database; nothing can be asked of it afterwards."""
        await self._run(self._database.close)

    async def store(self, rows: list[SaleRow]) -> Stored:
        """Insert or update a page of sales and move the cursor, all or nothing; what is known changes nothing."""
        return await self._run(lambda: self._store(rows))

    async def succeed(self, moment: datetime) -> None:
        """Remember when a sync last succeeded."""
        await self._run(lambda: self._database.execute(_SUCCEED, [moment]))

    async def position(self) -> tuple[datetime | None, datetime | None]:
        """Return how far the sales are known, and when a sync last succeeded."""
        found = await self._rows("SELECT reached, succeeded FROM position")
        return found[0] if found else (None, None)

    async def summary(self, since: datetime) -> dict[str, Any]:
        """Count sales and voids since a moment, and sum up the revenue."""
        ((sales, voided, revenue),) = await self._rows(_SUMMARY, since)
        return {"sales": sales, "voided": voided, "revenue": str(revenue)}

    async def top(self, limit: int) -> list[dict[str, Any]]:
        """Return the products sold most."""
        rows = await self._rows(_TOP, limit)
        return [{"product_id": product, "sold": sold, "revenue": str(revenue)} for product, sold, revenue in rows]

    async def sale(self, sale_id: int) -> dict[str, Any] | None:
        """Return a sale, or None if the warehouse does not know it."""
        rows = await self._rows("SELECT customer_id, changed_at, voided, total FROM sales WHERE sale_id = ?", sale_id)
        if not rows:
            return None
        customer, changed_at, voided, total = rows[0]
        return {
            "sale_id": sale_id,
            "customer_id": customer,
            "changed_at": f"{changed_at.isoformat()}Z",
            "voided": voided,
            "total": str(total),
        }

    async def alive(self) -> bool:
        """Tell whether the database answers."""
        return await self._rows("SELECT 1") == [(1,)]

    def _store(self, rows: list[SaleRow]) -> Stored:
        database = self._database
        before = self._counts()
        database.begin()
        try:
            changed = database.execute(_STORE_SALES, [[asdict(row) for row in rows]]).fetchall()
            database.execute(_STORE_LINES, [[asdict(line) for row in rows for line in row.lines]])
            database.execute(_REACH, [max(row.changed_at for row in rows)])
            database.commit()
        except duckdb.Error:
            database.rollback()
            raise
        after = self._counts()
        return Stored(len(changed), after[0] - before[0], after[1] - before[1])

    def _counts(self) -> tuple[int, int]:
        found = self._database.execute("SELECT (SELECT count(*) FROM sales), (SELECT count(*) FROM sale_lines)")
        sales, lines = found.fetchall()[0]
        return sales, lines

    async def _rows(self, query: str, *values: object) -> list[Any]:
        return await self._run(lambda: self._database.execute(query, list(values)).fetchall())

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
