"""A wrapped WSGI application says what the bare one says: the same parts, in the same order, and the same exception."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sdk.frameworks.speaking import Server, environ, unnamed
from tests.sdk.frameworks.test_flask import shop_app
from tests.sdk.test_same_answers import NAMES, observed
from tocsin import Service


class Oops(Exception):  # noqa: N818 - it is a test's
    """Raised by the applications here."""


STATUS = st.sampled_from(["200 OK", "204 No Content", "404 Not Found", "500 Broken", "nonsense", ""])
HEADERS = st.lists(st.tuples(st.sampled_from(["x-a", "content-type"]), st.text("ab;=", max_size=5)), max_size=3)
RAISED = st.sampled_from([None, (Oops, Oops("before"), None)])
CALL = st.one_of(
    st.tuples(st.just("start"), STATUS, HEADERS, RAISED), st.tuples(st.just("write"), st.binary(max_size=5))
)
CALLS = st.lists(st.one_of(CALL, CALL, CALL, st.just(("raise",))), max_size=4)
CHUNKS = st.lists(st.one_of(st.binary(max_size=5), CALL, st.just(("raise",))), max_size=5)
BODY = st.sampled_from(["list", "tuple", "generator", "plain", "closing", "sized", "sized and closing"])


class Script:
    """An application that does what it is told, and notes when its body is iterated and closed."""

    def __init__(self, calls: list[Any], chunks: list[Any], body: str, *, close_raises: bool) -> None:
        self._calls, self._chunks, self._kind = calls, chunks, body
        self._close_raises = close_raises
        self.noted: list[str] = []

    def __call__(self, _: dict[str, Any], start_response: Any) -> Any:
        """Answer."""
        self._start, self._write = start_response, self._too_early
        for call in self._calls:
            self._do(call)
        if self._kind in ("list", "tuple"):
            whole = [chunk for chunk in self._chunks if isinstance(chunk, bytes)]
            return whole if self._kind == "list" else tuple(whole)
        if self._kind == "generator":
            return self._parts()
        body = type("Body", (), {"__iter__": lambda _: self._parts()})
        if "closing" in self._kind:
            body.close = lambda _: self._close()  # type: ignore[attr-defined]  # that makes it one
        if "sized" in self._kind:
            body.__len__ = lambda _: len(self._chunks)  # type: ignore[attr-defined]  # that makes it one
        return body()

    def _parts(self) -> Iterator[bytes]:
        self.noted.append("iterated")
        try:
            for chunk in self._chunks:
                if isinstance(chunk, bytes):
                    yield chunk
                else:
                    self._do(chunk)
        finally:
            self.noted.append("left")

    def _close(self) -> None:
        self.noted.append("closed")
        if self._close_raises:
            raise Oops("in close")

    def _too_early(self, _: bytes) -> None:
        raise Oops("written before it was started")

    def _do(self, call: Any) -> None:
        if call[0] == "raise":
            raise Oops("in the middle")
        if call[0] == "start":
            _, status, headers, raised = call
            self._write = self._start(status, headers, raised) if raised else self._start(status, headers)
        else:
            self._write(call[1])


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOG_FORMAT", "json")
        yield


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(
    st.builds(partial, st.just(Script), CALLS, CHUNKS, BODY, close_raises=st.booleans()),
    st.none() | st.integers(0, 3),
    st.sampled_from(["GET", "HEAD", "BREW"]),
    NAMES,
)
def test_any_application_says_the_same(
    shop: Service, written: Callable[[], Script], leaves_after: int | None, method: str, names: str
) -> None:
    seen = []
    for watched in (False, True):
        script = written()
        server = Server(observed(script, shop, names) if watched else script)
        raised = server.ask(environ("/x", method), leaves_after)
        seen.append((raised, unnamed(server.told) if watched and names == "on" else server.told, script.noted))
    assert seen[0] == seen[1]


PATHS = ["/items/1", "/items/x", "/boom", "/teapot", "/stream", "/below/acme/things", "/static/none.css", "/none", "/"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(PATHS),
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "OPTIONS", "BREW"]),
    st.none() | st.integers(0, 2),
    NAMES,
)
def test_flask_says_the_same(shop: Service, path: str, method: str, leaves_after: int | None, names: str) -> None:
    told = []
    wrapped: Flask = observed(shop_app(), shop, names)
    for app in (shop_app(), wrapped):
        server = Server(app)
        raised = server.ask(environ(path, method), leaves_after)
        told.append((raised, unnamed(server.told) if app is wrapped and names == "on" else server.told))
    assert told[0] == told[1]
