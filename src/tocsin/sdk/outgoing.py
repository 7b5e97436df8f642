"""What is called on behalf of a request is told which one: its trace, and its request id.

Clients of httpx and requests are looked at, never imported. httpx has hooks for each request, redirects among them, and
remembers in a request's extensions what was set here. Of requests, the adapters' `send` is replaced: that is where
OpenTelemetry's own headers are there already, and a copy is sent, so that a redirect starts without ours.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tocsin.model import DeclarationError
from tocsin.sdk import context, traces

Client = TypeVar("Client")
Headers = MutableMapping[str, str]

_SET = "tocsin"
"""Where a request of httpx keeps the headers that were set here."""


def trace_headers() -> dict[str, str]:
    """Return the headers that hand on the trace and the request id of what is done here: none outside of both.

    For clients that `tocsin.propagate` does not take; each call to a service wants headers of its own. Never raises.
    Source: W3C Trace Context, "traceparent Header" and "tracestate Header".
    """
    try:
        here = context.current()
        return {} if here is None else _spelled(here)
    except Exception:  # noqa: BLE001 - whoever calls a service must not fail for its trace
        return {}


def propagate(client: Client, *, hosts: Iterable[str] = ()) -> Client:
    """Let the requests of *client* carry `trace_headers()`; return it.

    Takes an httpx.Client, an httpx.AsyncClient or a requests.Session. A header that is set already stays; a request
    with a traceparent of its own gets no tracestate. With *hosts*, only these are told: names, or `*.example.com` for
    all names below one. What the last call said holds.

    Raises:
        DeclarationError: it is another kind of client.

    """
    told = _Told((hosts,) if isinstance(hosts, str) else hosts)
    known: Any = client
    if _is(client, "httpx", "Client"):
        _hook(known, _Hook(told))
    elif _is(client, "httpx", "AsyncClient"):
        _hook(known, _AsyncHook(told))
    elif _is(client, "requests", "Session"):
        for adapter in known.adapters.values():
            send = adapter.send.send if isinstance(adapter.send, _Sending) else adapter.send
            adapter.send = _Sending(send, told)
    else:
        raise DeclarationError(
            f"tocsin.propagate takes an httpx.Client, an httpx.AsyncClient or a requests.Session, not "
            f"{type(client).__name__}: give the requests of other clients the headers of tocsin.trace_headers()."
        )
    return client


def _spelled(here: context.RequestContext) -> dict[str, str]:
    span_id = here.span_id if here.own else traces.span_id()
    headers = {"traceparent": f"00-{here.trace_id}-{span_id}-{here.flags:02x}"}
    if here.state and (state := traces.handed(here.state)):
        headers["tracestate"] = state
    if here.request_id:
        headers["x-request-id"] = here.request_id
    return headers


def _is(client: object, library: str, kind: str) -> bool:
    found = getattr(sys.modules.get(library), kind, None)
    return found is not None and isinstance(client, found)


def _hook(client: Any, hook: _Hook | _AsyncHook) -> None:
    hooks = client.event_hooks["request"]
    hooks[:] = [*(known for known in hooks if not isinstance(known, _Hook | _AsyncHook)), hook]


class _Told:
    """The hosts that are told; all, if none is named."""

    def __init__(self, hosts: Iterable[str]) -> None:
        names = [name.lower() for name in hosts]
        self._names = frozenset(name for name in names if not name.startswith("*."))
        self._below = tuple(name[1:] for name in names if name.startswith("*."))
        self._all = not names

    def headers(self, url: object, given: Headers) -> dict[str, str]:
        """Return what a request to *url* is to carry besides the headers that it was *given*."""
        if not self._all:
            host = urlsplit(str(url)).hostname or ""
            if host not in self._names and not host.endswith(self._below):
                return {}
        headers = trace_headers()
        if "traceparent" in given:
            headers.pop("tracestate", None)  # it belongs to another traceparent
        return {name: value for name, value in headers.items() if name not in given}


class _Hook:
    """Called by httpx before each request is sent."""

    def __init__(self, told: _Told) -> None:
        self._told = told

    def __call__(self, request: Any) -> None:
        try:
            before = request.extensions.get(_SET, {})
            for name, value in before.items():  # a redirect, or a second time, and perhaps to another host
                if request.headers.get(name) == value:
                    del request.headers[name]
            headers = self._told.headers(request.url, request.headers)
            request.headers.update(headers)
            if headers or before:
                request.extensions = {**request.extensions, _SET: headers}
        except Exception:  # noqa: BLE001, S110 - whoever calls a service must not fail for its trace
            pass


class _AsyncHook:
    """Called by httpx before each request of an asynchronous client is sent."""

    def __init__(self, told: _Told) -> None:
        self._hook = _Hook(told)

    async def __call__(self, request: Any) -> None:
        self._hook(request)


class _Sending:
    """The way of an adapter of requests to send, with our headers."""

    def __init__(self, send: Callable[..., Any], told: _Told) -> None:
        self.send = send
        self._told = told

    def __call__(self, request: Any, *args: Any, **more: Any) -> Any:
        return self.send(self._carrying(request), *args, **more)

    def _carrying(self, request: Any) -> Any:
        try:
            headers = self._told.headers(request.url, request.headers)
            if headers:
                request = request.copy()
                request.headers.update(headers)
        except Exception:  # noqa: BLE001, S110 - whoever calls a service must not fail for its trace
            pass
        return request
