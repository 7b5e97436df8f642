"""The retail shop's API, shaped like Lightspeed Retail's (R-Series, V3).

Sales come in pages, oldest change first: `GET /API/V3/Account/1/Sale.json?timeStamp=>=,2026-01-31T12:00:00+00:00`,
then whatever address `@attributes.next` holds.

Set LIGHTSPEED_TOKEN to ask for another bearer token, and DRIP_INTERVAL to the seconds in which one unit leaves the
bucket (1).
"""

from __future__ import annotations

import base64
import os
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request, Response

from services.lightspeed_api import till
from services.lightspeed_api.bucket import Bucket

ACCOUNT = "1"
PAGE = 100
"""As many records as a page may have."""


def create(size: float = 60, drip: float = 1, clock: Callable[[], float] = time.time) -> FastAPI:
    """Return the API with a bucket of this size and drip rate; *clock* tells seconds since the Unix epoch."""
    app = FastAPI(title="Lightspeed-like API", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.bucket = bucket = Bucket(size, drip, clock)

    async def limited(response: Response, authorization: Annotated[str, Header()] = "") -> None:
        token = os.environ.get("LIGHTSPEED_TOKEN", "shop")
        if not secrets.compare_digest(authorization.encode(), f"Bearer {token}".encode()):
            raise HTTPException(401, "The bearer token is missing or wrong.")
        if wait := bucket.take():
            raise HTTPException(429, "Rate limit exceeded.", bucket.headers(wait))
        response.headers.update(bucket.headers())

    @app.get("/API/V3/Account/{account}/Sale.json", dependencies=[Depends(limited)])
    async def sales(
        request: Request,
        account: str,
        since: Annotated[str, Query(alias="timeStamp")] = "",
        after: str = "",
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    ) -> dict[str, Any]:
        if account != ACCOUNT:
            raise HTTPException(404, f"There is no account {account}.")
        event = _event_of(after) if after else till.first_event(_moment(since))
        page = list(islice(till.receipts(event, clock()), limit + 1))
        following = ""
        if len(page) > limit:
            following = str(request.url.include_query_params(after=_token(page[limit].event)))
        return {
            "@attributes": {"next": following, "previous": ""},
            "Sale": [receipt.document() for receipt in page[:limit]],
        }

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    return app


def _moment(condition: str) -> datetime:
    """Read the moment of a condition like `>=,2026-01-31T12:00:00+00:00`."""
    try:
        return datetime.fromisoformat(condition.removeprefix(">=,")).astimezone(UTC)
    except (ValueError, OverflowError) as cause:
        raise HTTPException(
            400, "timeStamp must be a condition like >=,2026-01-31T12:00:00+00:00 (mind the + in a URL)."
        ) from cause


def _token(event: int) -> str:
    return base64.urlsafe_b64encode(str(event).encode()).decode()


def _event_of(token: str) -> int:
    try:
        return max(0, int(base64.urlsafe_b64decode(token)))
    except ValueError as cause:
        raise HTTPException(400, "after must be the token of a page's `next` address.") from cause


app = create(drip=1 / float(os.environ.get("DRIP_INTERVAL", "1")))
