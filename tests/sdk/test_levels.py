"""The level of what is said can be changed while the process runs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

import tocsin
from tests.sdk.reading import Line, client
from tocsin import DeclarationError, Service

pytestmark = pytest.mark.anyio

Said = Callable[[], list[Line]]
NAMES = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio, whose threads structlog's coroutines use."""
    return "asyncio"


async def nowhere(scope: Any, receive: Any, send: Any) -> None:
    """Answer nothing."""


@pytest.mark.parametrize("level", [*NAMES, "info"])
async def test_a_new_level_holds_for_whatever_there_was_before(shop: Service, said: Said, level: str) -> None:
    obs = tocsin.observe(nowhere, shop)
    ways = (obs.log, obs.log.bind(a=1), structlog.get_logger().bind(), structlog.get_logger(), logging.getLogger("lib"))
    for other in ("CRITICAL", "DEBUG", level):
        obs.level(other)
    for name in NAMES:
        for way in ways:
            getattr(way, name.lower())("said")
        await obs.log.__getattribute__(f"a{name.lower()}")("said")
        obs.log.log(getattr(logging, name), "said")
    expected = NAMES[NAMES.index(level.upper()) :]
    assert [line["severity"] for line in said()] == [name for name in expected for _ in range(7)]
    assert [obs.log.is_enabled_for(getattr(logging, name)) for name in NAMES] == [name in expected for name in NAMES]
    assert obs.log.get_effective_level() == getattr(logging, level.upper())


async def test_exceptions_are_silent_below_the_level(shop: Service, said: Said) -> None:
    obs = tocsin.observe(nowhere, shop)
    obs.level("CRITICAL")
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        obs.log.exception("said")
        await obs.log.aexception("said")
    assert said() == []


async def test_requests_follow_the_level_while_the_process_runs(shop: Service, said: Said) -> None:
    app = Starlette(routes=[Route(f"/{status}", Response(status_code=status)) for status in (200, 500)])
    obs = tocsin.observe(app, shop)
    async with client(app) as caller:
        for level, statuses in (("INFO", [200, 500]), ("ERROR", [500]), ("CRITICAL", []), ("DEBUG", [200, 500])):
            obs.level(level)
            for status in (200, 500):
                await caller.get(f"/{status}")
            assert [line["httpRequest"]["status"] for line in said() if "httpRequest" in line] == statuses


def test_a_level_that_means_nothing_is_refused_in_a_sentence(shop: Service) -> None:
    obs = tocsin.observe(nowhere, shop)
    with pytest.raises(DeclarationError, match=r"^'loud' is no level: set one of DEBUG, INFO"):
        obs.level("loud")
