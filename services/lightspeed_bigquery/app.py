"""The pipeline as a service: it syncs by itself, and answers what was sold.

Set LIGHTSPEED_URL and LIGHTSPEED_TOKEN to the API's, WAREHOUSE to the path of the database (in memory without it),
SYNC_INTERVAL to the seconds between two syncs (15), and LOOKBACK to the seconds that the first one goes back (1800).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import httpx
from fastapi import FastAPI, HTTPException, Query

import tocsin
from services import shop
from services.lightspeed_bigquery.lightspeed import Lightspeed
from services.lightspeed_bigquery.monitoring import LIGHTSPEED_BIGQUERY
from services.lightspeed_bigquery.pipeline import Pipeline
from services.lightspeed_bigquery.warehouse import Warehouse

TIMEOUT = 10.0
"""Seconds to wait for a page."""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the warehouse, and sync until the service stops."""
    warehouse = await asyncio.to_thread(Warehouse, os.environ.get("WAREHOUSE", ":memory:"))
    async with httpx.AsyncClient(
        base_url=os.environ.get("LIGHTSPEED_URL", "http://127.0.0.1:8090"),
        headers={"Authorization": f"Bearer {os.environ.get('LIGHTSPEED_TOKEN', 'shop')}"},
        timeout=TIMEOUT,
    ) as client:
        lookback = timedelta(seconds=float(os.environ.get("LOOKBACK", "1800")))
        app.state.warehouse = warehouse
        app.state.pipeline = pipeline = Pipeline(Lightspeed(client), warehouse, obs, lookback)
        await pipeline.resume()
        syncing = asyncio.create_task(pipeline.every(float(os.environ.get("SYNC_INTERVAL", "15"))))
        yield
        syncing.cancel()
        await asyncio.gather(syncing, return_exceptions=True)
        await pipeline.stop()
    await warehouse.close()


app = FastAPI(title="Lightspeed BigQuery pipeline", lifespan=lifespan)
obs = tocsin.observe(app, LIGHTSPEED_BIGQUERY)


@app.get("/sales/summary")
async def summary(hours: Annotated[int, Query(ge=1, le=24 * 366)] = 24) -> dict[str, Any]:
    """Count and sum up the sales of the last hours."""
    since = datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=hours)
    return await _warehouse().summary(since)


@app.get("/sales/{sale_id}")
async def sale(sale_id: int) -> dict[str, Any]:
    """Return one sale."""
    found = await _warehouse().sale(sale_id)
    if found is None:
        raise HTTPException(404, f"The warehouse knows no sale {sale_id}.")
    return found


@app.get("/products/top")
async def top(limit: Annotated[int, Query(ge=1, le=100)] = 5) -> list[dict[str, Any]]:
    """Return the products sold most."""
    names = {product.id: product.name for product in shop.PRODUCTS}
    return [{**row, "name": names.get(row["product_id"], "")} for row in await _warehouse().top(limit)]


@app.get("/sync")
async def status() -> dict[str, Any]:
    """Tell how far the sales are known, when a sync last succeeded, and how the last one ended."""
    reached, succeeded = await _warehouse().position()
    last = _pipeline().last
    return {
        "reached": reached and f"{reached.isoformat()}Z",
        "succeeded": succeeded and f"{succeeded.isoformat()}Z",
        "last": last and asdict(last),
    }


@app.post("/sync")
async def sync() -> dict[str, Any]:
    """Sync now, or wait for the sync that is running."""
    report = await _pipeline().sync()
    if report.error:
        raise HTTPException(502, f"The sync failed: {report.error}.")
    return asdict(report)


async def warehouse_answers() -> bool:
    """Tell whether the warehouse answers."""
    return await _warehouse().alive()


obs.ready("warehouse", warehouse_answers)


def _warehouse() -> Warehouse:
    warehouse: Warehouse = app.state.warehouse
    return warehouse


def _pipeline() -> Pipeline:
    pipeline: Pipeline = app.state.pipeline
    return pipeline
