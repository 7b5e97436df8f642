"""The whole of it under a real server, in a process of its own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.sdk.reading import Line, requests, samples
from tests.waiting import until

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
HEADERS = {"traceparent": f"00-{TRACE_ID}-00f067aa0ba902b7-01"}


class Served:
    """A running service, and what it has said."""

    def __init__(self, url: str, output: Path) -> None:
        alone = httpx.Limits(max_keepalive_connections=0)  # uvicorn hangs up on the client of a broken request
        self.client = httpx.Client(base_url=url, timeout=30, limits=alone)
        self.output = output

    def lines(self) -> list[Line]:
        return [json.loads(line) for line in self.output.read_text().splitlines()]

    def metrics(self) -> dict[str, float]:
        return samples(self.client.get("/metrics").text)

    def answers(self) -> bool:
        try:
            return self.client.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    output = tmp_path_factory.mktemp("served") / "stdout"
    with socket.socket() as free, output.open("wb") as stdout:
        free.bind(("127.0.0.1", 0))
        free.listen()
        command = [sys.executable, "-m", "uvicorn", "tests.sdk.served:app", "--fd", str(free.fileno())]
        process = subprocess.Popen(command, stdout=stdout, stderr=subprocess.STDOUT, pass_fds=[free.fileno()])
        running = Served(f"http://127.0.0.1:{free.getsockname()[1]}", output)
    try:
        until(lambda: process.poll() is not None or running.answers(), "the service answers")
        yield running
    finally:
        running.client.close()
        process.terminate()
        process.wait(timeout=60)


def test_no_request_is_lost_and_each_has_one_line(served: Served) -> None:
    before, said = requests(served.metrics()), len(served.lines())
    paths = ["/items/1", "/items/2", "/threaded", "/stream", "/boom", "/nowhere", "/items/x"] * 20

    def get(path: str) -> tuple[str, int]:
        answer = served.client.get(path, headers=HEADERS)
        return path, answer.status_code

    with ThreadPoolExecutor(8) as pool:
        answered = Counter(pool.map(get, paths))
    templates = {"/items/1": "/items/{number}", "/items/2": "/items/{number}", "/items/x": "/items/{number}"}
    expected: Counter[tuple[str, str, str]] = Counter()
    for (path, status), number in answered.items():
        expected["GET", templates.get(path, "unmatched" if path == "/nowhere" else path), str(status)] += number
    found = served.metrics()
    after = requests(found)
    assert {key: value - before.get(key, 0) for key, value in after.items()} == expected
    assert found["http_requests_in_flight"] == 0
    assert found["visits_total"] == 60
    lines = served.lines()[said:]
    of_requests = [line for line in lines if "httpRequest" in line]
    assert Counter(line["message"] for line in of_requests) == {
        f"{method} {route} {status}": number for (method, route, status), number in expected.items()
    }
    assert Counter(line["message"] for line in lines if "httpRequest" not in line) == {
        "Item shown": 40,
        "In a thread": 20,
        "Exception in ASGI application\n": 20,
    }
    assert {line["logging.googleapis.com/trace"] for line in lines} == {TRACE_ID}
    for line in lines:
        assert ("stack_trace" in line) == line["message"].startswith("Exception in ASGI application")


def test_everything_that_is_said_from_the_start_is_a_json_line(served: Served) -> None:
    served.client.get("/items/1")
    until(lambda: any("httpRequest" in line for line in served.lines()), "the line of the request")
    lines = served.lines()
    assert all({"severity", "time", "message", "serviceContext"} <= set(line) for line in lines)
    assert any(line["message"] == "Application startup complete." for line in lines)


def test_the_exposition_is_complete(served: Served) -> None:
    found = served.metrics()
    assert {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"} <= set(found)
    assert 'http_requests_total{method="GET",route="/boom",status_code="500"}' in found


def test_a_client_that_leaves_is_not_in_flight_for_ever(served: Served) -> None:
    url = served.client.base_url
    for _ in range(5):
        with socket.create_connection((url.host, url.port or 80)) as rude:
            rude.sendall(b"GET /stream HTTP/1.1\r\nhost: shop.example\r\n\r\n")
    until(lambda: served.metrics()["http_requests_in_flight"] == 0, "no request in flight")
