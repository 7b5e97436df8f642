"""Lines that would be too long for Cloud Logging."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tocsin
from tests.sdk.reading import Line, client
from tocsin import Observer, Service
from tocsin.sdk.cut import LONGEST

Said = Callable[[], list[Line]]
FROZEN = {
    "severity",
    "serviceContext",
    "logging.googleapis.com/labels",
    "logging.googleapis.com/trace",
    "logging.googleapis.com/spanId",
    "logging.googleapis.com/trace_sampled",
    "logging.googleapis.com/sourceLocation",
    "time",
    "message",
    "httpRequest",
    "stack_trace",
    "fields",
}


async def nowhere(_: Any, __: Any, send: Any) -> None:
    """Answer nothing."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture(name="obs")
def _obs(shop: Service) -> Observer:
    return tocsin.observe(nowhere, shop)


def only(capsys: pytest.CaptureFixture[str]) -> tuple[int, Line]:
    """Return the length of the one line that was said, and the line."""
    (line,) = capsys.readouterr().out.splitlines()
    return len(line.encode()) + 1, json.loads(line)


@pytest.mark.parametrize("letter", ["x", "é", "\x00", "🔔", "\ud800", "x y", "1 "])
def test_a_long_message_keeps_its_beginning(obs: Observer, capsys: pytest.CaptureFixture[str], letter: str) -> None:
    message = f"It began. {letter * 300_000}"
    obs.log.info(message, sale="S-1")
    length, line = only(capsys)
    assert length <= LONGEST
    assert line["message"].startswith("It began. ")
    assert line["message"].endswith(" letters]")
    assert "[cut: " in line["message"]
    assert (line["severity"], line["fields"]) == ("INFO", {"sale": "S-1"})
    assert set(line) <= FROZEN


def test_what_was_cut_is_said_to_the_letter(obs: Observer, capsys: pytest.CaptureFixture[str]) -> None:
    obs.log.info("ab " * 100_000)
    _, line = only(capsys)
    kept, _, cut = line["message"].partition("... [cut: ")
    assert len(kept) + int(cut.removesuffix(" letters]")) == 300_000


def test_a_long_field_leaves_room_for_the_others(obs: Observer, capsys: pytest.CaptureFixture[str]) -> None:
    obs.log.info("said", first="x " * 60_000, second=["y"] * 9000, third=["z " * 30_000] * 3, short=1, shorter="a")
    length, line = only(capsys)
    assert length <= LONGEST
    fields = line["fields"]
    assert (line["message"], fields["short"], fields["shorter"]) == ("said", 1, "a")
    assert list(fields) == ["first", "second", "third", "short", "shorter"]
    assert fields["first"].startswith("x x x ")
    assert fields["third"].startswith('["z z z ')
    for name in ("first", "third"):
        assert fields[name].endswith(" letters]")
        assert len(fields[name]) > 10_000


def test_many_fields_are_counted(obs: Observer, capsys: pytest.CaptureFixture[str]) -> None:
    obs.log.info("said", **{f"{'name' * 20}_{'abcdefghij'[number % 10]}{number}": "v " * 50 for number in range(5000)})
    length, line = only(capsys)
    assert length <= LONGEST
    assert line["message"] == "said"
    assert line["fields"]["[cut]"].endswith(" fields")


def test_a_long_traceback_keeps_its_beginning_and_its_exception(
    obs: Observer, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise ValueError("long " * 100_000 + "the end")

    try:
        fail()
    except ValueError:
        obs.log.exception("broken " * 20_000)
    length, line = only(capsys)
    assert length <= LONGEST
    assert line["stack_trace"].startswith("Traceback (most recent call last):\n")
    assert line["stack_trace"].endswith("the end\n")
    assert "[cut: " in line["stack_trace"]
    assert line["severity"] == "ERROR"
    assert set(line) <= FROZEN


@pytest.mark.anyio
async def test_a_long_request_keeps_its_trace(
    obs: Observer, capsys: pytest.CaptureFixture[str], anyio_backend: str
) -> None:
    del anyio_backend
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01", "user-agent": "agent " * 50_000}
    async with client(obs.app) as caller:
        await caller.get("/" + "x/" * 30_000, headers=headers)
    length, line = only(capsys)
    assert length <= LONGEST
    assert line["logging.googleapis.com/trace"] == trace
    assert line["httpRequest"]["requestUrl"].startswith("/x/x/")
    assert line["httpRequest"]["status"] == 200


long_texts = st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=5), st.integers(1, 40_000))
long_values = st.one_of(
    long_texts, st.lists(long_texts, max_size=3), st.dictionaries(long_texts, long_texts, max_size=3)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(long_texts, st.dictionaries(st.text(min_size=1, max_size=300), long_values, max_size=6))
def test_no_line_is_longer_than_the_limit_and_each_is_whole(
    obs: Observer, capsys: pytest.CaptureFixture[str], message: str, fields: dict[str, Any]
) -> None:
    obs.log.info(message, **fields)
    logging.getLogger("lib").warning("%s", message, extra={f"x {name}": value for name, value in fields.items()})
    first, second, nothing = capsys.readouterr().out.split("\n")
    assert nothing == ""
    for text in (first, second):
        assert len(text.encode()) < LONGEST
        assert set(json.loads(text)) <= FROZEN
