"""Video commerce: a page with a player, and the beacons that it sends."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from pydantic import ValidationError

import tocsin
from services import shop
from services.video_commerce.beacons import Beacon, record
from services.video_commerce.monitoring import VIDEO_COMMERCE

LIMIT = 16_384
"""Bytes of the largest beacon."""

_HERE = Path(__file__).parent
_SECURITY = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; media-src 'self' blob: mediastream:",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
PAGE = (_HERE / "page.html").read_text(encoding="utf-8")
ASSETS = {
    "page.css": ((_HERE / "page.css").read_text(encoding="utf-8"), "text/css"),
    "player.js": ((_HERE / "player.js").read_text(encoding="utf-8"), "text/javascript"),
}
SHOWN = [asdict(product) for product in shop.PRODUCTS if not product.sold_out][::4]

app = FastAPI(title="Video commerce")
obs = tocsin.observe(app, VIDEO_COMMERCE)


@app.get("/")
async def page() -> Response:
    """Return the page."""
    return Response(PAGE, media_type="text/html", headers={**_SECURITY, "Cache-Control": "no-cache"})


@app.get("/assets/{name}")
async def asset(name: str) -> Response:
    """Return the page's style or script."""
    if name not in ASSETS:
        raise HTTPException(404, f"There is no asset {name}.")
    text, media_type = ASSETS[name]
    return Response(text, media_type=media_type, headers={**_SECURITY, "Cache-Control": "max-age=300"})


@app.get("/products")
async def products() -> list[dict[str, Any]]:
    """Return the products of the show, in their order."""
    return SHOWN


@app.post("/beacons", status_code=204)
async def beacons(request: Request) -> None:
    """Take what a page tells about itself."""
    try:
        beacon = Beacon.model_validate_json(await _body(request))
    except ValidationError as cause:
        problems = [f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in cause.errors()[:5]]
        raise HTTPException(422, problems) from cause
    record(beacon, obs)


async def _body(request: Request) -> bytes:
    """Read the body, and stop as soon as it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LIMIT:
            raise HTTPException(413, f"A beacon has at most {LIMIT} bytes.")
    return bytes(body)


def page_is_whole() -> bool:
    """Tell whether the page refers to every asset that there is."""
    return all(f"/assets/{name}" in PAGE for name in ASSETS)


obs.ready("page", page_is_whole)
