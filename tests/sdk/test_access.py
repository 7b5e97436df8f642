"""The quick way of a request's line says what the long way says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.sdk.reading import http_scope
from tocsin import Service
from tocsin.model import LOG_SEVERITIES
from tocsin.sdk import access, context
from tocsin.sdk.cut import LONGEST
from tocsin.sdk.lines import Json
from tocsin.sdk.records import Record
from tocsin.sdk.redact import Redactor
from tocsin.sdk.settings import Settings

WRITTEN = dict.fromkeys(LOG_SEVERITIES, lambda: None)
SHOP = Service(name="shop", team="shop", port=8000, because="Nobody can buy.")
TEXTS = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(
    ["/items/7", "/mail/ann@example.com", "curl/8.0", "token=abcdef123456", '"\\\n', "/items/{id}"]
)
ASKED = st.builds(
    lambda path, method, agent, version: http_scope(
        path, method, http_version=version, headers=[(b"user-agent", agent.encode()[:60])]
    ),
    TEXTS,
    st.sampled_from(["GET", "POST", "BREW", "ann@example.com"]),
    TEXTS,
    st.sampled_from(["1.0", "1.1", "2"]),
)


def said(asked: list[tuple[dict[str, Any], str, int, float]]) -> tuple[list[Any], list[Any]]:
    """Return what each way says, but for the time."""
    redactor = Redactor()
    spell = Json(SHOP, Settings(), redactor)
    lines: tuple[list[bytes], list[bytes]] = ([], [])

    def say(into: list[bytes]) -> Callable[[Record], None]:
        return lambda record: into.append(spell(record.redacted(redactor)))

    long = access.long_way(say(lines[0]))
    short = access.short_way(
        spell.starts, spell.asked, redactor, write=lines[1].append, written=WRITTEN, say=say(lines[1])
    )
    for scope, route, status, seconds in asked:
        context.of(scope)
        long(scope, route, status, seconds)
        short(scope, route, status, seconds)
    return tuple([{**json.loads(line), "time": None} for line in way] for way in lines)  # type: ignore[return-value]  # two


@given(
    st.lists(st.tuples(ASKED, TEXTS, st.sampled_from([200, 404, 499, 500, 503]), st.floats(0, 1e4)), max_size=4).map(
        lambda asked: asked * 2
    )
)
def test_both_ways_say_the_same(asked: list[tuple[dict[str, Any], str, int, float]]) -> None:
    long, short = said(asked)
    assert short == long


def test_a_path_that_is_too_long_is_cut_either_way() -> None:
    long, short = said([(http_scope("/" + "x" * LONGEST), "/{x}", 200, 0.1)])
    assert short == long
    assert "[cut: " in short[0]["httpRequest"]["requestUrl"]
