"""What is asked of Prometheus, by a server that counts its questions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx
from hypothesis import given
from hypothesis import strategies as st

from tocsin.console.metrics import MOST_REMEMBERED, Away, Exemplar, Metrics, Sample, Window

FOUND = {
    "status": "success",
    "data": {"resultType": "vector", "result": [{"metric": {"service": "shop"}, "value": [1.0, "0.5"]}]},
}


def asked(
    ask: Callable[[Metrics], Awaitable[object]], status: int = 200, said: object = FOUND
) -> tuple[object, list[httpx.Request]]:
    """Return what *ask* got, and the requests that it took."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(status, json=said) if not isinstance(said, str) else httpx.Response(status, text=said)

    async def run() -> object:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            return await ask(Metrics("http://prometheus", http))

    return asyncio.run(run()), seen


def test_ten_tabs_that_ask_alike_cost_one_question() -> None:
    async def ten(metrics: Metrics) -> object:
        return await asyncio.gather(*(metrics.instant("up") for _ in range(10)))

    answers, seen = asked(ten)
    assert answers == [(Sample({"service": "shop"}, 0.5),)] * 10
    assert len(seen) == 1


def test_exemplars_are_told_by_their_time_and_each_once() -> None:
    told = {"labels": {"trace_id": "b" * 32, "span_id": "c" * 16}, "value": "0.25", "timestamp": 12.5}
    before = {"labels": {"trace_id": "a" * 32}, "value": "0.5", "timestamp": 11.5}
    other = {"labels": {}, "value": "1", "timestamp": 10.0}
    series = [{"seriesLabels": {}, "exemplars": [told, other]}, {"seriesLabels": {}, "exemplars": [before, told]}]
    said = {"status": "success", "data": series}
    found, (seen,) = asked(lambda metrics: metrics.exemplars("up", Window(10.0, 20.0, 5.0)), said=said)
    assert found == (Exemplar(11.5, 0.5, "a" * 32), Exemplar(12.5, 0.25, "b" * 32))
    assert (seen.url.path, seen.url.params["start"]) == ("/api/v1/query_exemplars", "10.000")


def test_a_moment_is_asked_to_the_second() -> None:
    _, (seen,) = asked(lambda metrics: metrics.instant("up", 1_795_601_693.0))
    assert seen.url.params["time"] == "1795601693.000"


def test_one_who_stops_waiting_leaves_the_answer_to_the_others() -> None:
    async def two(metrics: Metrics) -> object:
        hasty = asyncio.create_task(metrics.instant("up"))
        patient = asyncio.create_task(metrics.instant("up"))
        await asyncio.sleep(0)
        hasty.cancel()
        return await patient

    assert asked(two)[0] == (Sample({"service": "shop"}, 0.5),)


def test_what_is_remembered_has_an_end() -> None:
    async def many(metrics: Metrics) -> object:
        for number in range(MOST_REMEMBERED + 1):
            await metrics.instant(str(number))
        await metrics.instant("0")
        return None

    assert len(asked(many)[1]) == MOST_REMEMBERED + 2


def test_what_prometheus_refuses_is_said_in_its_words() -> None:
    told, _ = asked(lambda metrics: metrics.instant("up("), 400, {"status": "error", "error": "parse error: unclosed"})
    assert told == Away("Prometheus refuses this: parse error: unclosed.")


def test_what_is_not_prometheus_is_said() -> None:
    told, _ = asked(lambda metrics: metrics.instant("up"), 200, "<html>")
    assert told == Away("What answers at http://prometheus is not Prometheus.")


def test_a_prometheus_that_is_away_is_a_sentence() -> None:
    async def run() -> object:
        async with httpx.AsyncClient(trust_env=False) as http:
            return await Metrics("http://127.0.0.1:1", http).instant("up")

    told = asyncio.run(run())
    assert isinstance(told, Away)
    assert told.sentence.startswith("Prometheus at http://127.0.0.1:1 cannot be reached")


@given(start=st.floats(1e9, 2e9), length=st.floats(60, 1e8), points=st.integers(10, 500))
def test_a_window_has_whole_steps_and_not_too_many(start: float, length: float, points: int) -> None:
    window = Window.of(start, start + length, points)
    assert window.start % window.step == window.end % window.step == 0
    assert (window.end - window.start) / window.step <= points + 1
    assert window.start <= start <= window.start + window.step
