"""The console's frame: the application, the navigation, how a page is shown and kept up to date, and its JSON twin."""

from __future__ import annotations

import html
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from nicegui import app as pages
from nicegui import ui

from tocsin.console.guard import Guard
from tocsin.console.looks import Looks
from tocsin.console.page import Page
from tocsin.console.showing import Showing
from tocsin.console.sources import Sources

STATIC = Path(__file__).parent / "static"

SCHEME = "scheme"
"""The cookie that tells which of dark and light the reader sees."""

_JSON = "application/json"
_PRIMARY = "#2563eb"
_SCRIPTS = "".join(f'<script src="/static/{script.name}"></script>' for script in sorted(STATIC.glob("*.js")))
_SHEETS = sorted(sheet.name for sheet in STATIC.glob("*.css"))


def application(register: Sequence[Page], opening: Callable[[], AbstractAsyncContextManager[Sources]]) -> FastAPI:
    """Return the console as an ASGI application, which shows the pages of *register*; the first of them is at `/` too.

    *opening* is an asynchronous context manager of the sources, entered when the application starts. There is one
    application in a process, for NiceGUI keeps its pages in one place.
    """
    held: list[Looks] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with opening() as sources:
            held.append(Looks(sources))
            yield
            held.clear()

    outer = FastAPI(lifespan=lifespan, openapi_url=None)
    for page in register:
        _add(page, register, held)
    pages.get("/")(partial(_to, register[0].path))
    pages.get("/healthz")(_healthz)
    pages.add_static_files("/static", STATIC, max_cache_age=0)
    ui.run_with(
        outer,
        title="Tocsin",
        language="en-US",
        favicon=STATIC / "bell.svg",
        tailwind=False,
        reconnect_timeout=10.0,
        binding_refresh_interval=None,
        show_welcome_message=False,
    )
    outer.add_middleware(Guard)
    return outer


def _to(path: str) -> Response:
    return RedirectResponse(path)


def _healthz() -> dict[str, str]:
    return {"status": "ok"}


def _add(page: Page, register: Sequence[Page], held: list[Looks]) -> None:
    async def show(request: Request) -> None:
        dark = request.cookies.get(SCHEME) == "dark"
        ui.dark_mode(dark)
        ui.colors(primary=_PRIMARY)
        _head(page)
        _navigation(page, register)
        await Showing(page, held[0], request.query_params, dark=dark).begin()

    async def twin(request: Request) -> Response:
        view = await page.look(held[0].sources, request.query_params)
        return Response(orjson.dumps(view, default=_plain, option=orjson.OPT_NON_STR_KEYS), media_type=_JSON)

    async def into(request: Request) -> Response:
        return RedirectResponse(f"{page.path}?{urlencode(request.path_params)}")

    ui.page(page.path, title=f"{page.title} · Tocsin")(show)
    if page.below:
        pages.get(f"{page.path}{page.below}")(into)
    pages.get(f"{page.path}.json")(twin)


def _plain(value: Any) -> Any:
    """Return what JSON has for *value*."""
    return dict(value) if hasattr(value, "keys") else list(value) if hasattr(value, "__iter__") else str(value)


def _head(page: Page) -> None:
    sheets = "".join(f'<link rel="stylesheet" href="/static/{sheet}">' for sheet in _SHEETS)
    ui.add_head_html(f"{_SCRIPTS}{sheets}")
    twin = html.escape(f"{page.path}.json", quote=True)
    ui.add_head_html(f'<link rel="alternate" type="{_JSON}" href="{twin}">')


def _navigation(here: Page, register: Sequence[Page]) -> None:
    with ui.header(elevated=False).classes("top"):
        ui.link("Skip to the page", "#page").classes("skip")
        ui.link("Tocsin", "/").classes("name")
        with ui.element("nav").props('aria-label="Pages"'):
            for page in register:
                link = ui.link(page.title, page.path)
                if page is here:
                    link.props('aria-current="page"')
        ui.element("button").props('id="scheme" type="button" aria-label="Dark or light" title="Dark or light"')
