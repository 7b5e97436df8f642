from __future__ import annotations

import asyncio
import json
import math
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice, pairwise, takewhile
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.waiting import until
from tocsin.model import Service, Traffic
from tocsin.stack import ports
from tocsin.stack.traffic import AT_ONCE, Crowd, Visitor, arrivals, day_shape, local_hour

DAY = 86_400
LIMIT = 60.0
SHOP = """
from tocsin import Catalog, Service, Team, Traffic

async def visit(client, rng):
    await client.get(f"/{rng.randint(1, 9)}")

async def stumble(client, rng):
    raise LookupError("no such door")

def service(name, port, visitor):
    return Service(name=name, team="shop", port=port, because="x", traffic=Traffic(rps=50), visitor=visitor)

CATALOG = Catalog(
    services=(service("till", 8001, "shop:visit"), service("door", 8002, "shop:stumble"), service("quiet", 8003, "")),
    teams=(Team(name="shop", slack="#shop"),),
    runbooks="https://runbooks.example",
    heartbeat="https://heartbeat.example",
)
WRONG = Catalog(
    services=(service("till", 8001, "shop:SHELF"),),
    teams=(Team(name="shop", slack="#shop"),),
    runbooks="https://runbooks.example",
    heartbeat="https://heartbeat.example",
)
SHELF = 3
"""


def dice(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - customers, not secrets


@given(st.floats(0, 24))
def test_there_is_traffic_at_every_hour(hour: float) -> None:
    assert 0 < day_shape(hour) < 2


def test_over_a_day_the_shape_comes_to_its_mean() -> None:
    steps = 24 * 60
    assert math.isclose(sum(day_shape(24 * step / steps) for step in range(steps)) / steps, 1, abs_tol=1e-9)


@given(st.floats(0, 24), st.floats(0, 0.01))
def test_the_shape_has_no_jump_and_none_at_midnight(hour: float, step: float) -> None:
    assert math.isclose(day_shape(24), day_shape(0))
    assert abs(day_shape((hour + step) % 24) - day_shape(hour)) < 0.01


def test_the_night_is_quiet_and_noon_and_evening_are_busy() -> None:
    hours = [step / 10 for step in range(240)]
    peaks = [hour for hour in hours if day_shape(hour - 0.1) < day_shape(hour) > day_shape(hour + 0.1)]
    assert min(hours, key=day_shape) == 4
    assert [round(peak) for peak in peaks] == [12, 20]


@given(st.integers(0, 4_000_000_000))
def test_an_hour_is_of_this_machines_day(at: int) -> None:
    assert 0 <= local_hour(at) < 24 + 1 / DAY


def test_in_a_day_as_many_come_as_the_service_declares() -> None:
    start, rate = 1_800_000_000.0, 0.5
    came = sum(1 for _ in takewhile(lambda at: at < start + DAY, arrivals(rate, dice(1), start)))
    assert abs(came - rate * DAY) < 5 * math.sqrt(rate * DAY)


def test_they_come_at_random_and_the_same_seed_gives_the_same_day() -> None:
    first, same, other = (list(islice(arrivals(1, dice(seed), 0.0), 2_000)) for seed in (1, 1, 2))
    assert first == same != other
    gaps = [after - before for before, after in pairwise(first)]
    mean = sum(gaps) / len(gaps)
    deviation = math.sqrt(sum((gap - mean) ** 2 for gap in gaps) / len(gaps))
    assert min(gaps) > 0
    assert math.isclose(deviation / mean, 1, abs_tol=0.1)


def service(rps: float) -> Service:
    return Service(name="till", team="shop", port=8001, because="x", traffic=Traffic(rps=rps))


async def visited(crowd: Crowd, enough: asyncio.Event) -> None:
    coming = asyncio.create_task(crowd.arrive())
    async with asyncio.timeout(LIMIT):
        await enough.wait()
    coming.cancel()
    await asyncio.gather(coming, return_exceptions=True)


def crowd(visitor: Visitor, seed: int = 1) -> Crowd:
    return Crowd(service(2_000), visitor, httpx.AsyncClient(), scale=1, seed=seed)


def test_the_same_seed_gives_the_same_visits_in_any_order() -> None:
    async def scene(seed: int) -> list[float]:
        drawn: list[float] = []
        enough = asyncio.Event()

        async def visit(_: httpx.AsyncClient, rng: Random) -> None:
            drawn.append(rng.random())
            if len(drawn) >= 30:
                enough.set()

        await visited(crowd(visit, seed), enough)
        return drawn[:30]

    assert asyncio.run(scene(1)) == asyncio.run(scene(1)) != asyncio.run(scene(2))


def test_a_slow_service_is_visited_by_a_bounded_crowd_and_the_rest_is_counted() -> None:
    async def scene() -> Crowd:
        full = asyncio.Event()

        async def visit(_: httpx.AsyncClient, __: Random) -> None:
            assert people.under_way <= AT_ONCE
            if people.tally.started == AT_ONCE:
                full.set()
            await asyncio.Event().wait()

        people = crowd(visit)
        coming = asyncio.create_task(people.arrive())
        async with asyncio.timeout(LIMIT):
            await full.wait()
            while not people.tally.skipped:  # noqa: ASYNC110 - nobody is told of who stays outside
                await asyncio.sleep(0)
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        return people

    people = asyncio.run(scene())
    assert (people.tally.started, people.tally.finished, people.under_way) == (AT_ONCE, 0, 0)


def test_visits_under_way_may_end_when_the_traffic_stops() -> None:
    async def scene() -> Crowd:
        begun, leave = asyncio.Event(), asyncio.Event()

        async def visit(*_people: object) -> None:
            begun.set()
            await leave.wait()
            for _ in range(100):
                await asyncio.sleep(0)

        people = crowd(visit)
        coming = asyncio.create_task(people.arrive())
        async with asyncio.timeout(LIMIT):
            await begun.wait()
            coming.cancel()
            await asyncio.sleep(0)
            leave.set()
            await asyncio.gather(coming, return_exceptions=True)
        return people

    people = asyncio.run(scene())
    assert people.tally.finished == people.tally.started > 0


@dataclass
class Door:
    """A service of which every visit is noted, and the trace that it says."""

    url: str
    paths: list[str] = field(default_factory=list)
    traces: list[str | None] = field(default_factory=list)


@contextmanager
def open_door() -> Iterator[Door]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            door.traces.append(self.headers["traceparent"])
            door.paths.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    door = Door(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield door
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text('[tool.tocsin]\ncatalog = "shop:CATALOG"\n')
    (tmp_path / "shop.py").write_text(SHOP)
    return tmp_path


def start(project: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tocsin.stack.traffic", *arguments],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(traffic: subprocess.Popen[str]) -> tuple[list[dict[str, Any]], str]:
    traffic.terminate()
    said, errors = traffic.communicate(timeout=LIMIT)
    assert traffic.returncode == 0
    return [json.loads(line)["services"] for line in said.splitlines()], errors


def test_services_are_visited_until_told_to_stop_and_the_visits_are_reported(project: Path) -> None:
    with open_door() as door:
        traffic = start(project, f"--address=till={door.url}", f"--address=quiet={door.url}", "--report-every=0.1")
        until(lambda: len(door.paths) >= 20, "20 visits", LIMIT)
        reports, errors = end(traffic)
    assert errors == ""
    assert len(reports) > 1
    ((name, last),) = reports[-1].items()
    assert name == "till"
    assert 20 <= last["finished"] <= last["started"]
    assert last["finished"] <= len(door.paths)
    assert (last["failed"], last["skipped"], last["under_way"], last["errors"]) == (0, 0, 0, {})


def test_a_few_visits_are_of_a_sampled_trace_of_their_own_which_a_request_says(project: Path) -> None:
    with open_door() as door:
        traffic = start(project, f"--address=till={door.url}", "--scale=10")
        until(lambda: len(set(door.traces)) > 3, "three sampled visits", LIMIT)
        assert end(traffic)[1] == ""
    said = [trace for trace in door.traces if trace]
    assert all(re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-01", trace) for trace in said)
    assert len({trace.split("-")[1] for trace in said}) == len(said) < len(door.traces) / 2


def test_visits_that_fail_are_counted_said_once_and_stop_nothing(project: Path) -> None:
    with open_door() as door:
        nowhere = f"http://127.0.0.1:{ports.free(['nowhere'])['nowhere']}"
        traffic = start(project, f"--address=door={door.url}", f"--address=till={nowhere}", "--report-every=0.1")
        assert traffic.stdout is not None
        for line in traffic.stdout:
            told = json.loads(line)["services"]
            if all(told[name]["failed"] >= 3 for name in ("till", "door")):
                break
        reports, errors = end(traffic)
    last = reports[-1]
    assert set(last["till"]["errors"]) == {"ConnectError"}
    assert set(last["door"]["errors"]) == {"LookupError"}
    assert errors.count("\n") == 2
    assert "door: a visit failed with LookupError: no such door." in errors


def test_without_visitors_it_idles_until_told_to_stop(project: Path) -> None:
    traffic = start(project, "--report-every=0.05")
    assert traffic.stdout is not None
    assert json.loads(traffic.stdout.readline())["services"] == {}
    assert end(traffic)[1] == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--address", "shelf=http://127.0.0.1:1"], "The catalog has no service 'shelf' to visit: use one of till"),
        (["--address", "till"], "'till' is no address: write SERVICE=http"),
        (["--scale", "0"], "'0' is not above 0"),
        (["--catalog", "nowhere:CATALOG"], "There is no module nowhere"),
        (
            ["--catalog", "shop:WRONG", "--address", "till=http://127.0.0.1:1"],
            "The visitor shop:SHELF of till cannot be",
        ),
    ],
)
def test_a_wrong_argument_is_said_in_a_sentence(project: Path, arguments: list[str], words: str) -> None:
    traffic = start(project, *arguments)
    _, errors = traffic.communicate(timeout=LIMIT)
    assert traffic.returncode == 2
    assert words in errors
    assert "Traceback" not in errors
