"""The client of Lightspeed's API: every page, at the pace that its rate limit allows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from services.lightspeed_bigquery.monitoring import MALFORMED, RATE_LIMITED, UNAUTHORIZED, UNAVAILABLE

PATIENCE = 30
"""How many times one page may be refused for the rate limit before the run gives up."""


class SyncError(Exception):
    """A sync cannot go on; *kind* is one of the error types."""

    def __init__(self, kind: str, why: str) -> None:
        """Keep the kind apart from the sentence."""
        super().__init__(why)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Lightspeed:
    """Reads sales with *client*, whose base URL and token are those of the API."""

    client: httpx.AsyncClient
    account: str = "1"
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def sales(self, since: datetime) -> AsyncIterator[list[dict[str, Any]]]:
        """Yield pages of sales changed since a moment, oldest change first.

        Raises:
            SyncError: the API is away, refuses the token, or answers in another form.

        """
        path = f"/API/V3/Account/{self.account}/Sale.json"
        url = str(httpx.URL(path, params={"timeStamp": f">=,{since.isoformat()}"}))
        while url:
            answer = await self._get(url)
            sales, url = _page(answer)
            yield sales
            if url:
                await self._pace(answer)

    async def _get(self, url: str) -> httpx.Response:
        for _ in range(PATIENCE):
            try:
                answer = await self.client.get(url)
            except httpx.HTTPError as cause:
                raise SyncError(UNAVAILABLE, f"Lightspeed does not answer: {type(cause).__name__}.") from cause
            if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                await self.sleep(_number(answer.headers.get("Retry-After"), 1.0))
                continue
            if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
                raise SyncError(UNAUTHORIZED, "Lightspeed refuses our token.")
            if not answer.is_success:
                raise SyncError(UNAVAILABLE, f"Lightspeed answers with status {answer.status_code}.")
            return answer
        raise SyncError(RATE_LIMITED, f"Lightspeed refused a page {PATIENCE} times for its rate limit.")

    async def _pace(self, answer: httpx.Response) -> None:
        """Wait for the bucket to leak before a request that would not fit."""
        level, _, size = answer.headers.get("X-LS-API-Bucket-Level", "").partition("/")
        drip = _number(answer.headers.get("X-LS-API-Drip-Rate"), 1.0)
        full = _number(level, 0.0) + 1 - _number(size, 60.0)
        if full > 0 and drip > 0:
            await self.sleep(full / drip)


def _page(answer: httpx.Response) -> tuple[list[dict[str, Any]], str]:
    """Return a page's sales, and where the next one is; never on another host, which must not see our token."""
    try:
        page = answer.json()
        sales, following = [dict(sale) for sale in page["Sale"]], page["@attributes"]["next"]
        return sales, httpx.URL(following).raw_path.decode() if following else ""
    except (ValueError, KeyError, TypeError, httpx.InvalidURL) as cause:
        raise SyncError(MALFORMED, "Lightspeed's page is not in the form that we know.") from cause


def _number(text: str | None, default: float) -> float:
    try:
        return float(text or "")
    except ValueError:
        return default
