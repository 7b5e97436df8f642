"""What comes into a store is followed, once for all who want the same."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from tests.logs.stores import append, record, seal
from tocsin.console import following
from tocsin.console.following import Followed, Following
from tocsin.logs.tailing import Wanted
from tocsin.model import TocsinError

T = TypeVar("T")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "FRESH", 0.0)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    append(tmp_path, [record("first")])
    return tmp_path


def followed(store: Path, do: Callable[[Following], Awaitable[T]]) -> T:
    async def done() -> T:
        end = Following(store)
        try:
            return await do(end)
        finally:
            end.close()

    return asyncio.run(done())


def messages(seen: Followed) -> list[str]:
    return [row["message"] for row in seen.rows]


def test_what_comes_is_seen_once_through_a_seal_and_the_newest_first(store: Path) -> None:
    async def do(end: Following) -> None:
        assert messages(await end.newest(Wanted())) == ["first"]
        append(store, [record("second")])
        assert messages(await end.newest(Wanted())) == ["second", "first"]
        seal(store)
        append(store, [record("third")], number=2)
        seen = await end.newest(Wanted())
        assert messages(seen) == ["third", "second", "first"]
        assert seen.came == 2
        assert await end.newest(Wanted()) == seen

    followed(store, do)


def test_ten_readers_who_want_the_same_cost_one_read(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "FRESH", 60.0)

    async def do(end: Following) -> int:
        seen = await asyncio.gather(*(end.newest(Wanted()) for _ in range(10)))
        assert seen == [seen[0]] * 10
        await end.newest(Wanted(severity="ERROR"))
        return end.reads

    assert followed(store, do) == 2


def test_no_more_records_are_kept_than_are_said(store: Path) -> None:
    async def do(end: Following) -> Followed:
        await end.newest(Wanted())
        append(store, [record(str(number)) for number in range(following.KEPT + 3)])
        return await end.newest(Wanted())

    seen = followed(store, do)
    assert (len(seen.rows), seen.came) == (following.KEPT, following.KEPT + 3)
    assert messages(seen)[0] == str(following.KEPT + 2)


def test_a_store_that_goes_away_is_said_and_followed_anew_once_it_is_back(store: Path) -> None:
    async def do(end: Following) -> None:
        await end.newest(Wanted())
        shutil.rmtree(store)
        with pytest.raises(TocsinError, match=r"^The store .* is away: what comes is shown once it is back\.$"):
            await end.newest(Wanted())
        append(store, [record("anew")])
        assert messages(await end.newest(Wanted())) == ["anew"]

    followed(store, do)


def test_what_nobody_asks_for_is_left(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "IDLE", -1.0)

    async def do(end: Following) -> Followed:
        await end.newest(Wanted())
        append(store, [record("second")])
        return await end.newest(Wanted())

    seen = followed(store, do)
    assert (messages(seen), seen.came) == (["second", "first"], 0)
