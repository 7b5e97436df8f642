from __future__ import annotations

import re
from contextlib import suppress
from time import process_time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tocsin.live.written import Source, Table, Written
from tocsin.live.yamls import Unreadable, documents
from tocsin.model import Place

TEXTS = st.text(
    st.sampled_from("ab0:-#{}[],&*!|>'\"%@` \t\n\\é😀$()=~\u2028") | st.characters(exclude_categories=["Cs", "Cc"]),
    min_size=1,
    max_size=60,
)
STYLES = st.sampled_from([None, "'", '"', "|", ">"])


def character(raw: str, place: Place) -> str:
    return re.split("(?<=\n)", raw)[place.line - 1][place.column - 1]


def read(raw: str) -> Written:
    (tree,) = documents(Source("f", raw))
    assert isinstance(tree, Table)
    found = tree.table("a").text("b")
    assert found is not None
    return found


def is_spelled(raw: str, written: Written) -> None:
    """Show that each character that is spelled as itself stands where it is said to stand."""
    passage = written.passage()
    places = [passage.place(offset) for offset in range(len(written))]
    assert all(place is not None for place in places)
    seen = [(each.line, each.column) for each in places if each is not None]
    assert seen == sorted(set(seen))
    for letter, place in zip(written, places, strict=True):
        assert place is not None
        there = character(raw, place)
        assert there in (letter, "\\") or (letter in " \n" and there in "\r\n\x85")


@given(TEXTS, STYLES, st.integers(min_value=2, max_value=9), st.sampled_from(["\n", "\r\n"]))
def test_each_character_stands_where_it_is_said_to_stand_in_any_style(
    text: str, style: str | None, indent: int, ending: str
) -> None:
    raw = yaml.safe_dump({"a": {"b": text}}, default_style=style, allow_unicode=True, indent=indent, width=40)
    raw = raw.replace("\n", ending)
    written = read(raw)
    if written.strip(" \n\u2028\u2029"):
        is_spelled(raw, written)


@pytest.mark.parametrize(
    "spelled",
    [
        "up{job='x'}\n    == 0  # why",
        "|+2 # a comment\n      up\n\n     ==\n    0\n\n",
        ">-\n    sum(\n      up\n    )\n\n\n    == 0\n   # not this\n",
        '"up \\\n      ==   0\\u0041\\t\\x41"',
        "'it''s\n\n\n   so'",
        "&x !!str >1\n    up\n    ==\n   0",
    ],
)
def test_odd_spellings(spelled: str) -> None:
    raw = f"a:\n  b: {spelled}\n"
    written = read(raw)
    assert written == yaml.safe_load(raw)["a"]["b"]
    is_spelled(raw, written)


def test_merged_keys_and_aliases_are_read_and_repeated_keys_named() -> None:
    (tree,) = documents(Source("f", "x: &x {c: 1, d: 2}\na: {<<: *x, d: 3, d: 4}\n"))
    assert isinstance(tree, Table)
    assert dict(tree.table("a")) == {"c": "1", "d": "3"}
    assert tree.table("a").twice == ["d"]


@pytest.mark.parametrize(
    "bomb",
    [
        "[" * 100_000,
        "{a: " * 20_000,
        "- " * 50_000,
        "a0: &a0 [x]\n" + "".join(f"a{n + 1}: &a{n + 1} [*a{n}, *a{n}, *a{n}]\n" for n in range(3000)),
        "&a [*a]",
        "*nothing",
        "a: \x01",
        "a:\n\t- b",
        "'" * 99_999,
    ],
)
def test_a_bomb_is_read_or_refused_at_once(bomb: str) -> None:
    began = process_time()
    with suppress(Unreadable):
        list(documents(Source("f", bomb)))
    assert process_time() - began < 1
