"""The request that is being answered, and the trace it belongs to.

What costs something is worked out when somebody first asks for it. A request that came without a trace begins one, so
that what is said of it here, and by whom it calls, can be joined.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass

from tocsin.sdk import traces
from tocsin.sdk.environ import KEY, SCOPE, headed
from tocsin.sdk.protocol import Scope
from tocsin.sdk.traces import SAMPLED, Trace

CURRENT: ContextVar[Scope | None] = ContextVar("tocsin_request", default=None)
"""The scope of the request that is being answered here, or its WSGI environ."""

_WATCHING = {"tocsin.sdk.asgi": "scope", "tocsin.sdk.wsgi": "environ"}
"""Where requests are watched, and what their scope is called there."""
_READ = frozenset((b"traceparent", b"tracestate", b"x-cloud-trace-context", b"x-request-id", b"user-agent"))
_IN_ENVIRONS = tuple((name, "HTTP_" + name.decode().upper().replace("-", "_")) for name in sorted(_READ))
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:/=+-]{1,128}")


@dataclass(slots=True)
class RequestContext:
    """Who asks, and in which trace; *request_id* is empty outside of a request, *span_id* where nobody named one.

    *flags* are W3C Trace Context's, *state* is the tracestate as it came, and *own* tells that the span is this
    program's and not its caller's. With *elsewhere*, OpenTelemetry may know of a span within. *spelled* keeps how the
    context stands in log lines.
    """

    request_id: str
    trace_id: str
    span_id: str
    sampled: bool
    flags: int = 0
    state: bytes = b""
    own: bool = False
    user_agent: str = ""
    elsewhere: bool = False
    spelled: bytes = b""


def current() -> RequestContext | None:
    """Return the context of what is done here, if there is one: of OpenTelemetry's span, else of the request."""
    scope = CURRENT.get()
    if scope is None:
        return _within(None) if traces.traced_here() else None
    context = of(scope)
    return _within(context) if context.elsewhere else context


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
    context = scope.get(KEY)
    if not isinstance(context, RequestContext):
        context = scope[KEY] = _of_environ(scope) if "REQUEST_METHOD" in scope else _read(_headed(scope))
    return context


def _of_environ(environ: Scope) -> RequestContext:
    scope = environ.get(SCOPE)
    return _read(headed(environ, _IN_ENVIRONS)) if scope is None else of(scope)


def _read(found: Mapping[bytes, bytes]) -> RequestContext:
    trace_id, span_id, flags, state, own = _trace(found)
    elsewhere = traces.traced_here()
    if elsewhere and (span := traces.from_opentelemetry()):
        span_id = span_id if trace_id == span[0] else ""  # which of the spans is the request's own, nobody says
        trace_id, _, flags, state, _ = span
    asked = found.get(b"x-request-id")
    request_id = asked.decode() if asked and _REQUEST_ID.fullmatch(asked) else trace_id
    agent = found.get(b"user-agent", b"").decode("latin-1")
    return RequestContext(request_id, trace_id, span_id, bool(flags & SAMPLED), flags, state, own, agent, elsewhere)


def _headed(scope: Scope) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in _READ:
            found[name] = found[name] + b"," + value if name in found else value
    return found


def _trace(found: Mapping[bytes, bytes]) -> Trace:
    """Return the trace that a request's headers name, or begin one."""
    traceparent, cloud = found.get(b"traceparent"), found.get(b"x-cloud-trace-context")
    return (
        (traceparent and traces.from_traceparent(traceparent, found.get(b"tracestate", b"")))
        or (cloud and traces.from_cloud(cloud))
        or traces.begun()
    )


def _within(context: RequestContext | None) -> RequestContext | None:
    """Return the context of OpenTelemetry's current span within *context*, or *context* if there is none."""
    span = traces.from_opentelemetry()
    if span is None:
        return context
    trace_id, span_id, flags, state, own = span
    request_id, agent = (context.request_id, context.user_agent) if context else ("", "")
    return RequestContext(request_id, trace_id, span_id, bool(flags & SAMPLED), flags, state, own, agent)
