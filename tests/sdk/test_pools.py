"""What is said in a thread pool belongs to who gave the work to it, and nothing else changes."""

from __future__ import annotations

import asyncio
import decimal
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from typing import Any, NoReturn

import pytest
import structlog

import tocsin
from tests.sdk.reading import Line, http_scope
from tocsin import Observer, Service
from tocsin.sdk.context import CURRENT

Said = Callable[[], list[Line]]
LABELS = "logging.googleapis.com/labels"
THEIRS: ContextVar[str] = ContextVar("theirs", default="nothing")


async def nowhere(scope: Any, receive: Any, send: Any) -> None:
    """Answer nothing."""


@pytest.fixture(name="obs")
def _obs(shop: Service) -> Observer:
    return tocsin.observe(nowhere, shop)


def in_request(name: str, work: Callable[[], Any]) -> Any:
    def run() -> Any:
        CURRENT.set(http_scope(headers=[(b"x-request-id", name.encode())]))
        structlog.contextvars.bind_contextvars(tenant=name)
        return work()

    return copy_context().run(run)


def whose(lines: list[Line]) -> list[tuple[str | None, str | None]]:
    return [(line[LABELS].get("request_id"), line.get("fields", {}).get("tenant")) for line in lines]


def test_work_belongs_to_the_request_that_gave_it_and_the_next_does_not(obs: Observer, said: Said) -> None:
    with ThreadPoolExecutor(1) as pool:
        for name in ("r-1", "r-2"):
            in_request(name, lambda: pool.submit(obs.log.info, "in a pool").result())
            in_request(name, lambda: list(pool.map(logging.getLogger("lib").info, ["mapped"])))
        pool.submit(obs.log.info, "outside").result()
    assert whose(said()) == [("r-1", "r-1"), ("r-1", None), ("r-2", "r-2"), ("r-2", None), (None, None)]


def test_work_of_an_event_loop_belongs_to_its_request(obs: Observer, said: Said) -> None:
    async def work() -> None:
        await asyncio.get_running_loop().run_in_executor(None, obs.log.info, "in the executor")

    in_request("r-1", lambda: asyncio.run(work()))
    assert whose(said()) == [("r-1", "r-1")]


def test_a_thread_of_its_own_is_given_the_context_by_who_starts_it(obs: Observer, said: Said) -> None:
    def start(target: Callable[..., Any], *args: object) -> None:
        thread = threading.Thread(target=target, args=args)
        thread.start()
        thread.join()

    in_request("r-1", lambda: start(obs.log.info, "alone"))
    in_request("r-1", lambda: start(copy_context().run, obs.log.info, "given"))
    assert whose(said()) == [(None, None), ("r-1", "r-1")]


def test_results_and_exceptions_are_what_they_would_be(obs: Observer) -> None:
    del obs
    error = LookupError("no such ring")

    def fail() -> NoReturn:
        raise error

    def keyed(*args: int, **kwargs: int) -> tuple[Any, Any]:
        return args, kwargs

    def work(pool: ThreadPoolExecutor) -> None:
        assert pool.submit(keyed, 1, 2, fn=3, self=4, work=5).result() == ((1, 2), {"fn": 3, "self": 4, "work": 5})
        assert pool.submit(fail).exception() is error
        with pytest.raises(TypeError, match="submit"):
            pool.submit()  # type: ignore[call-arg]  # that is the point
        pool.shutdown()
        with pytest.raises(RuntimeError, match="after shutdown"):
            pool.submit(keyed)

    for run in (in_request, lambda _, task: task()):
        run("r-1", lambda: work(ThreadPoolExecutor(1)))


def test_no_other_variable_is_carried(obs: Observer) -> None:
    del obs

    def work() -> tuple[str, int]:
        THEIRS.set("the submitter's")
        decimal.getcontext().prec = 5
        with ThreadPoolExecutor(1, initializer=THEIRS.set, initargs=("the initializer's",)) as pool:
            return pool.submit(lambda: (THEIRS.get(), decimal.getcontext().prec)).result()

    assert in_request("r-1", work) == ("the initializer's", 28)


def test_pools_are_prepared_once(shop: Service) -> None:
    tocsin.observe(nowhere, shop)
    before = ThreadPoolExecutor.submit
    tocsin.observe(nowhere, shop)
    assert ThreadPoolExecutor.submit is before
