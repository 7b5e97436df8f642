"""The request that is being answered, and the trace it belongs to.

Source: W3C Trace Context, "traceparent Header". What costs something is worked out when somebody first asks for it.
"""

from __future__ import annotations

import os
import re
import traceback
from contextvars import ContextVar
from dataclasses import dataclass

from tocsin.sdk.environ import scope_of
from tocsin.sdk.protocol import Scope

CURRENT: ContextVar[Scope | None] = ContextVar("tocsin_request", default=None)
"""The scope of the request that is being answered here, or its WSGI environ."""

KEY = "tocsin"
_WATCHING = {"tocsin.sdk.asgi": "scope", "tocsin.sdk.wsgi": "environ"}
"""Where requests are watched, and what their scope is called there."""
_TRACEPARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:/=+-]{1,128}")


@dataclass(slots=True)
class RequestContext:
    """Who asks: *trace_id* and *span_id* are empty when the caller sent no valid traceparent.

    *spelled* keeps how the context stands in log lines.
    """

    request_id: str
    trace_id: str = ""
    span_id: str = ""
    sampled: bool = False
    user_agent: str = ""
    spelled: bytes = b""


def current() -> RequestContext | None:
    """Return the context of the request that is being answered here, if there is one."""
    scope = CURRENT.get()
    return None if scope is None else of(scope)


def sampled(scope: Scope) -> RequestContext | None:
    """Return the context of the request of *scope* if somebody asked for it already, and its trace is sampled."""
    context = scope.get(KEY)
    return context if isinstance(context, RequestContext) and context.sampled else None


def of_exception(error: BaseException | None) -> RequestContext | None:
    """Return the context of the request that *error* came out of, for who logs it when the request is over."""
    for frame, _ in traceback.walk_tb(error.__traceback__ if error else None):
        scope = frame.f_locals.get(_WATCHING.get(frame.f_globals.get("__name__", ""), ""))
        if scope is not None:
            return of(scope)
    return None


def of(scope: Scope) -> RequestContext:
    """Return the context of the request that *scope*, or a WSGI environ, belongs to."""
    if "REQUEST_METHOD" in scope:
        scope = scope_of(scope)
    context = scope.get(KEY)
    if not isinstance(context, RequestContext):
        context = scope[KEY] = _read(scope)
    return context


def _read(scope: Scope) -> RequestContext:
    traceparent = request_id = user_agent = b""
    for name, value in scope["headers"]:
        if name == b"traceparent":
            traceparent = value
        elif name == b"x-request-id":
            request_id = value
        elif name == b"user-agent":
            user_agent = value
    trace_id, span_id, sampled = _trace(traceparent)
    asked = request_id.decode("latin-1") if _REQUEST_ID.fullmatch(request_id) else ""
    return RequestContext(
        request_id=asked or trace_id or os.urandom(16).hex(),
        trace_id=trace_id,
        span_id=span_id,
        sampled=sampled,
        user_agent=user_agent.decode("latin-1"),
    )


def _trace(traceparent: bytes) -> tuple[str, str, bool]:
    found = _TRACEPARENT.fullmatch(traceparent)
    if not found or (traceparent.startswith(b"00") and found[4]):
        return "", "", False
    return found[1].decode(), found[2].decode(), bool(int(found[3], 16) & 1)
