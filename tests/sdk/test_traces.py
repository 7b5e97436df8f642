"""Traces come in with a request, stand in what is said of it, and go out with what it calls."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Thread
from typing import Any

import anyio
import httpx
import pytest
import requests
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import tocsin
from tests.sdk.reading import Line, client, http_scope, served
from tests.sdk.receivers import Receiver, receiver
from tocsin import DeclarationError, Service
from tocsin.sdk import context, traces

pytestmark = pytest.mark.anyio

Said = Callable[[], list[Line]]
Raw = list[tuple[bytes, bytes]]

TRACE_ID, SPAN_ID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE_ID}-{SPAN_ID}-01"
TRACED = {"traceparent": TRACEPARENT, "tracestate": "rojo=1,congo=t61", "x-request-id": "r-1"}
CLOUD = "X-Cloud-Trace-Context"
LABELS = "logging.googleapis.com/labels"
TRACE, SPAN, SAMPLED = (f"logging.googleapis.com/{name}" for name in ("trace", "spanId", "trace_sampled"))
HANDED = re.compile("00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-0([0-3])")
"""What W3C Trace Context lets stand in a traceparent of version 00, with the flags of its Level 2."""

KEYS = st.from_regex("[a-z][a-z0-9_*/-]{0,20}|[a-z0-9][a-z0-9_*/-]{0,9}@[a-z][a-z0-9_*/-]{0,9}", fullmatch=True)
VALUES = st.from_regex("[ -+\\--<>-~]{0,40}[!-+\\--<>-~]", fullmatch=True)
MEMBERS = st.builds("{}={}".format, KEYS, VALUES)
HEX = "0123456789abcdef"
TRACE_IDS = st.text(HEX, min_size=32, max_size=32).filter(lambda text: set(text) != {"0"})
SPAN_IDS = st.text(HEX, min_size=16, max_size=16).filter(lambda text: set(text) != {"0"})


@pytest.fixture
def back() -> Iterator[Receiver]:
    """A program on loopback that keeps what it is told."""
    with receiver() as kept:
        yield kept


def of(*headers: tuple[str, str]) -> context.RequestContext:
    """Return the context of a request with *headers*."""
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return context.of(http_scope(headers=raw))


@contextmanager
def within(*headers: tuple[str, str]) -> Iterator[None]:
    """Be within a request with *headers*."""
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    token = context.CURRENT.set(http_scope(headers=raw))
    try:
        yield
    finally:
        context.CURRENT.reset(token)


def handed(headers: dict[str, str]) -> tuple[str, str, bool]:
    """Return the trace, the span and whether it is sampled, of headers that are valid."""
    found = HANDED.fullmatch(headers["traceparent"])
    assert found, headers
    return found[1], found[2], found[3] in "13"


def calling(shop: Service, call: Callable[[], Any]) -> Starlette:
    """Return an observed application that answers when *call* has returned."""

    async def ask(_: Request) -> Response:
        result = call()
        if result is not None:
            await result
        return Response()

    def ask_in_a_thread(_: Request) -> Response:
        call()
        return Response()

    app = Starlette(routes=[Route("/", ask), Route("/threaded", ask_in_a_thread)])
    tocsin.observe(app, shop)
    return app


async def get(app: Any, path: str = "/", **headers: str) -> None:
    async with client(app) as caller:
        assert (await caller.get(path, headers=headers)).status_code == 200


# What comes in


def test_a_traceparent_is_read() -> None:
    asked = of(("traceparent", TRACEPARENT), ("x-request-id", "r-1"))
    assert (asked.trace_id, asked.span_id, asked.sampled, asked.request_id) == (TRACE_ID, SPAN_ID, True, "r-1")
    assert of(("traceparent", TRACEPARENT)).request_id == TRACE_ID
    assert not of(("traceparent", f"00-{TRACE_ID}-{SPAN_ID}-02")).sampled
    assert of(("traceparent", f"00-{TRACE_ID}-{SPAN_ID}-ff")).sampled


def test_a_traceparent_of_a_later_version_is_read() -> None:
    for sent in (f"01-{TRACE_ID}-{SPAN_ID}-01", f"cc-{TRACE_ID}-{SPAN_ID}-01-what-comes"):
        asked = of(("traceparent", sent))
        assert (asked.trace_id, asked.span_id, asked.sampled) == (TRACE_ID, SPAN_ID, True)


INVALID = (
    f"00-{'0' * 32}-{SPAN_ID}-01",
    f"00-{TRACE_ID}-{'0' * 16}-01",
    f"ff-{TRACE_ID}-{SPAN_ID}-01",
    f"00-{TRACE_ID.upper()}-{SPAN_ID}-01",
    f"00-{TRACE_ID}-{SPAN_ID}-01-more",
    f"00-{TRACE_ID}-{SPAN_ID}-01-",
    f"01-{TRACE_ID}-{SPAN_ID}-01more",
    f"00-{TRACE_ID}-{SPAN_ID}",
    f"00-{TRACE_ID}-{SPAN_ID}-01\n",
    f" {TRACEPARENT}",
    f"{TRACEPARENT},{TRACEPARENT}",
    f"01-{TRACE_ID}-{SPAN_ID}-01-more,{TRACEPARENT}",
    "nonsense",
    "",
)


@pytest.mark.parametrize("sent", INVALID)
def test_an_invalid_traceparent_means_nothing_nor_does_its_tracestate(sent: str) -> None:
    asked = of(("traceparent", sent), ("tracestate", "rojo=1"))
    assert re.fullmatch("[0-9a-f]{32}", asked.trace_id)
    assert asked.trace_id != TRACE_ID
    assert (asked.span_id, asked.sampled, asked.state) == ("", False, b"")


def test_several_traceparents_mean_nothing() -> None:
    other = f"00-{'a' * 32}-{SPAN_ID}-01"
    assert of(("traceparent", TRACEPARENT), ("traceparent", other)).trace_id not in {TRACE_ID, "a" * 32}


@pytest.mark.parametrize(
    ("sent", "span", "sampled"),
    [
        (f"{TRACE_ID}/67667974448284343;o=1", "00f067aa0ba902b7", True),
        (f"{TRACE_ID}/18446744073709551615;o=0", "f" * 16, False),
        (f"{TRACE_ID.upper()}/1", "0000000000000001", False),
        (f"{TRACE_ID}/0;o=1", "", True),
        (f"{TRACE_ID};o=1", "", True),
        (f"{TRACE_ID}/;o=", "", False),
        (TRACE_ID, "", False),
    ],
)
def test_the_header_of_google_cloud_is_read_where_there_is_no_valid_traceparent(
    sent: str, span: str, *, sampled: bool
) -> None:
    for headers in (((CLOUD, sent),), ((CLOUD, sent), ("traceparent", "nonsense"), ("tracestate", "rojo=1"))):
        asked = of(*headers)
        assert (asked.trace_id, asked.span_id, asked.sampled) == (TRACE_ID, span, sampled)
        assert asked.state == b""
    assert of((CLOUD, f"{'a' * 32}/1;o=0"), ("traceparent", TRACEPARENT)).trace_id == TRACE_ID


@pytest.mark.parametrize(
    "sent",
    [
        f"{'0' * 32}/1;o=1",
        f"{TRACE_ID}/18446744073709551616;o=1",
        f"{TRACE_ID}/00f067aa0ba902b7;o=1",
        f"{TRACE_ID}/1;o=1,{TRACE_ID}/1;o=1",
        f"{TRACE_ID}/\N{SUPERSCRIPT TWO};o=1",
        TRACE_ID[:-1],
    ],
)
def test_an_invalid_header_of_google_cloud_means_nothing(sent: str) -> None:
    assert of((CLOUD, sent)).trace_id != TRACE_ID


@pytest.mark.parametrize("sent", ["a b", 'a"b', "x" * 129, "<script>", "", "r\n"])
def test_a_request_id_that_is_not_safe_is_replaced(sent: str) -> None:
    assert re.fullmatch("[0-9a-f]{32}", of(("x-request-id", sent)).request_id)
    assert of(("x-request-id", "r-1"), ("x-request-id", "r-2")).request_id not in {"r-1", "r-2"}
    assert of(("x-request-id", "x" * 128)).request_id == "x" * 128


async def test_a_request_without_a_trace_begins_one(shop: Service, said: Said) -> None:
    kept: list[dict[str, str]] = []
    app = calling(shop, lambda: kept.append(tocsin.trace_headers()))
    await get(app)
    await get(app)
    lines = said()
    assert len({line[TRACE] for line in lines}) == 2
    for line, headers in zip(lines, kept, strict=True):
        assert handed(headers)[0] == line[TRACE] == line[LABELS]["request_id"] == headers["x-request-id"]
        assert line[SAMPLED] is handed(headers)[2] is False
        assert SPAN not in line


@given(
    st.lists(
        st.tuples(
            st.sampled_from((b"traceparent", b"tracestate", b"x-cloud-trace-context", b"x-request-id", b"user-agent")),
            st.binary(max_size=80)
            | st.sampled_from((TRACEPARENT.encode(), f"{TRACE_ID}/1;o=1".encode(), b"rojo=1", b"r-1", b"\xff\n")),
        )
    )
)
def test_whatever_the_headers_say_it_is_read_and_nothing_invalid_is_handed_on(raw: Raw) -> None:
    token = context.CURRENT.set(http_scope(headers=raw))
    try:
        asked, headers = context.current(), tocsin.trace_headers()
    finally:
        context.CURRENT.reset(token)
    assert asked
    assert handed(headers) == (asked.trace_id, headers["traceparent"][36:52], asked.sampled)
    assert re.fullmatch("[0-9a-f]{16}|", asked.span_id)
    assert re.fullmatch("[A-Za-z0-9._:/=+-]{1,128}", headers["x-request-id"])
    assert "".join(headers.values()).isprintable()
    for member in headers.get("tracestate", "a=b").split(","):
        assert re.fullmatch("[a-z0-9][a-z0-9_*/@-]{0,255}=[ -+\\--<>-~]{0,255}[!-+\\--<>-~]", member)


@given(TRACE_IDS, SPAN_IDS, st.integers(0, 255))
def test_a_trace_that_is_accepted_is_handed_on_from_a_span_of_this_call(
    trace_id: str, span_id: str, flags: int
) -> None:
    with within(("traceparent", f"00-{trace_id}-{span_id}-{flags:02x}")):
        headers = tocsin.trace_headers()
        first, second = handed(headers), handed(tocsin.trace_headers())
    assert first[0] == second[0] == trace_id
    assert first[2] == second[2] == bool(flags & 1)
    assert headers["traceparent"][-2:] == f"{flags & 3:02x}"
    assert len({span_id, first[1], second[1]}) == 3


@given(st.integers(1, 2**128 - 1), st.integers(0, 2**64 - 1), st.integers(0, 1))
def test_what_google_cloud_says_round_trips(trace: int, span: int, option: int) -> None:
    asked = of((CLOUD, f"{trace:032x}/{span};o={option}"))
    assert (int(asked.trace_id, 16), int(asked.span_id or "0", 16), asked.sampled) == (trace, span, option)


# tracestate


@given(st.lists(MEMBERS, min_size=1, max_size=32), st.data())
@example(["a=" + "x" * 256], None)
def test_a_tracestate_is_handed_on_as_whole_members_in_their_order(members: list[str], data: Any) -> None:
    joins = data.draw(st.lists(st.sampled_from((",", ", ", "\t,", ",,")), min_size=32, max_size=32)) if data else [""]
    sent = "".join(part for pair in zip(members, joins, strict=False) for part in pair)
    whole = [member.strip(" ") for member in members]
    kept = traces.handed(sent.encode()).split(",")
    remaining = iter(whole)
    assert all(member in remaining for member in kept if member)
    if len(",".join(whole)) <= 512:
        assert kept == whole
    else:
        assert len(",".join(kept)) <= 512


def test_large_members_of_a_long_tracestate_go_first_then_the_last() -> None:
    large, small = "large=" + "x" * 123, [f"k{number}={'y' * 90}" for number in range(5)]
    assert traces.handed(",".join([large, *small]).encode()) == ",".join(small)
    assert traces.handed(",".join([*small, "last=" + "z" * 90]).encode()) == ",".join(small)
    assert traces.handed(",".join([large, *small[:3]]).encode()) == ",".join([large, *small[:3]])


@pytest.mark.parametrize("sent", ["A=1", "a=", "a", "=1", "a=1=2", "a=\x7f", "a=é", "a=1,b", "1=1", "@a=1", "a b=1"])
def test_a_tracestate_that_is_not_valid_is_not_handed_on(sent: str) -> None:
    assert traces.handed(sent.encode("latin-1")) == ""


def test_a_tracestate_has_32_members_at_most() -> None:
    members = [f"k{number}=1" for number in range(33)]
    assert traces.handed(",".join(members[:32]).encode()) == ",".join(members[:32])
    assert traces.handed(",".join(members).encode()) == ""


def test_several_tracestates_are_one_in_their_order() -> None:
    with within(("tracestate", "rojo=1"), ("traceparent", TRACEPARENT), ("tracestate", "congo=2,ergo=3")):
        assert tocsin.trace_headers()["tracestate"] == "rojo=1,congo=2,ergo=3"


# What goes out


def assert_told(told: Any) -> None:
    trace_id, span_id, sampled = handed(told.headers)
    assert (trace_id, sampled) == (TRACE_ID, True)
    assert span_id != SPAN_ID
    assert (told.headers["tracestate"], told.headers["x-request-id"]) == ("rojo=1,congo=t61", "r-1")


async def test_an_async_client_of_httpx_tells_the_trace(shop: Service, back: Receiver) -> None:
    async with tocsin.propagate(httpx.AsyncClient()) as caller:

        async def call() -> None:
            await caller.get(back.url)
            async with caller.stream("POST", back.url, json={}):
                pass

        await get(calling(shop, call), **TRACED)
        await caller.get(back.url)
    first, second, outside = back.told
    assert_told(first)
    assert_told(second)
    assert first.headers["traceparent"] != second.headers["traceparent"]
    assert not {"traceparent", "tracestate", "x-request-id"} & outside.headers.keys()


@pytest.mark.parametrize("kind", [httpx.Client, requests.Session])
async def test_a_client_of_httpx_and_a_session_of_requests_tell_the_trace(
    shop: Service, back: Receiver, kind: type[httpx.Client | requests.Session]
) -> None:
    with tocsin.propagate(kind()) as caller:
        app = calling(shop, lambda: caller.post(back.url, data={"a": "b"}) and None)
        await get(app, "/threaded", **TRACED)
        caller.get(back.url)
    first, outside = back.told
    assert_told(first)
    assert first.body == b"a=b"
    assert not {"traceparent", "tracestate", "x-request-id"} & outside.headers.keys()


@pytest.mark.parametrize("kind", [httpx.Client, requests.Session])
def test_what_the_caller_set_stays(back: Receiver, kind: Any) -> None:
    own = f"00-{'a' * 32}-{'b' * 16}-00"
    with tocsin.propagate(kind()) as caller, within(*TRACED.items()):
        caller.get(back.url, headers={"Traceparent": own})
        caller.get(back.url, headers={"X-Request-Id": "mine", "TraceState": "mine=1"})
    first, second = (told.headers for told in back.told)
    assert (first["traceparent"], first["x-request-id"]) == (own, "r-1")
    assert "tracestate" not in first
    assert (second["x-request-id"], second["tracestate"]) == ("mine", "mine=1")
    assert handed(second)[0] == TRACE_ID


@pytest.mark.parametrize("kind", [httpx.Client, requests.Session])
def test_only_hosts_that_were_named_are_told(back: Receiver, kind: Any) -> None:
    with receiver((302, {"Location": back.url}), (200, {})) as first:
        named = first.url.replace("127.0.0.1", "localhost")
        with tocsin.propagate(kind(), hosts=("LOCALHOST",)) as caller, within(*TRACED.items()):
            redirect = {"follow_redirects" if kind is httpx.Client else "allow_redirects": True}
            caller.get(named, **redirect)
    assert_told(first.told[0])
    assert not {"traceparent", "tracestate", "x-request-id"} & back.told[0].headers.keys()


@pytest.mark.parametrize("kind", [httpx.Client, requests.Session])
def test_a_redirect_is_told_from_a_span_of_its_own(back: Receiver, kind: Any) -> None:
    with receiver((302, {"Location": back.url})) as first:
        redirect = {"follow_redirects" if kind is httpx.Client else "allow_redirects": True}
        with tocsin.propagate(kind()) as caller, within(*TRACED.items()):
            caller.get(first.url, **redirect)
    assert_told(first.told[0])
    assert_told(back.told[0])
    assert first.told[0].headers["traceparent"] != back.told[0].headers["traceparent"]


def test_a_request_that_is_sent_twice_belongs_to_where_it_is_sent_from(back: Receiver) -> None:
    with tocsin.propagate(httpx.Client()) as caller:
        request = caller.build_request("GET", back.url, extensions={"trace": lambda *_: None})
        with within(*TRACED.items()):
            caller.send(request)
        with within(("traceparent", f"00-{'a' * 32}-{SPAN_ID}-00")):
            caller.send(request)
        caller.send(request)
    first, second, outside = back.told
    assert_told(first)
    assert handed(second.headers)[0] == second.headers["x-request-id"] == "a" * 32
    assert not {"traceparent", "tracestate", "x-request-id"} & outside.headers.keys()


@pytest.mark.parametrize(
    ("hosts", "told"),
    [
        ("shop.example", {"shop.example"}),
        (("*.shop.example",), {"api.shop.example"}),
        (("shop.example", "*.shop.example"), {"shop.example", "api.shop.example"}),
        ((), {"shop.example", "api.shop.example", "workshop.example", "shop.example.org"}),
    ],
)
def test_hosts_are_names_or_all_names_below_one(hosts: Any, told: set[str]) -> None:
    def answered(request: httpx.Request) -> httpx.Response:
        if "traceparent" in request.headers:
            found.add(request.url.host)
        return httpx.Response(200)

    found: set[str] = set()
    caller = tocsin.propagate(httpx.Client(transport=httpx.MockTransport(answered)), hosts=hosts)
    with caller, within(*TRACED.items()):
        for host in ("shop.example", "api.shop.example", "workshop.example", "shop.example.org"):
            caller.get(f"http://user:password@{host}:8080/shop.example")
    assert found == told


@pytest.mark.parametrize("kind", [httpx.Client, requests.Session])
def test_the_last_call_holds(back: Receiver, kind: Any) -> None:
    with kind() as caller, within(*TRACED.items()):
        tocsin.propagate(tocsin.propagate(caller), hosts=("shop.example",))
        caller.get(back.url)
        tocsin.propagate(caller)
        caller.get(back.url)
    silent, told = back.told
    assert "traceparent" not in silent.headers
    assert_told(told)


def test_what_a_client_had_before_goes_on(back: Receiver) -> None:
    seen: list[bool] = []
    hooks = {"request": [lambda request: seen.append("traceparent" in request.headers)]}
    with httpx.Client(event_hooks=hooks) as caller, within(*TRACED.items()):
        tocsin.propagate(caller).get(back.url)
    assert seen == [False]
    with tocsin.propagate(requests.Session()) as session, within(*TRACED.items()):
        session.auth = ("user", "password")
        assert isinstance(session.get_adapter(back.url), requests.adapters.HTTPAdapter)
        session.get(back.url)
        pickle.loads(pickle.dumps(session)).get(back.url)  # noqa: S301 - our own
    assert_told(back.told[0])
    assert_told(back.told[1])
    assert back.told[1].headers["authorization"].startswith("Basic ")
    assert "authorization" in back.told[2].headers


def test_another_kind_of_client_is_refused() -> None:
    with pytest.raises(DeclarationError, match=r"not HTTPAdapter: give .* the headers of tocsin\.trace_headers\(\)\.$"):
        tocsin.propagate(requests.adapters.HTTPAdapter())


def test_a_call_never_fails_for_its_trace(back: Receiver) -> None:
    token = context.CURRENT.set({"broken": True})
    try:
        assert tocsin.trace_headers() == {}
        with tocsin.propagate(httpx.Client()) as caller, tocsin.propagate(requests.Session()) as session:
            assert caller.get(back.url).status_code == session.get(back.url).status_code == 200
    finally:
        context.CURRENT.reset(token)


async def test_each_of_many_requests_tells_its_own_trace(shop: Service, back: Receiver) -> None:
    sent = [f"{number:032x}" for number in range(1, 17)]
    with tocsin.propagate(requests.Session()) as session:
        async with tocsin.propagate(httpx.AsyncClient()) as caller:

            async def call() -> None:
                async with anyio.create_task_group() as group:
                    group.start_soon(caller.get, back.url)
                    await anyio.to_thread.run_sync(session.get, back.url)

            app = calling(shop, call)
            async with anyio.create_task_group() as group:
                for trace_id in sent:
                    headers = {"traceparent": f"00-{trace_id}-{SPAN_ID}-01"}
                    group.start_soon(lambda headers: get(app, **headers), headers)
    told = [handed(told.headers) for told in back.told]
    assert sorted(trace_id for trace_id, _, _ in told) == sorted(sent * 2)
    assert len({span_id for _, span_id, _ in told}) == 32


def test_threads_of_wsgi_and_of_pools_tell_their_request_and_other_threads_none(shop: Service, back: Receiver) -> None:
    app = Flask("shop")
    session = tocsin.propagate(requests.Session())
    tocsin.observe(app, shop)

    @app.get("/")
    def ask() -> str:
        alone = Thread(target=session.get, args=(f"{back.url}/without",))
        alone.start()
        alone.join()
        with ThreadPoolExecutor() as pool:
            pool.submit(session.get, back.url).result()
        return ""

    with ThreadPoolExecutor(8) as pool:
        sent = [f"{number:032x}" for number in range(1, 17)]
        for answer in pool.map(
            lambda trace_id: app.test_client().get("/", headers={"traceparent": f"00-{trace_id}-{SPAN_ID}-01"}), sent
        ):
            assert answer.status_code == 200
    session.close()
    told = [handed(told.headers)[0] for told in back.told if told.path == "/"]
    assert sorted(told) == sent
    assert all("traceparent" not in told.headers for told in back.told if told.path == "/without")


# Two services


def service(name: str) -> Service:
    return Service(name=name, team="shop", port=8000, because="Nobody is served.")


@contextmanager
def chain() -> Iterator[str]:
    """Run two observed services on loopback, of which the front one calls the other; yield the front one's address."""

    async def answer(_: Request) -> Response:
        inner.log.info("asked")
        return PlainTextResponse("behind")

    async def ask(_: Request) -> Response:
        outer.log.info("asking")
        async with tocsin.propagate(httpx.AsyncClient()) as caller:
            return PlainTextResponse((await caller.get(f"http://127.0.0.1:{port}/")).text)

    behind, front = Starlette(routes=[Route("/", answer)]), Starlette(routes=[Route("/", ask)])
    inner, outer = tocsin.observe(behind, service("behind")), tocsin.observe(front, service("front"))
    with served(behind) as port, served(front) as outermost:
        yield f"http://127.0.0.1:{outermost}/"


@pytest.mark.parametrize("headers", [{}, TRACED])
def test_the_lines_of_services_that_call_each_other_join_by_trace(said: Said, headers: dict[str, str]) -> None:
    with chain() as url:
        assert httpx.get(url, headers=headers).text == "behind"
    lines = [line for line in said() if TRACE in line]
    assert {(line["serviceContext"]["service"], line["message"]) for line in lines} == {
        ("front", "asking"),
        ("front", "GET / 200"),
        ("behind", "asked"),
        ("behind", "GET / 200"),
    }
    assert len({line[TRACE] for line in lines}) == len({line[LABELS]["request_id"] for line in lines}) == 1
    spans = {line["serviceContext"]["service"]: line.get(SPAN) for line in lines}
    assert spans["behind"] not in {None, spans["front"]}
    if headers:
        assert (lines[0][TRACE], spans["front"], lines[0][LABELS]["request_id"]) == (TRACE_ID, SPAN_ID, "r-1")


FORKED = """
import os
from tocsin.sdk import traces

traces.begun()
if os.fork():
    os.wait()
print(traces.begun()[0], flush=True)
"""


def test_forked_processes_make_ids_of_their_own() -> None:
    ran = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, check=True)
    ids = ran.stdout.split()
    assert len(set(ids)) == len(ids) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids)
