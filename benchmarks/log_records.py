"""Lines as the SDK writes them: requests of five services, each with what was said while it was answered."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

GOOGLE = "logging.googleapis.com"
SERVICES = ("voice-commerce", "customer-profile", "lightspeed-bigquery", "si-recommendations", "video-commerce")
ROUTES = (
    "/",
    "/items/{item_id}",
    "/orders",
    "/orders/{order_id}",
    "/carts/{cart_id}",
    "/search",
    "/login",
    "/payments",
    "/stock/{outlet}",
    "/webhooks/voice",
)
ERRORS = (
    "connection refused to db-primary",
    "timeout after 30s calling payments",
    "invalid token",
    "deadlock detected",
    "rate limited by provider",
    "bad gateway",
)
AGENTS = (
    "curl/8.5.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36",
    "python-httpx/0.28.1",
)
_STACK = 'Traceback (most recent call last):\n  File "/srv/app.py", line 10, in app\n    pay(order)\nRuntimeError: {}\n'
_START = datetime(2026, 11, 24, 6, tzinfo=UTC)


def write(path: Path, count: int) -> None:
    """Write *count* lines, within a day; the same each time."""
    rng = random.Random(7)  # noqa: S311 - the same lines each time
    written, at = 0, 0.0
    with path.open("wb", 1 << 20) as file:
        while written < count:
            at += rng.expovariate(60)
            for line in _request(rng, at):
                if written < count:
                    file.write(orjson.dumps(line) + b"\n")
                    written += 1


def _request(rng: random.Random, at: float) -> Iterator[dict[str, Any]]:
    service, route, failed = rng.choice(SERVICES), rng.choice(ROUTES), rng.random() < 0.03
    trace, latency = f"{rng.getrandbits(128):032x}", rng.lognormvariate(-3, 1)

    def said(severity: str, after: float, message: str, **more: Any) -> dict[str, Any]:
        return {
            "severity": severity,
            "serviceContext": {"service": service, "version": "1.42.0"},
            f"{GOOGLE}/labels": {"environment": "production", "request_id": trace},
            f"{GOOGLE}/trace": f"projects/shop/traces/{trace}",
            f"{GOOGLE}/trace_sampled": False,
            "time": (_START + timedelta(seconds=at + after)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "message": message,
            **more,
        }

    for _ in range(rng.choice((1, 1, 2))):
        words, fields = _words(rng)
        yield said("INFO", latency * rng.random(), words, fields=fields)
    if failed:
        error = rng.choice(ERRORS)
        place = {"file": f"/srv/{service}/app.py", "line": str(rng.randrange(20, 200)), "function": "pay"}
        more = {f"{GOOGLE}/sourceLocation": place, "stack_trace": _STACK.format(error), "fields": {"attempt": 1}}
        yield said("ERROR", latency * 0.9, error, **more)
    status = 500 if failed else 200
    number = str(rng.randrange(99_999))
    request = {
        "requestMethod": "GET",
        "status": status,
        "protocol": "HTTP/1.1",
        "requestUrl": route.replace("{", "").replace("}", "").replace("_id", number),
        "latency": f"{latency:.6f}s",
        "userAgent": rng.choice(AGENTS),
    }
    severity, message = "ERROR" if failed else "INFO", f"GET {route} {status}"
    yield said(severity, latency, message, httpRequest=request, fields={"route": route})


def _words(rng: random.Random) -> tuple[str, dict[str, Any]]:
    """Return what an application says, and its fields."""
    match rng.randrange(3):
        case 0:
            return "Sale synced", {"sale_id": f"{rng.getrandbits(32):08x}", "outlet": "berlin", "attempt": 1}
        case 1:
            return "Command understood", {"intent": "order", "confidence": round(rng.random(), 2)}
    return "Stock looked up", {"sku": f"sku-{rng.randrange(5000)}", "left": rng.randrange(100)}
