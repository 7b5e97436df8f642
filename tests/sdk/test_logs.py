from __future__ import annotations

import asyncio
import datetime as dt
import decimal
import io
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import tocsin
from tests.sdk.reading import Line, client, scrape
from tocsin import DeclarationError, Observer, Service
from tocsin.sdk.standard import Handler

pytestmark = pytest.mark.anyio

Said = Callable[[], list[Line]]
TRACE_ID, SPAN_ID = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE_ID}-{SPAN_ID}-01"
LABELS = "logging.googleapis.com/labels"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")
LOST = 'tocsin_sdk_dropped_total{reason="log"}'


@pytest.fixture
def anyio_backend() -> str:
    """Run coroutine tests on asyncio, whose threads and tasks structlog's coroutines use."""
    return "asyncio"


async def nowhere(scope: Any, receive: Any, send: Any) -> None:
    """Answer nothing."""


@pytest.fixture(name="obs")
def _obs(shop: Service) -> Observer:
    return tocsin.observe(nowhere, shop)


def break_the_bell() -> None:
    raise ValueError("no bell")


def again(shop: Service, monkeypatch: pytest.MonkeyPatch, **environ: str) -> Observer:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return tocsin.observe(nowhere, shop)


def asking(shop: Service, work: Callable[[Observer], Any]) -> Starlette:
    async def ask(_: Request) -> Response:
        result = work(obs)
        if result is not None:
            await result
        return Response()

    app = Starlette(routes=[Route("/ask/{x}", ask)])
    obs = tocsin.observe(app, shop)
    return app


async def get(app: Any, path: str = "/ask/1", **headers: str) -> int:
    async with client(app) as caller:
        return (await caller.get(path, headers=headers)).status_code


def test_a_line_has_the_form_of_cloud_logging(shop: Service, monkeypatch: pytest.MonkeyPatch, said: Said) -> None:
    obs = again(shop, monkeypatch, SERVICE_VERSION="1.4.2", TOCSIN_ENVIRONMENT="staging")
    obs.log.info("Sale synced", sale_id="S-1", latency_ms=12.5)
    (line,) = said()
    assert TIME.fullmatch(line.pop("time"))
    assert line == {
        "severity": "INFO",
        "serviceContext": {"service": "shop", "version": "1.4.2"},
        LABELS: {"environment": "staging"},
        "message": "Sale synced",
        "fields": {"sale_id": "S-1", "latency_ms": 12.5},
    }


def test_the_time_is_now_in_utc(obs: Observer, said: Said) -> None:
    before = dt.datetime.now(dt.UTC)
    obs.log.info("now")
    (line,) = said()
    assert before <= dt.datetime.fromisoformat(line["time"]) <= dt.datetime.now(dt.UTC)


def test_nothing_is_production_unless_told(obs: Observer, said: Said) -> None:
    obs.log.info("hello")
    (line,) = said()
    assert line[LABELS] == {"environment": "development"}
    assert line["serviceContext"]["version"] == "unknown"


async def test_a_request_has_one_line(shop: Service, monkeypatch: pytest.MonkeyPatch, said: Said) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "my-project")
    app = asking(shop, lambda _: None)
    await get(app, "/ask/a@b?token=secret", traceparent=TRACEPARENT, **{"user-agent": "a browser"})
    (line,) = said()
    latency = line["httpRequest"].pop("latency")
    assert re.fullmatch(r"\d+\.\d{6}s", latency)
    assert line.pop("time")
    assert line == {
        "severity": "INFO",
        "serviceContext": {"service": "shop", "version": "unknown"},
        LABELS: {"environment": "development", "request_id": TRACE_ID},
        "logging.googleapis.com/trace": f"projects/my-project/traces/{TRACE_ID}",
        "logging.googleapis.com/spanId": SPAN_ID,
        "logging.googleapis.com/trace_sampled": True,
        "message": "GET /ask/{x} 200",
        "httpRequest": {
            "requestMethod": "GET",
            "requestUrl": "/ask/a@b",
            "status": 200,
            "userAgent": "a browser",
            "protocol": "HTTP/1.1",
        },
        "fields": {"route": "/ask/{x}"},
    }


async def test_the_doors_have_no_line(obs: Observer, said: Said) -> None:
    for path in ("/metrics", "/healthz", "/readyz"):
        await get(obs.app, path)
    assert said() == []


async def test_what_is_said_within_a_request_belongs_to_it(shop: Service, said: Said) -> None:
    async def work(obs: Observer) -> None:
        obs.log.info("in the request")
        logging.getLogger("lib").info("in a library")
        await run_in_threadpool(obs.log.info, "in a thread")
        await asyncio.create_task(asyncio.to_thread(obs.log.info, "in a task's thread"))
        structlog.get_logger().info("through structlog")

    app = asking(shop, work)
    await asyncio.gather(*(get(app, **{"x-request-id": f"r-{number}"}) for number in range(3)))
    lines = said()
    assert len(lines) == 3 * 6
    assert sorted((line[LABELS]["request_id"], line["message"]) for line in lines) == sorted(
        (f"r-{number}", message)
        for number in range(3)
        for message in (
            "GET /ask/{x} 200",
            "in a library",
            "in a task's thread",
            "in a thread",
            "in the request",
            "through structlog",
        )
    )
    tocsin.observe(nowhere, shop).log.info("outside")
    assert "request_id" not in said()[0][LABELS]


async def test_a_failed_request_is_an_error_and_its_exception_belongs_to_it(shop: Service, said: Said) -> None:
    def work(_: Observer) -> None:
        raise LookupError("no such ring")

    app = asking(shop, work)
    async with client(app) as caller:
        caller._transport.raise_app_exceptions = True  # type: ignore[attr-defined]  # noqa: SLF001 - a server sees it
        try:
            await caller.get("/ask/1", headers={"x-request-id": "r-1"})
        except LookupError:
            logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    request, traceback = said()
    assert (request["severity"], request["message"]) == ("ERROR", "GET /ask/{x} 500")
    assert traceback["severity"] == "ERROR"
    assert traceback[LABELS]["request_id"] == request[LABELS]["request_id"] == "r-1"
    assert traceback["stack_trace"].startswith("Traceback (most recent call last):")
    assert traceback["stack_trace"].endswith("LookupError: no such ring\n")


@pytest.mark.parametrize(
    ("level", "severities"),
    [
        ("DEBUG", ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]),
        ("info", ["INFO", "WARNING", "ERROR", "CRITICAL"]),
        ("WARNING", ["WARNING", "ERROR", "CRITICAL"]),
        ("ERROR", ["ERROR", "CRITICAL"]),
        ("CRITICAL", ["CRITICAL"]),
    ],
)
async def test_the_level_holds_for_both_interfaces(
    shop: Service, monkeypatch: pytest.MonkeyPatch, said: Said, level: str, severities: list[str]
) -> None:
    obs = again(shop, monkeypatch, LOG_LEVEL=level)
    for name in ("debug", "info", "warning", "error", "critical"):
        getattr(obs.log, name)("one")
        await getattr(obs.log, f"a{name}")("two")
        obs.log.log(getattr(logging, name.upper()), "three")
        getattr(logging.getLogger("lib"), name)("four")
    assert [(line["severity"], line["message"]) for line in said()] == [
        (severity, message) for severity in severities for message in ("one", "two", "three", "four")
    ]


async def test_request_lines_follow_the_level(shop: Service, monkeypatch: pytest.MonkeyPatch, said: Said) -> None:
    for level, statuses in (("INFO", [200, 404, 500]), ("ERROR", [500]), ("CRITICAL", [])):
        monkeypatch.setenv("LOG_LEVEL", level)
        app = Starlette(routes=[Route(f"/{status}", Response(status_code=status)) for status in (200, 500)])
        tocsin.observe(app, shop)
        for path in ("/200", "/404", "/500"):
            await get(app, path)
        assert [line["httpRequest"]["status"] for line in said()] == statuses


@pytest.mark.parametrize("variable", [("LOG_LEVEL", "LOUD"), ("LOG_FORMAT", "xml")])
def test_a_variable_that_means_nothing_is_refused_at_start(
    shop: Service, monkeypatch: pytest.MonkeyPatch, variable: tuple[str, str]
) -> None:
    with pytest.raises(DeclarationError, match=f"^{variable[0]}='{variable[1]}' is no"):
        again(shop, monkeypatch, **dict([variable]))


def test_the_whole_interface_of_structlog_works(obs: Observer, said: Said) -> None:
    log = obs.log.bind(shop="north", till=3)
    log.info("bound", till=4)
    log.unbind("till").info("unbound")
    log.new(fresh=True).info("new")
    obs.log.info("filled %s of %d", "3", 4)
    obs.log.info("filled %(a)s", {"a": 1})
    obs.log.info("wrongly filled %d", "x")
    obs.log.info("100 %")
    obs.log.warn("warn")  # noqa: G010 - an old name that structlog keeps
    obs.log.fatal("fatal")
    with structlog.contextvars.bound_contextvars(tenant="acme", till=1):
        obs.log.bind(till=2).info("in context")
    assert [(line["severity"], line["message"], line.get("fields")) for line in said()] == [
        ("INFO", "bound", {"shop": "north", "till": 4}),
        ("INFO", "unbound", {"shop": "north"}),
        ("INFO", "new", {"fresh": True}),
        ("INFO", "filled 3 of 4", None),
        ("INFO", "filled 1", None),
        ("INFO", "wrongly filled %d ('x',)", None),
        ("INFO", "100 %", None),
        ("WARNING", "warn", None),
        ("CRITICAL", "fatal", None),
        ("INFO", "in context", {"tenant": "acme", "till": 2}),
    ]


def test_fields_may_have_the_names_of_parameters_and_of_special_fields(obs: Observer, said: Said) -> None:
    odd = {"self": 1, "method": 2, "severity": 3, "message": 4, "time": 5, "args": 6, "record": 7}
    obs.log.info("odd", **odd)
    (line,) = said()
    assert (line["severity"], line["message"], line["fields"]) == ("INFO", "odd", odd)


def test_an_exception_stands_in_the_line(obs: Observer, said: Said) -> None:
    try:
        break_the_bell()
    except ValueError as error:
        obs.log.exception("broken", bell=1)
        obs.log.warning("given", exc_info=error)
        obs.log.warning("told", exc_info=True)
        obs.log.warning("asked for none", exc_info=False)
        logging.getLogger("lib").exception("broken in a library")
    *with_stack, without, library = said()
    for line in (*with_stack, library):
        assert line["stack_trace"].endswith("ValueError: no bell\n")
        assert "exc_info" not in line.get("fields", {})
    assert "stack_trace" not in without


def test_warnings_and_worse_say_where(obs: Observer, said: Said) -> None:
    obs.log.warning("here")
    logging.getLogger("lib").info("and here")
    for line in said():
        source = line["logging.googleapis.com/sourceLocation"]
        assert source["file"] == __file__
        assert source["function"] == "test_warnings_and_worse_say_where"
        assert int(source["line"]) > 0


def test_the_standard_library_ends_in_the_same_form(obs: Observer, said: Said) -> None:
    del obs
    logging.getLogger("lib.part").info("took %d ms", 3, extra={"rows": 7})
    wrongly_filled = logging.LogRecord("lib", logging.INFO, __file__, 1, "wrong %d", ("text",), None)
    (ours,) = (handler for handler in logging.getLogger().handlers if isinstance(handler, Handler))
    ours.handle(wrongly_filled)
    (line, wrong) = said()
    assert line["message"] == "took 3 ms"
    assert line["fields"] == {"rows": 7}
    assert line[LABELS]["logger"] == "lib.part"
    assert wrong["message"] == "wrong %d ('text',)"


def test_a_stream_handler_of_before_is_replaced_and_others_stay(shop: Service, said: Said) -> None:
    others = io.StringIO()
    root = logging.getLogger()
    kept: logging.Handler = type("Kept", (logging.StreamHandler,), {})(others)
    root.addHandler(logging.StreamHandler(sys.stdout))
    root.addHandler(kept)
    tocsin.observe(nowhere, shop)
    tocsin.observe(nowhere, shop)
    logging.getLogger("lib").warning("once")
    assert [line["message"] for line in said()] == ["once"]
    assert others.getvalue() == "once\n"


def test_a_structlog_that_was_configured_is_left_alone(shop: Service, said: Said) -> None:
    heard: list[Any] = []

    def hear(_: Any, __: str, event: Any) -> Any:
        heard.append(event["event"])
        return event

    structlog.configure(processors=[hear, structlog.processors.JSONRenderer()])
    obs = tocsin.observe(nowhere, shop)
    structlog.get_logger().info("theirs")
    obs.log.info("ours")
    assert heard == ["theirs"]
    assert [line.get("message") for line in said()] == [None, "ours"]


JSON_LIKE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None))
    | st.binary()
    | st.datetimes()
    | st.decimals()
    | st.uuids(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.integers() | st.none(), inner) | st.frozensets(st.integers())
    ),
    max_leaves=15,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec=None)), st.dictionaries(st.text(st.characters(codec=None)), JSON_LIKE, max_size=4))
def test_whatever_is_said_makes_one_line(obs: Observer, said: Said, message: str, fields: dict[str, Any]) -> None:
    obs.log.info(message, **fields)
    logging.getLogger("lib").info("%s", message, extra={f"x {name}": value for name, value in fields.items()})
    first, second = said()
    fields.pop("exc_info", None)
    for line in (first, second):
        assert line["severity"] == "INFO"
        assert TIME.fullmatch(line["time"])
        assert len(line.get("fields", {})) <= len(fields)
        assert bool(line.get("fields")) == bool(fields)


class Hostile:
    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


def test_what_json_cannot_hold_is_still_said(obs: Observer, said: Said) -> None:
    cycle: list[Any] = [1]
    cycle.append(cycle)
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    for value in (cycle, deep, Hostile(), decimal.Decimal("1.10"), 2**70, {1: {2}}, b"\xff", "\ud800", object):
        obs.log.info("odd", value=value, kept="yes")
    lines = said()
    assert len(lines) == 9
    assert {line["fields"]["kept"] for line in lines} == {"yes"}
    assert lines[2]["fields"]["value"] == "<Hostile: RuntimeError when it was read>"
    assert [lines[number]["fields"]["value"] for number in (3, 4, 5, 7)] == ["1.10", str(2**70), {"1": [2]}, "\\ud800"]


def test_a_message_with_a_newline_is_one_line(obs: Observer, said: Said) -> None:
    obs.log.info("two\nlines\r\n\u2028")
    assert [line["message"] for line in said()] == ["two\nlines\r\n\u2028"]


@pytest.mark.parametrize("how", ["closed", "none", "full"])
async def test_an_output_that_fails_never_raises_and_is_counted(
    obs: Observer, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    broken = os.fdopen(writer, "w")
    if how == "closed":
        broken.close()
    monkeypatch.setattr(sys, "stdout", None if how == "none" else broken)
    obs.log.info("lost")
    logging.getLogger("lib").warning("lost too")
    monkeypatch.undo()
    assert (await scrape(obs.app))[LOST] == 2
    obs.log.info("said again")
    if not broken.closed:
        broken.close()


def test_lines_follow_standard_output_when_it_is_replaced(obs: Observer, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        memory = io.StringIO()
        monkeypatch.setattr(sys, "stdout", memory)
        obs.log.info("hello")
        assert json.loads(memory.getvalue())["message"] == "hello"


PROGRAM = """
import threading, os
import tocsin
from tocsin.sdk import stdout

async def app(scope, receive, send): ...

obs = tocsin.observe(app, tocsin.Service(name="shop", team="shop", port=1, because="It matters."))

def work(number):
    for _ in range(40):
        obs.log.info(f"{number}" * 20_000)

threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
stdout.flush()
if not os.fork():
    obs.log.info("child")
    raise SystemExit
os.wait()
"""


def test_long_lines_of_threads_do_not_mix_and_a_child_can_speak() -> None:
    ran = subprocess.run([sys.executable, "-W", "ignore", "-c", PROGRAM], capture_output=True, text=True, check=True)
    messages = [json.loads(line)["message"] for line in ran.stdout.splitlines()]
    assert sorted(messages) == sorted(["child", *(str(number) * 20_000 for number in range(4) for _ in range(40))])


def test_people_get_a_readable_line(
    shop: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    obs = again(shop, monkeypatch, LOG_FORMAT="console")
    obs.log.info("Sale synced", sale_id="S-1")
    try:
        break_the_bell()
    except ValueError:
        obs.log.exception("broken")
    out = capsys.readouterr().out
    assert re.search(r"^\S+ \[info +\] Sale synced +sale_id=S-1$", out, re.MULTILINE)
    assert "\nTraceback (most recent call last):" in out
    assert out.endswith("ValueError: no bell\n")
    assert "\x1b[" not in out
