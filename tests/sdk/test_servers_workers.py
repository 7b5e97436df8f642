"""Several workers of real servers, scraped as one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest

from tests.sdk.test_drain import GUNICORN, UVICORN, running
from tests.waiting import until

WORKERS = 3
COUNTED = 'http_requests_total{method="GET",route="/",status_code="200"}'
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SERVERS = {"uvicorn": (*UVICORN, "--workers", str(WORKERS)), "gunicorn": (*GUNICORN, "--workers", str(WORKERS))}


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[psutil.Process, str]]:
    with running(tmp_path, SERVERS[request.param]) as (process, url):
        yield psutil.Process(process.pid), url


def scraped(url: str) -> dict[str, float]:
    lines = httpx.get(f"{url}/metrics").raise_for_status().text.splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def answered(url: str) -> float:
    return scraped(url)[COUNTED]


def ask(url: str, times: int) -> None:
    """Ask on a new connection each time, so that every worker gets its share."""
    with ThreadPoolExecutor(8) as pool:
        for answer in pool.map(lambda _: httpx.get(url).status_code, range(times)):
            assert answer == 200


def workers(server: psutil.Process) -> set[int]:
    return {child.pid for child in server.children() if _works(child)}


def _works(child: psutil.Process) -> bool:
    try:
        return "resource_tracker" not in " ".join(child.cmdline())
    except psutil.Error:  # it has just ended
        return False


def test_any_worker_tells_the_exact_count_of_all(server: tuple[psutil.Process, str]) -> None:
    _, url = server
    ask(f"{url}/", 200)
    assert {answered(url) for _ in range(20)} == {200}


def test_a_killed_worker_takes_no_count_with_it(server: tuple[psutil.Process, str]) -> None:
    process, url = server
    until(lambda: len(workers(process)) == WORKERS, "every worker")
    ask(f"{url}/", 100)
    before = workers(process)
    psutil.Process(min(before)).kill()
    until(lambda: len(workers(process) - {min(before)}) == WORKERS, "a new worker in its place")
    until(lambda: _answers(url), "an answer")
    assert {answered(url) for _ in range(10)} == {100}
    ask(f"{url}/", 50)
    assert {answered(url) for _ in range(10)} == {150}


def test_the_workers_are_one_target(server: tuple[psutil.Process, str]) -> None:
    process, url = server
    ask(f"{url}/", 100)
    found = scraped(url)
    alive = workers(process)
    assert 1 <= found["tocsin_sdk_workers"] <= len(alive)
    assert found["process_cpu_seconds_total"] > 0
    assert found["http_requests_in_flight"] == 0


def test_every_worker_shows_the_exemplars_of_what_it_answered(server: tuple[psutil.Process, str]) -> None:
    _, url = server
    headers = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    assert httpx.get(f"{url}/", headers=headers).is_success

    def shown() -> bool:
        answer = httpx.get(f"{url}/metrics", headers={"accept": "application/openmetrics-text"})
        counted = next(line for line in answer.text.splitlines() if line.startswith(COUNTED))
        assert counted.startswith(f"{COUNTED} 1")
        return TRACE in counted

    until(shown, "the worker that answered")


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").is_success
    except httpx.TransportError:
        return False
