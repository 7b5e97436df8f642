"""One sync after the other: from Lightspeed's pages to the warehouse's rows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import duckdb

from services.lightspeed_bigquery.lightspeed import Lightspeed, SyncError
from services.lightspeed_bigquery.monitoring import (
    FAILED,
    LAST_SUCCESS,
    MALFORMED,
    ROWS_INSERTED,
    SALES_SYNCED,
    SUCCEEDED,
    SYNC_ERRORS,
    SYNC_LATENCY,
    SYNC_RUNS,
    WAREHOUSE,
)
from services.lightspeed_bigquery.warehouse import SaleLine, SaleRow, Warehouse
from tocsin import Observer


@dataclass(frozen=True, slots=True)
class Report:
    """How a sync ended: the sales that were new or changed, those set aside, and why it failed, if it did."""

    synced: int
    set_aside: int
    seconds: float
    error: str = ""


@dataclass(slots=True)
class Pipeline:
    """Brings sales to the warehouse, one run at a time; the first run goes back for *lookback*."""

    lightspeed: Lightspeed
    warehouse: Warehouse
    obs: Observer
    lookback: timedelta = timedelta(minutes=30)
    clock: Callable[[], float] = time.time
    last: Report | None = None
    _running: asyncio.Task[Report] | None = field(default=None, init=False)

    async def resume(self) -> None:
        """Tell when a sync last succeeded, as the warehouse remembers it."""
        _, succeeded = await self.warehouse.position()
        if succeeded:
            self.obs.set(LAST_SUCCESS, succeeded.replace(tzinfo=UTC).timestamp())

    async def sync(self) -> Report:
        """Run a sync, or join the one that is running."""
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        return await asyncio.shield(self._running)

    async def every(self, interval: float) -> None:
        """Sync for ever, with *interval* seconds between two runs."""
        while True:
            try:
                await self.sync()
            except Exception:
                self.obs.log.exception("Sync broke")
            await asyncio.sleep(interval)

    async def stop(self) -> None:
        """Break off the sync that is running; its finished pages stay, and the next run goes on behind them."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self) -> Report:
        begun, synced, set_aside, error = time.perf_counter(), 0, 0, "unexpected"
        try:
            async for sales in self.lightspeed.sales(await self._since()):
                rows = list(self._rows(sales))
                set_aside += len(sales) - len(rows)
                synced += await self._store(rows)
            await self._succeed()
            error = ""
        except (SyncError, duckdb.Error) as cause:
            error = cause.kind if isinstance(cause, SyncError) else WAREHOUSE
            self.obs.count(SYNC_ERRORS, error_type=error)
            self.obs.log.exception("Sync failed", error_type=error)
        finally:
            self.last = Report(synced, set_aside, round(time.perf_counter() - begun, 6), error)
            self.obs.count(SYNC_RUNS, outcome=FAILED if error else SUCCEEDED)
            self.obs.record(SYNC_LATENCY, self.last.seconds)
        self.obs.log.info("Sync ended", synced=synced, set_aside=set_aside, latency_ms=self.last.seconds * 1000)
        return self.last

    async def _since(self) -> datetime:
        reached, _ = await self.warehouse.position()
        return reached.replace(tzinfo=UTC) if reached else datetime.fromtimestamp(self.clock(), UTC) - self.lookback

    async def _store(self, rows: list[SaleRow]) -> int:
        if not rows:
            return 0
        stored = await self.warehouse.store(rows)
        self.obs.count(SALES_SYNCED, by=stored.sales)
        self.obs.count(ROWS_INSERTED, by=stored.new_sales, table="sales")
        self.obs.count(ROWS_INSERTED, by=stored.new_lines, table="sale_lines")
        return stored.sales

    async def _succeed(self) -> None:
        now = self.clock()
        await self.warehouse.succeed(datetime.fromtimestamp(now, UTC).replace(tzinfo=None))
        self.obs.set(LAST_SUCCESS, now)

    def _rows(self, sales: list[dict[str, Any]]) -> Iterator[SaleRow]:
        for sale in sales:
            try:
                yield row(sale)
            except (KeyError, TypeError, ValueError, InvalidOperation):
                self.obs.count(SYNC_ERRORS, error_type=MALFORMED)
                self.obs.log.warning("Sale set aside: malformed", sale_id=str(sale.get("saleID", "")))


def row(sale: dict[str, Any]) -> SaleRow:
    """Read a sale of the API as a row.

    Raises:
        KeyError, TypeError, ValueError, InvalidOperation: something is missing or of another form.

    """
    sale_id = int(sale["saleID"])
    return SaleRow(
        sale_id=sale_id,
        customer_id=int(sale["customerID"]),
        changed_at=datetime.fromisoformat(sale["timeStamp"]).astimezone(UTC).replace(tzinfo=None),
        voided=sale["voided"] == "true",
        total=Decimal(sale["calcTotal"]),
        lines=tuple(
            SaleLine(
                line_id=int(line["saleLineID"]),
                sale_id=sale_id,
                product_id=int(line["itemID"]),
                quantity=int(line["unitQuantity"]),
                unit_price=Decimal(line["unitPrice"]),
            )
            for line in sale["SaleLines"]["SaleLine"]
        ),
    )
