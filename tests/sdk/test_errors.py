"""What the error tracker is told, and what it costs when it is slow, away, or told too much."""

from __future__ import annotations

import functools
import json
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import SimpleNamespace
from typing import Any

import pytest
import sentry_sdk
from hypothesis import given, settings
from hypothesis import strategies as st
from sentry_sdk.transport import Transport

from tests.sdk.reading import http_scope
from tests.sdk.sink import Sink, sink
from tests.waiting import until
from tocsin import DeclarationError, Service
from tocsin.sdk import errors
from tocsin.sdk.context import CURRENT
from tocsin.sdk.errors import Allowance, Tracker
from tocsin.sdk.records import Record
from tocsin.sdk.redact import Redactor
from tocsin.sdk.settings import Settings
from tocsin.sdk.snapshots import LONGEST, Snapshot

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACED = [(b"host", b"shop.example"), (b"traceparent", f"00-{TRACE}-{SPAN}-01".encode())]


@pytest.fixture
def server() -> Iterator[Sink]:
    """An error tracker."""
    with sink() as running:
        yield running


@dataclass
class Told:
    """A tracker, and what it could not send."""

    tracker: Tracker
    lost: Counter[str]
    sentences: set[str]


@pytest.fixture
def told(server: Sink, shop: Service) -> Told:
    return tracking(server.dsn, shop)


def tracking(dsn: str, service: Service, **more: Any) -> Told:
    """Return the tracker of a service."""
    lost: Counter[str] = Counter()
    sentences: set[str] = set()

    def lose(reason: str, sentence: str) -> None:
        lost[reason] += 1
        sentences.add(sentence)

    given = Settings(dsn=dsn, version="1.2.3", environment="production", **more)
    found = Tracker.from_settings(given, service, Redactor(), lose)
    assert found is not None
    return Told(found, lost, sentences)


def raised(error: BaseException) -> BaseException:
    """Return *error* as it is when it was raised."""
    try:
        raise error  # noqa: TRY301 - that is what this is for
    except BaseException as caught:  # noqa: BLE001 - whatever it is
        return caught


def clock(monkeypatch: pytest.MonkeyPatch, now: float) -> None:
    """Let the time be *now* for what is told."""
    monkeypatch.setattr(errors, "time", SimpleNamespace(monotonic=lambda: now, time=time.time))


def arrived(told: Told, server: Sink, count: int = 1, kind: str = "event") -> list[dict[str, Any]]:
    told.tracker.flush(30)
    return server.wait(kind, count)


def test_without_a_dsn_there_is_no_tracker(shop: Service) -> None:
    assert Tracker.from_settings(Settings(), shop, Redactor(), lambda *_: None) is None


@pytest.mark.parametrize("dsn", ["nonsense", "ftp://key@host/1", "https://host/1", "https://key@host/"])
def test_a_dsn_that_is_none_is_refused_in_a_sentence(shop: Service, dsn: str) -> None:
    with pytest.raises(DeclarationError, match=r"^SENTRY_DSN is no DSN: set the one .*, or unset it\.$"):
        tracking(dsn, shop)


def test_an_error_says_where_it_was_and_what_was_asked(told: Told, server: Sink) -> None:
    scope = http_scope("/items/7", query_string=b"q=1", headers=[*TRACED, (b"user-agent", b"curl")])
    told.tracker.failed(scope, "/items/{id}", 500, raised(ValueError("broken")))
    (event,) = arrived(told, server)
    assert (event["release"], event["environment"], event["level"]) == ("1.2.3", "production", "error")
    assert event["server_name"]
    assert event["transaction"] == "GET /items/{id}"
    assert event["tags"] == {"service": "shop", "operation": "GET /items/{id}"}
    assert event["request"]["url"] == "http://shop.example/items/7"
    assert event["request"]["method"] == "GET"
    assert event["request"]["headers"]["user-agent"] == "curl"
    trace = event["contexts"]["trace"]
    assert (trace["trace_id"], trace["parent_span_id"]) == (TRACE, SPAN)
    assert event["contexts"]["response"] == {"status_code": 500}
    assert event["contexts"]["runtime"]["name"] == "CPython"
    assert event["extra"]["request_id"]
    (exception,) = event["exception"]["values"]
    assert (exception["type"], exception["value"], exception["module"]) == ("ValueError", "broken", "builtins")
    assert exception["mechanism"]["handled"] is False
    assert "user" not in event
    assert not told.lost


def test_a_frame_has_its_source_and_the_locals_of_own_functions_alone(told: Told, server: Sink) -> None:
    def own(basket: list[int]) -> None:
        first = basket[0]
        json.loads("{" * first)

    with pytest.raises(ValueError, match="Expecting") as error:
        own([2])
    told.tracker.capture(error.value, "parse", {})
    (event,) = arrived(told, server)
    frames = {frame["function"]: frame for frame in event["exception"]["values"][0]["stacktrace"]["frames"]}
    assert frames["own"]["vars"] == {"basket": [2], "first": 2}
    assert frames["own"]["context_line"].strip() == 'json.loads("{" * first)'
    assert frames["own"]["in_app"] is True
    assert frames["own"]["filename"].endswith("test_errors.py")
    assert frames["loads"]["in_app"] is False
    assert "vars" not in frames["loads"]


def test_causes_and_groups_are_tied_to_what_came_of_them(told: Told, server: Sink) -> None:
    inner, other = ValueError("inner"), KeyError("other")
    group = ExceptionGroup("all", [inner, other])
    group.__cause__ = OSError("cause")
    told.tracker.capture(raised(group), "many", {})
    (event,) = arrived(told, server)
    values = {value["value"]: value["mechanism"] for value in event["exception"]["values"]}
    main = event["exception"]["values"][-1]
    assert main["mechanism"]["is_exception_group"] is True
    assert values["cause"]["source"] == "__cause__"
    assert values["inner"]["source"] == "exceptions[0]"
    assert {mechanism["parent_id"] for mechanism in values.values() if "parent_id" in mechanism} == {0}


def test_a_circle_of_causes_and_a_deep_stack_end(told: Told, server: Sink) -> None:
    def deep() -> None:
        deep()

    with pytest.raises(RecursionError) as error:
        deep()
    error.value.__cause__ = ValueError()
    error.value.__cause__.__cause__ = error.value
    told.tracker.capture(error.value, "deep", {})
    (event,) = arrived(told, server)
    assert len(event["exception"]["values"]) == 2
    assert len(event["exception"]["values"][-1]["stacktrace"]["frames"]) == 50


def test_what_was_logged_before_is_told_with_it(told: Told, server: Sink) -> None:
    mine, other = http_scope(), http_scope()
    for scope in (mine, other):
        token = CURRENT.set(scope)
        for number in range(60):
            told.tracker.heard(Record("INFO", f"line {number}", {"number": number, "mine": scope is mine}))
        CURRENT.reset(token)
    told.tracker.heard(Record("INFO", "outside"))
    told.tracker.failed(mine, "/", 500, raised(ValueError()))
    (event,) = arrived(told, server)
    crumbs = event["breadcrumbs"]["values"]
    assert [crumb["data"] for crumb in crumbs] == [{"number": number, "mine": True} for number in range(10, 60)]
    assert crumbs[0]["message"] == "line 10"
    assert {crumb["level"] for crumb in crumbs} == {"info"}


def test_an_error_outside_of_requests_bears_what_was_said_outside(told: Told, server: Sink) -> None:
    scope = http_scope()
    token = CURRENT.set(scope)
    told.tracker.heard(Record("INFO", "within"))
    CURRENT.reset(token)
    told.tracker.heard(Record("INFO", "outside"))
    told.tracker.capture(raised(ValueError()), "sync", {"sale_id": 7, "retry_count": 3})
    (event,) = arrived(told, server)
    assert [crumb["message"] for crumb in event["breadcrumbs"]["values"]] == ["outside"]
    assert event["extra"] == {"sale_id": 7, "retry_count": 3}
    assert event["tags"] == {"service": "shop", "operation": "sync"}
    assert len(event["contexts"]["trace"]["trace_id"]) == 32
    assert "request" not in event


def test_a_breadcrumb_keeps_nothing_large_alive(told: Told, server: Sink) -> None:
    class Large:
        gone = False

        def __del__(self) -> None:
            Large.gone = True

    told.tracker.heard(Record("INFO", "x" * 10_000, {"large": Large(), "many": list(range(10_000)), "n": 1}))
    assert Large.gone
    told.tracker.capture(raised(ValueError()), "sync", {})
    (event,) = arrived(told, server)
    (crumb,) = event["breadcrumbs"]["values"]
    assert len(crumb["message"]) < 1100
    assert crumb["data"]["large"].endswith("Large>")
    assert len(crumb["data"]["many"]) == 21
    assert crumb["data"]["n"] == 1


def test_a_text_is_cut_after_its_secrets_are_found() -> None:
    for before in range(LONGEST - 40, LONGEST):
        text = Snapshot(Redactor()).text("x" * before + " planted.secret@mail.example " + "x" * 10_000)
        assert "planted" not in text
        assert len(text) < LONGEST + 20


def test_a_logged_exception_is_told_once_and_not_again_when_it_is_raised(told: Told, server: Sink) -> None:
    error = raised(ValueError("twice"))
    scope = http_scope()
    token = CURRENT.set(scope)
    told.tracker.heard(Record("CRITICAL", "It broke", {"sale_id": 7}, source=("f.py", 1, "sell"), error=error))
    CURRENT.reset(token)
    told.tracker.failed(scope, "/", 500, error)
    told.tracker.heard(Record("ERROR", "Exception in ASGI application", logger="uvicorn.error", error=error))
    told.tracker.capture(raised(ValueError("another")), "x", {})
    first, _ = arrived(told, server, 2)
    assert len(server.of("event")) == 2
    assert first["logentry"]["formatted"] == "It broke"
    assert first["level"] == "fatal"
    assert first["extra"]["sale_id"] == 7
    assert first["exception"]["values"][0]["mechanism"]["handled"] is True


@pytest.mark.parametrize(
    "record",
    [
        Record("WARNING", "warned", error=raised(ValueError())),
        Record("ERROR", "no exception"),
        Record("ERROR", "refused", {"status_code": 400}, error=raised(ValueError()), logger="django.security"),
        Record("ERROR", "failed", error=raised(ValueError()), logger="sentry_sdk.errors"),
        Record("ERROR", "left", error=raised(KeyboardInterrupt())),
        Record("ERROR", "left", error=raised(type("ClientDisconnect", (Exception,), {})())),
    ],
    ids=lambda record: record.message,
)
def test_what_is_no_error_of_the_service_is_not_told(told: Told, server: Sink, record: Record) -> None:
    told.tracker.heard(record)
    told.tracker.capture(raised(ValueError("last")), "x", {})
    (event,) = arrived(told, server)
    assert event["exception"]["values"][0]["value"] == "last"
    assert len(server.of("event")) == 1


def test_an_exception_that_is_made_once_and_raised_for_ever_is_told_again(
    told: Told, server: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = raised(ValueError())
    for now in (0.0, 0.0, 120.0):
        clock(monkeypatch, now)
        told.tracker.failed(http_scope(), "/", 500, error)
    monkeypatch.undo()
    arrived(told, server, 2)
    assert len(server.of("event")) == 2


def test_a_transaction_says_how_long_its_request_took(told: Told, server: Sink) -> None:
    before = time.time()
    told.tracker.transaction(http_scope("/items/7", headers=TRACED), "/items/{id}", 404, 0.25)
    (event,) = arrived(told, server, kind="transaction")
    assert event["type"] == "transaction"
    assert event["transaction"] == "GET /items/{id}"
    assert event["transaction_info"] == {"source": "route"}
    assert event["timestamp"] - event["start_timestamp"] == pytest.approx(0.25, abs=1e-3)
    assert before <= event["timestamp"] <= time.time()
    trace = event["contexts"]["trace"]
    assert (trace["op"], trace["status"], trace["trace_id"]) == ("http.server", "not_found", TRACE)
    assert event["contexts"]["response"] == {"status_code": 404}
    assert event["tags"]["service"] == "shop"
    assert server.keys == {key for key in server.keys if "sentry_key=publickey" in key}


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5, 0.99])
def test_the_gaps_between_sampled_requests_follow_the_rate(server: Sink, shop: Service, rate: float) -> None:
    tracker = tracking(server.dsn, shop, traces=rate).tracker
    gaps = [tracker.gap() for _ in range(20_000)]
    spread = (1 - rate) ** 0.5 / rate
    assert min(gaps) >= 1
    assert statistics.mean(gaps) == pytest.approx(1 / rate, abs=6 * spread / 20_000**0.5 + 1e-9)


def test_a_rate_of_none_and_of_all_are_exact(server: Sink, shop: Service) -> None:
    assert tracking(server.dsn, shop, traces=0.0).tracker.gap() > 2**60
    assert {tracking(server.dsn, shop, traces=1.0).tracker.gap() for _ in range(100)} == {1}


def test_a_storm_of_equal_errors_costs_little_and_each_is_counted(told: Told, server: Sink) -> None:
    def broken() -> None:
        raise ValueError("again")

    for _ in range(10_000):
        try:
            broken()
        except ValueError as error:
            told.tracker.failed(http_scope(), "/", 500, error)
    told.tracker.flush(30)
    until(lambda: len(server.of("event")) + told.lost["error"] == 10_000, "each is sent or counted")
    assert 10 <= len(server.of("event")) < 1000
    assert len(told.sentences) == 1


def test_an_allowance_fills_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock(monkeypatch, 0)
    allowance = Allowance(3, 0.5)
    assert [allowance.permits("a") for _ in range(4)] == [True, True, True, False]
    assert allowance.permits("b")
    clock(monkeypatch, 2)
    assert [allowance.permits("a") for _ in range(2)] == [True, False]


def many(told: Told, count: int) -> None:
    """Tell of errors that differ."""
    for number in range(count):
        kind = type(f"Error{number}", (Exception,), {})
        told.tracker.failed(http_scope(), "/", 500, raised(kind()))


def test_a_tracker_that_does_not_answer_holds_nobody_up(told: Told, server: Sink) -> None:
    server.answers.clear()
    done = threading.Event()

    def tell() -> None:
        many(told, 300)
        for _ in range(300):
            told.tracker.transaction(http_scope(), "/", 200, 0.1)
        done.set()

    threading.Thread(target=tell, daemon=True).start()
    assert done.wait(60)
    assert server.asked <= 1
    assert told.lost["error"] >= 190
    assert told.lost["transaction"] == 300
    server.answers.set()
    told.tracker.flush(30)
    until(lambda: len(server.of("event")) + told.lost["error"] == 300, "each is sent or counted")


def test_transactions_leave_room_for_errors(told: Told, server: Sink) -> None:
    server.answers.clear()
    for _ in range(100):
        told.tracker.transaction(http_scope(), "/", 200, 0.1)
    many(told, 20)
    server.answers.set()
    arrived(told, server, 20)
    assert told.lost["error"] == 0
    assert told.lost["transaction"] >= 49


def test_a_tracker_that_cannot_be_reached_is_counted_and_told_of_once(shop: Service) -> None:
    with sink() as gone:
        told = tracking(gone.dsn, shop)
    many(told, 20)
    told.tracker.flush(30)
    until(lambda: told.lost["error"] == 20, "each is counted")
    assert len(told.sentences) == 1
    assert "see SENTRY_DSN" in told.sentences.pop()


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({"Retry-After": "60"}, ("error", "transaction")),
        ({"X-Sentry-Rate-Limits": "60:error:organization"}, ("error",)),
        ({"X-Sentry-Rate-Limits": "60:transaction;span:key"}, ("transaction",)),
    ],
)
def test_a_limit_of_the_trackers_is_kept(
    told: Told, server: Sink, headers: dict[str, str], waits: tuple[str, ...]
) -> None:
    server.status, server.headers = 429, headers
    many(told, 1)
    told.tracker.flush(30)
    until(lambda: told.lost["error"] == 1, "the refused one is counted")
    server.status, server.headers = 200, {}
    asked = server.asked
    many(told, 5)
    for _ in range(5):
        told.tracker.transaction(http_scope(), "/", 200, 0.1)
    told.tracker.flush(30)
    sent = 5 * (2 - len(waits))
    until(lambda: server.asked == asked + sent, "what is still allowed")
    assert told.lost["error"] == (6 if "error" in waits else 1)
    assert told.lost["transaction"] == (5 if "transaction" in waits else 0)


def test_flushing_takes_no_longer_than_it_may(told: Told, server: Sink) -> None:
    server.answers.clear()
    many(told, 5)
    until(lambda: server.asked == 1, "the first is on its way")
    began = time.monotonic()
    told.tracker.flush(0.2)
    assert time.monotonic() - began < 10
    server.answers.set()


def test_who_flushes_again_after_a_flush_in_vain_does_not_wait(
    told: Told, server: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[float] = []

    def in_vain(seconds: float) -> bool:
        flushed.append(seconds)
        return False

    monkeypatch.setattr(told.tracker._sentry, "flush", in_vain)  # noqa: SLF001 - what it waits for
    told.tracker.flush(2)
    told.tracker.flush(2)
    assert flushed == [2]
    assert not server.items


class Own(Transport):
    """The transport of an application that uses sentry-sdk itself."""

    sent = 0

    def capture_envelope(self, _: object) -> None:
        self.sent += 1


def test_the_global_client_of_the_application_stays_its_own(server: Sink, shop: Service) -> None:
    own = Own()
    client = sentry_sdk.Client(dsn="http://key@127.0.0.1/1", transport=own, default_integrations=False)
    with sentry_sdk.new_scope() as scope:
        scope.set_client(client)
        told = tracking(server.dsn, shop)
        many(told, 1)
        arrived(told, server)
        assert sentry_sdk.get_client() is client
        assert own.sent == 0
        sentry_sdk.capture_message("mine")
        assert own.sent == 1
    assert len(server.of("event")) == 1


class Hostile(Exception):  # noqa: N818 - it is no use as an error
    """An exception that is of no use to anybody."""

    def __str__(self) -> str:
        raise RuntimeError

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __setattr__(self, name: str, value: object) -> None:
        raise RuntimeError(name)


class Strange:
    """An object that breaks whoever looks at it."""

    def __repr__(self) -> str:
        raise RuntimeError

    __str__ = __repr__

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __hash__(self) -> int:
        return 1


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.dates() | st.decimals()
NAMES = st.none() | st.integers() | st.text() | st.binary()
ANYTHING = st.recursive(
    SCALARS | st.builds(Strange) | st.just(PurePosixPath("/x")) | st.builds(lambda: 10**5000),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(NAMES, inner) | st.frozensets(NAMES),
    max_leaves=20,
)


@functools.cache
def silent(service: Service) -> tuple[Told, list[Any]]:
    """Return a tracker that sends nothing, and what it would send."""
    told, sent = tracking("http://key@127.0.0.1:1/1", service), list[Any]()
    told.tracker._sentry._opened().transport.capture_envelope = sent.append  # type: ignore[union-attr, method-assign]  # noqa: SLF001 - an envelope is as it is sent
    return told, sent


@settings(deadline=None)
@given(
    error=st.one_of(st.builds(Hostile), st.builds(ValueError, ANYTHING), ANYTHING),
    operation=ANYTHING,
    extra=st.dictionaries(st.text(), ANYTHING),
)
def test_capturing_never_raises(error: object, operation: object, extra: dict[str, Any]) -> None:
    service = Service(name="shop", team="shop", port=8000, because="Nobody can buy.")
    told, sent = silent(service)
    sent.clear()
    told.lost.clear()
    told.tracker.capture(error, operation, extra)
    logged = error if type(error) is not Strange and isinstance(error, BaseException) else None
    told.tracker.heard(Record("ERROR", "x", extra, error=logged))
    for envelope in sent:
        assert envelope.serialize()
    assert sent or told.lost


def test_requests_on_many_threads_are_not_mixed_up(told: Told, server: Sink) -> None:
    def work(number: int) -> None:
        token = CURRENT.set(http_scope(f"/{number}"))
        for _ in range(20):
            told.tracker.heard(Record("INFO", f"of {number}", {"number": number}))
        told.tracker.capture(raised(type(f"E{number}", (Exception,), {})()), f"operation {number}", {})
        CURRENT.reset(token)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for event in arrived(told, server, 8):
        number = int(event["tags"]["operation"].split()[1])
        assert event["request"]["url"].endswith(f"/{number}")
        assert {crumb["data"]["number"] for crumb in event["breadcrumbs"]["values"]} == {number}
