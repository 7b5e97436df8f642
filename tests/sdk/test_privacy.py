"""No secret comes out of a service, whatever way it goes into a line; what is ordinary does."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import tocsin
from tests.sdk.reading import Line, client
from tests.sdk.test_redact import formed, hidden, opaque, ordinary_names, ordinary_texts, secret_names
from tocsin import Observer, Service
from tocsin.sdk.redact import Redactor

Said = Callable[[], list[Line]]
many = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)


async def nowhere(scope: Any, receive: Any, send: Any) -> None:
    """Answer nothing."""


@pytest.fixture(name="obs", params=["json", "console"])
def _obs(shop: Service, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Observer:
    monkeypatch.setenv("LOG_FORMAT", request.param)
    monkeypatch.setenv("TOCSIN_REDACT", "customerRef, loyalty-number")
    return tocsin.observe(nowhere, shop)


def fail(text: str) -> NoReturn:
    raise LookupError(text) from KeyError(text)


def without(secret: str, output: str) -> bool:
    """Tell whether *secret* stands nowhere in *output*, nor as JSON spells it."""
    return secret not in output and json.dumps(secret)[1:-1] not in output and output != ""


@many
@given(st.data(), formed)
def test_no_form_of_a_secret_comes_out(
    obs: Observer, capsys: pytest.CaptureFixture[str], data: st.DataObject, secret: str
) -> None:
    value = data.draw(hidden(secret))
    library = logging.getLogger("lib")
    obs.log.info(secret)
    obs.log.info("said %s", secret)
    obs.log.info("said", value=value, plain=secret)
    obs.log.info("said", **{secret: 1})
    obs.log.bind(value=value).warning("said")
    library.info("said %s", value)
    library.warning("said", extra={"value": value, secret: 1})
    logging.getLogger(f"lib {secret}").info("said")
    assert without(secret, capsys.readouterr().out)


@many
@given(st.data(), secret_names() | st.sampled_from(["customer_ref", "CustomerRef", "loyaltyNumber"]), opaque)
def test_nothing_comes_out_from_under_a_secret_name(
    obs: Observer, capsys: pytest.CaptureFixture[str], data: st.DataObject, name: str, secret: str
) -> None:
    value = data.draw(hidden({name: secret}))
    obs.log.info("said", **{name: secret})
    obs.log.info("said", value=value)
    obs.log.error("said", **{name: [secret]})
    text = f"said {name.replace(' ', '_')}={secret}"
    obs.log.info(text)
    logging.getLogger("lib").info("said", extra={f"{name} ": secret, "value": value})
    assert without(secret, capsys.readouterr().out)


@many
@given(formed, secret_names(), opaque)
def test_no_secret_comes_out_of_an_exception(
    obs: Observer, capsys: pytest.CaptureFixture[str], secret: str, name: str, other: str
) -> None:
    for text in (f"broken by {secret}", f"broken: {name.replace(' ', '_')}={other}"):
        try:
            fail(text)
        except LookupError as error:
            obs.log.exception("broken")
            obs.log.info("broken", exc_info=error, error=error)
            logging.getLogger("lib").exception("broken")
    output = capsys.readouterr().out
    assert without(secret, output)
    assert without(other, output)
    assert "LookupError" in output


@many
@given(formed.filter(str.isascii), opaque)
def test_no_secret_comes_out_of_a_request(
    shop: Service, capsys: pytest.CaptureFixture[str], secret: str, other: str
) -> None:
    import asyncio  # noqa: PLC0415 - hypothesis runs no coroutine

    async def ask() -> None:
        async with client(app) as caller:
            path = f"/ask/{secret.replace('%', '%25')}"
            agent = {"user-agent": f"browser ({secret}) token={other}"}
            await caller.get(path, params={"token": other, "q": secret}, headers=agent)
            await caller.get(f"/nowhere{path}", headers={"x-request-id": secret})
            await caller.request("TOKEN", f"/ask/password={other}")

    async def answer(_: Request) -> Response:
        return Response()

    app = Starlette(routes=[Route("/ask/{x}", answer)])
    tocsin.observe(app, shop)
    asyncio.run(ask())
    output = capsys.readouterr().out
    assert without(secret, output)
    assert without(other, output)
    assert output.count("httpRequest") == 3


@many
@given(ordinary_texts, st.dictionaries(ordinary_names, ordinary_texts | st.integers(-(10**9), 10**9) | st.booleans()))
def test_what_is_ordinary_comes_out_as_it_is(
    shop: Service, capsys: pytest.CaptureFixture[str], message: str, fields: dict[str, Any]
) -> None:
    obs = tocsin.observe(nowhere, shop)
    for _ in range(2):
        obs.log.info(message, **fields)
    expected = json.loads(json.dumps([message, fields]).encode("utf-8", "backslashreplace"))
    for line in map(json.loads, capsys.readouterr().out.splitlines()):
        if message.isascii() and str(fields).isascii() and "\ud800" not in f"{message}{fields}":
            assert [line["message"], line.get("fields", {})] == expected


@many
@given(
    st.one_of(formed, ordinary_texts, st.text()),
    st.dictionaries(
        secret_names() | ordinary_names, st.one_of(formed, opaque, ordinary_texts, st.text(), st.integers(), st.none())
    ),
)
def test_what_a_glance_tells_harmless_would_be_left_as_it_is(message: str, fields: dict[str, Any]) -> None:
    redactor = Redactor()
    for _ in range(2):
        if redactor.harmless(message, fields):
            assert redactor.text(message) == message
            assert redactor.value(fields) == fields
        redactor.fields(fields)


def test_who_listens_hears_what_was_said_as_it_was_said(shop: Service, said: Said) -> None:
    obs = tocsin.observe(nowhere, shop)
    heard: list[Any] = []
    obs._logs.heard = heard.append  # noqa: SLF001 - the error tracker does
    for _ in range(2):
        obs.log.info("said", number=1)
    obs.log.warning("said", password="hunter2")  # noqa: S106 - it is made up
    logging.getLogger("lib").info("said")
    assert [(record.message, dict(record.fields)) for record in heard] == [
        ("said", {"number": 1}),
        ("said", {"number": 1}),
        ("said", {"password": "hunter2"}),
        ("said", {}),
    ]
    assert said()[2]["fields"] == {"password": "[redacted]"}
