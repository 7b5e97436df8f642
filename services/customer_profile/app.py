"""Customer profiles: `GET /profiles/{customer_id}`. Set PROFILE_TTL to the seconds that a profile is kept (60)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, HTTPException

import tocsin
from services.customer_profile.monitoring import CUSTOMER_PROFILE
from services.customer_profile.profiles import Cache, Profiles
from services.customer_profile.sources import BigQuery, Lightspeed, SourceError

PROBE_INTERVAL = 10.0
"""Seconds between two looks at the sources."""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load both sources, and watch them until the service stops."""
    lightspeed, bigquery = await asyncio.gather(asyncio.to_thread(Lightspeed), asyncio.to_thread(BigQuery))
    cache = Cache(float(os.environ.get("PROFILE_TTL", "60")))
    app.state.profiles = profiles = Profiles(lightspeed, bigquery, cache, obs)
    for source in (lightspeed, bigquery):
        await profiles.probe(source)
    watching = asyncio.create_task(profiles.watch(PROBE_INTERVAL))
    yield
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    await asyncio.gather(lightspeed.close(), bigquery.close())


app = FastAPI(title="Customer profiles", lifespan=lifespan)
obs = tocsin.observe(app, CUSTOMER_PROFILE)


@app.get("/profiles/{customer_id}")
async def profile(customer_id: int) -> dict[str, Any]:
    """Return who a customer is and what they buy."""
    try:
        found = await _profiles().profile(customer_id)
    except SourceError as cause:
        raise HTTPException(503, "The customer records cannot be read at the moment.") from cause
    if found is None:
        raise HTTPException(404, f"There is no customer {customer_id}.")
    return found


async def lightspeed_answers() -> bool:
    """Tell whether the customer records can be read; without purchases the service still answers."""
    return await _profiles().probe(_profiles().lightspeed)


obs.ready("lightspeed", lightspeed_answers)


def _profiles() -> Profiles:
    profiles: Profiles = app.state.profiles
    return profiles
