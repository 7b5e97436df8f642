"""Log records are counted by severity, whichever way they come, as often as there are lines."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import tocsin
from tests.sdk.reading import Line, client, exposed
from tests.sdk.test_drain import ASYNC, GUNICORN, UVICORN, running
from tests.sdk.test_servers_workers import scraped
from tests.waiting import until
from tocsin import Observer, Service
from tocsin.model import LOG_SEVERITIES

pytestmark = pytest.mark.anyio

Said = Callable[[], list[Line]]
NAME = re.compile(r'log_records_total\{severity="(\w+)"\}')
LINE = re.compile(r'^\{"severity":"(\w+)"', re.MULTILINE)


class Unspeakable:
    """Raises when it is spelled."""

    def __str__(self) -> str:
        raise ValueError("no")


def counted(found: dict[str, float]) -> dict[str, float]:
    """Return the counts that are not 0, by severity."""
    matches = ((NAME.fullmatch(name), value) for name, value in found.items())
    return {match[1]: value for match, value in matches if match and value}


async def nowhere(scope: Any, receive: Any, send: Any) -> None:
    """Answer nothing."""


@pytest.fixture(name="obs")
def _obs(shop: Service) -> Observer:
    return tocsin.observe(nowhere, shop)


def test_every_severity_starts_at_0(obs: Observer) -> None:
    names = {NAME.fullmatch(name): value for name, value in exposed(obs).items() if name.startswith("log_records")}
    assert {match[1] for match in names if match} == {*LOG_SEVERITIES, "other"}
    assert set(names.values()) == {0}


WAYS: dict[str, Callable[[Observer, str, str], object]] = {
    "obs.log": lambda obs, level, text: getattr(obs.log, level)(text, text=text),
    "structlog": lambda _, level, text: getattr(structlog.get_logger(), level)(text),
    "logging": lambda _, level, text: getattr(logging.getLogger("shop"), level)("%s", text),
    "not spelled": lambda obs, level, _: getattr(obs.log, level)(Unspeakable(), it=Unspeakable()),
    "an exception": lambda obs, level, text: getattr(obs.log, level)(text, exc_info=ValueError(text)),
    "long": lambda obs, level, text: getattr(obs.log, level)("long " * 100_000, text=text),
}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(WAYS)), st.sampled_from(["debug", "info", "warning", "error", "critical"]), st.text()
        ),
        max_size=12,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_there_are_as_many_counts_as_lines(shop: Service, said: Said, records: list[tuple[str, str, str]]) -> None:
    obs = tocsin.observe(nowhere, shop)
    said()
    for way, level, text in records:
        WAYS[way](obs, level, text)
    assert counted(exposed(obs)) == Counter(line["severity"] for line in said())


async def test_requests_are_counted_as_their_lines_are(shop: Service, said: Said) -> None:
    async def answer(request: Request) -> Response:
        return Response(status_code=int(request.path_params["status"]))

    app = Starlette(routes=[Route("/{status}", answer)])
    obs = tocsin.observe(app, shop)
    async with client(app) as caller:
        for status in (200, 204, 404, 500, 503):
            await caller.get(f"/{status}")
    assert counted(exposed(obs)) == {"INFO": 3, "ERROR": 2}
    assert Counter(line["severity"] for line in said()) == {"INFO": 3, "ERROR": 2}


async def test_what_the_level_leaves_out_is_not_counted(shop: Service) -> None:
    app = Starlette(routes=[Route("/", lambda _: Response())])
    obs = tocsin.observe(app, shop)
    obs.level("ERROR")
    obs.log.warning("left out")
    async with client(app) as caller:
        await caller.get("/")
    assert counted(exposed(obs)) == {}


def test_lines_for_people_are_counted_too(shop: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_FORMAT", "console")
    obs = tocsin.observe(nowhere, shop)
    obs.log.error("Broken")
    logging.getLogger("shop").warning("Odd")
    assert counted(exposed(obs)) == {"ERROR": 1, "WARNING": 1}


@pytest.mark.parametrize(
    "server",
    [
        (*UVICORN, "--workers", "2"),
        (*GUNICORN, "--workers", "2"),
        (*GUNICORN, "--workers", "2", "--preload"),
        (*ASYNC, "--workers", "2", "--preload"),
    ],
)
def test_workers_are_counted_together_and_a_master_is_no_worker(server: tuple[str, ...], tmp_path: Path) -> None:
    with running(tmp_path, server) as (_, url):
        for _ in range(40):
            assert httpx.get(f"{url}/nowhere").status_code == 404

        def alike() -> bool:
            lines = Counter(LINE.findall((tmp_path / "log").read_text()))
            return lines["INFO"] >= counted(scraped(url)).get("INFO", 0) >= 40

        until(alike, "the counts of both workers")
        assert scraped(url)["tocsin_sdk_workers"] <= 2
