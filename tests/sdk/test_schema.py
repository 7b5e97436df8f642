"""The page says of which members a record is made; a table can be made of it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import tocsin
from tests.sdk.reading import Line, client
from tocsin import Service

pytestmark = pytest.mark.anyio

PAGE = Path(__file__).parents[2] / "docs" / "sdk.md"
TYPES = {"string": str, "boolean": bool, "integer": int, "object": dict}
Said = Callable[[], list[Line]]


def documented() -> dict[str, type]:
    rows = re.findall(r"^\| `(\S+)` \| .* \| (string|boolean|integer|object) \|$", PAGE.read_text(), re.MULTILINE)
    return {name: TYPES[kind] for name, kind in rows}


def members(line: Line) -> Iterator[tuple[str, Any]]:
    for name, value in line.items():
        if isinstance(value, dict) and name != "fields":
            yield from ((f"{name}.{inner}", it) for inner, it in value.items())
        else:
            yield name, value


async def test_every_line_has_the_members_of_the_table_and_their_types(shop: Service, said: Said) -> None:
    async def ask(_: Request) -> Response:
        for value in (1, "one", [1], {"a": 1}, None, 1.5, object()):
            obs.log.info("said", value=value, severity=value, time=value, httpRequest=value)
            logging.getLogger("lib").error("said", extra={"fields": value, "stack_trace": value})
        raise LookupError("no such ring")

    app = Starlette(routes=[Route("/ask", ask)])
    obs = tocsin.observe(app, shop)
    async with client(app) as caller:
        headers = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "user-agent": "a browser"}
        await caller.get("/ask", headers=headers)
    try:
        await ask(Request({"type": "http"}))
    except LookupError:
        obs.log.exception("broken")
    known, seen = documented(), set()
    for line in said():
        assert set(line) >= {"severity", "time", "message", "serviceContext", "logging.googleapis.com/labels"}
        for name, value in members(line):
            assert type(value) is known[name], (name, value)
            seen.add(name)
    assert seen == set(known)
