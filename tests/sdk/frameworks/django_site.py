"""A site of Django's, and its views."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import django
from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import include, path, re_path

if not settings.configured:
    settings.configure(ALLOWED_HOSTS=["shop.example"], LOGGING_CONFIG=None, ROOT_URLCONF=__name__)
    django.setup()


def hello(_: HttpRequest, **given: Any) -> HttpResponse:
    """Say what was given."""
    return HttpResponse(f"hello {given}")


def boom(_: HttpRequest) -> HttpResponse:
    """Break."""
    raise RuntimeError("boom")


def stream(_: HttpRequest) -> StreamingHttpResponse:
    """Answer in parts."""

    def chunks() -> Iterator[bytes]:
        yield from (b"a", b"b")

    return StreamingHttpResponse(chunks())


async def broken_stream(_: HttpRequest) -> StreamingHttpResponse:
    """Break halfway."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b"a"
        raise RuntimeError("halfway")

    return StreamingHttpResponse(chunks())


async def wait(_: HttpRequest) -> HttpResponse:
    """Wait for ever."""
    await asyncio.Event().wait()
    raise AssertionError


def file(_: HttpRequest) -> FileResponse:
    """Answer with this file."""
    return FileResponse(open(__file__, "rb"))  # noqa: PTH123 - Django closes it


below = [path("things/<slug:name>", hello), re_path(r"^old/(?P<number>[0-9]+)$", hello)]
urlpatterns = [
    path("items/<int:number>/", hello),
    path("below/", include(below)),
    path("boom", boom),
    path("stream", stream),
    path("broken", broken_stream),
    path("wait", wait),
    path("file", file),
]
