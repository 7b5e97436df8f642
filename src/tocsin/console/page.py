"""A page: its address, what it looks at, and how that is drawn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from tocsin.console.sources import Sources

Redraw = Callable[[Any], None]
"""Puts a newer view into what was drawn before; without one the page is drawn anew when its view has changed."""


@dataclass(slots=True, kw_only=True)
class Visit:
    """A reader at a page: what may be looked at, the *query* of the address, and how the reader goes on.

    *go* changes the query of the address, a value or several of each name (`None` takes it out), and looks again, as
    *look_again* does. *dark* tells which palette the reader sees. *every* so many seconds the page is looked at again,
    if any; a page may change it.
    """

    sources: Sources
    query: QueryParams
    dark: bool
    go: Callable[[Mapping[str, str | tuple[str, ...] | None]], Awaitable[None]]
    look_again: Callable[[], Awaitable[None]]
    every: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the console.

    *look* returns its view, a frozen dataclass, for the query of its address; that view as JSON is at `path + ".json"`.
    *draw* puts a view on the screen; it may return how a newer view is put into it. Every so many seconds, if any, the
    page is looked at again. *below* is a path behind the page's own, whose parts are as good as a query.
    """

    path: str
    title: str
    look: Callable[[Sources, QueryParams], Awaitable[Any]]
    draw: Callable[[Any, Visit], Redraw | None]
    every: float | None = 5.0
    below: str = ""
