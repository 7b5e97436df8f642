"""OpenTelemetry's current span goes before what the headers say; here its SDK is the real one.

It is loaded by the tests alone that need it, so that the others in this process run as a program without it does.
"""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
import requests
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import tocsin
from tests.sdk.reading import Line, client, http_scope
from tests.sdk.receivers import Receiver, receiver
from tocsin import Observer, Service
from tocsin.sdk import context

pytestmark = pytest.mark.anyio

Said = Callable[[], list[Line]]

TRACE_ID, SPAN_ID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACED = {"traceparent": f"00-{TRACE_ID}-{SPAN_ID}-01", "tracestate": "rojo=1", "x-request-id": "r-1"}
LABELS = "logging.googleapis.com/labels"
TRACE, SPAN, SAMPLED = (f"logging.googleapis.com/{name}" for name in ("trace", "spanId", "trace_sampled"))


@pytest.fixture
def tracer() -> Any:
    """A tracer of the real SDK, of a provider that nobody else uses."""
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - see above

    return TracerProvider().get_tracer("tests")


@pytest.fixture
def back() -> Iterator[Receiver]:
    """A program on loopback that keeps what it is told."""
    with receiver() as kept:
        yield kept


def ids(span: Any) -> tuple[str, str]:
    spoken = span.get_span_context()
    return f"{spoken.trace_id:032x}", f"{spoken.span_id:016x}"


def asking(shop: Service, work: Callable[[Observer], Awaitable[None] | None]) -> Starlette:
    async def ask(_: Request) -> Response:
        result = work(obs)
        if result is not None:
            await result
        return Response()

    app = Starlette(routes=[Route("/", ask)])
    obs = tocsin.observe(app, shop)
    return app


async def get(app: Any, path: str = "/", **headers: str) -> None:
    async with client(app) as caller:
        assert (await caller.get(path, headers=headers)).status_code == 200


async def test_a_line_has_the_span_that_is_current_when_it_is_said(shop: Service, said: Said, tracer: Any) -> None:
    spans: list[Any] = []

    def work(obs: Observer) -> None:
        obs.log.info("before")
        with tracer.start_as_current_span("outer") as outer:
            obs.log.info("outer")
            with tracer.start_as_current_span("inner") as inner:
                logging.getLogger("lib").info("inner")
            obs.log.info("outer again")
        obs.log.info("after")
        spans.extend((outer, inner))

    await get(asking(shop, work), **TRACED)
    found = {line["message"]: (line[TRACE], line[SPAN]) for line in said()}
    outer, inner = map(ids, spans)
    caller = (TRACE_ID, SPAN_ID)
    assert outer[0] == inner[0] != TRACE_ID
    assert found == {
        "before": caller,
        "outer": outer,
        "inner": inner,
        "outer again": outer,
        "after": caller,
        "GET / 200": caller,
    }


async def test_the_line_of_a_request_has_the_trace_that_it_was_first_asked_in(
    shop: Service, said: Said, tracer: Any
) -> None:
    spans: list[Any] = []

    def work(obs: Observer) -> None:
        with tracer.start_as_current_span("serve") as span:
            spans.append(span)
            obs.log.info("within")

    await get(asking(shop, work))
    within, request = said()
    assert (within[TRACE], within[SPAN]) == ids(spans[0])
    assert request[TRACE] == within[TRACE] == request[LABELS]["request_id"] == within[LABELS]["request_id"]
    assert request[SAMPLED] is True
    assert SPAN not in request, "nobody knows which span the request's own is"


async def test_a_trace_that_opentelemetry_goes_on_with_keeps_the_caller_in_the_line_of_the_request(
    shop: Service, said: Said
) -> None:
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - see above

    provider = TracerProvider()
    telemetry: Any = {"tracer_provider": provider, "metrics": False, "logs": False, "auto_configure": False}
    app = FastAPI(telemetry=telemetry)
    obs = tocsin.observe(app, shop)

    @app.get("/")
    async def ask() -> None:
        obs.log.info("within")

    await get(app, **TRACED)
    provider.shutdown()
    within, request = said()
    assert within[TRACE] == request[TRACE] == TRACE_ID
    assert within[SPAN] != request[SPAN] == SPAN_ID
    assert within[LABELS]["request_id"] == request[LABELS]["request_id"] == "r-1"


async def test_calls_go_out_from_the_current_span(shop: Service, back: Receiver, tracer: Any) -> None:
    spans: list[Any] = []

    async def work(_: Observer) -> None:
        with tracer.start_as_current_span("call") as span:
            spans.append(span)
            session.get(back.url)
            await caller.get(back.url)

    with tocsin.propagate(requests.Session()) as session:
        async with tocsin.propagate(httpx.AsyncClient()) as caller:
            await get(asking(shop, work), **TRACED)
    (trace_id, span_id), flags = ids(spans[0]), f"{spans[0].get_span_context().trace_flags:02x}"
    assert [told.headers["traceparent"] for told in back.told] == [f"00-{trace_id}-{span_id}-{flags}"] * 2
    assert {told.headers["x-request-id"] for told in back.told} == {"r-1"}
    assert not any("tracestate" in told.headers for told in back.told), "it belongs to the caller's trace"


def test_a_span_outside_of_a_request_is_said_and_handed_on(shop: Service, said: Said, tracer: Any) -> None:
    obs = tocsin.observe(Starlette(), shop)
    with tracer.start_as_current_span("job") as span:
        obs.log.info("in a span")
        headers = tocsin.trace_headers()
    obs.log.info("outside")
    (trace_id, span_id), flags = ids(span), f"{span.get_span_context().trace_flags:02x}"
    in_a_span, outside = said()
    assert (in_a_span[TRACE], in_a_span[SPAN], in_a_span[SAMPLED]) == (trace_id, span_id, True)
    assert in_a_span[LABELS] == outside[LABELS] == {"environment": "development"}
    assert TRACE not in outside
    assert headers == {"traceparent": f"00-{trace_id}-{span_id}-{flags}"}
    assert tocsin.trace_headers() == {}


def test_what_is_handed_on_is_what_opentelemetry_reads_and_would_hand_on(tracer: Any) -> None:
    from opentelemetry import trace  # noqa: PLC0415 - see above
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    propagator = TraceContextTextMapPropagator()
    token = context.CURRENT.set(http_scope(headers=[(name.encode(), value.encode()) for name, value in TRACED.items()]))
    try:
        ours = tocsin.trace_headers()
        read = trace.get_current_span(propagator.extract(ours)).get_span_context()
        for parent, trace_state in ((ours, "rojo=1"), ({}, None)):
            with tracer.start_as_current_span("call", context=propagator.extract(parent)):
                theirs: dict[str, str] = {}
                propagator.inject(theirs)
                assert theirs.get("tracestate") == trace_state
                assert tocsin.trace_headers() == {**theirs, "x-request-id": "r-1"}
    finally:
        context.CURRENT.reset(token)
    assert (f"{read.trace_id:032x}", read.trace_flags.sampled, read.trace_state.to_header()) == (
        TRACE_ID,
        True,
        "rojo=1",
    )


def test_a_callers_span_that_was_only_attached_is_not_taken_for_our_own(tracer: Any) -> None:
    del tracer
    from opentelemetry import context as attached  # noqa: PLC0415 - see above
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

    token = attached.attach(TraceContextTextMapPropagator().extract({"traceparent": TRACED["traceparent"]}))
    try:
        found = tocsin.trace_headers()["traceparent"]
    finally:
        attached.detach(token)
    assert found.startswith(f"00-{TRACE_ID}-")
    assert SPAN_ID not in found


def test_a_span_that_breaks_when_it_is_asked_breaks_nothing(tracer: Any) -> None:
    del tracer
    from opentelemetry import trace  # noqa: PLC0415 - see above

    class Broken(trace.NonRecordingSpan):
        def get_span_context(self) -> trace.SpanContext:
            raise RuntimeError("broken on purpose")

    with trace.use_span(Broken(trace.INVALID_SPAN_CONTEXT)):
        assert tocsin.trace_headers() == {}


def test_the_api_alone_is_not_asked() -> None:
    program = """
import fastapi, sys
from tocsin.sdk import context, traces
assert "opentelemetry.trace" in sys.modules and "opentelemetry.sdk.trace" not in sys.modules
assert not context.of({"headers": []}).elsewhere
from opentelemetry import trace
class Provider(trace.NoOpTracerProvider): pass
trace.set_tracer_provider(Provider())
assert context.of({"headers": []}).elsewhere
"""
    subprocess.run([sys.executable, "-c", program], check=True)
