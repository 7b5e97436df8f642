"""How many bytes the line of an answered request has: what `tocsin show --cost` reckons with."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import tocsin
from tests.sdk.reading import client
from tocsin import Service
from tocsin.derive.cost import REQUEST_LINE

pytestmark = pytest.mark.anyio

AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/604.1",
    "python-httpx/0.28.1",
)
PATHS = ("/", "/orders/48151", "/customers/3cf4b2/profile", "/recommendations/rings/size-54")


@pytest.fixture(autouse=True)
def _deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the service run as on Cloud Run."""
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "a-project-of-ours")
    monkeypatch.setenv("K_REVISION", "shop-00042-abc")


async def test_the_line_of_a_request_has_the_bytes_that_costs_reckon_with(
    shop: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    async def answer(_: Request) -> Response:
        return Response("ok")

    app = Starlette(routes=[Route("/", answer), Route("/{kind}/{id}", answer), Route("/{kind}/{id}/{part}", answer)])
    tocsin.observe(app, shop)
    async with client(app) as caller:
        for agent in AGENTS:
            for path in PATHS:
                traced = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "user-agent": agent}
                await caller.get(path, headers=traced)
    lines = [line for line in capsys.readouterr().out.encode().splitlines(keepends=True) if b"httpRequest" in line]
    assert len(lines) == len(AGENTS) * len(PATHS)
    mean = sum(map(len, lines)) / len(lines)
    assert 0.9 * REQUEST_LINE <= mean <= 1.1 * REQUEST_LINE, mean
