from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import httpx
import pytest
from starlette.applications import Starlette

import tocsin
from tests.sdk.frameworks.speaking import Server
from tests.sdk.reading import Line, client
from tocsin import DeclarationError, Observer, Service
from tocsin.sdk.drain import DRAIN

pytestmark = pytest.mark.anyio


async def nowhere(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - the interface
    raise AssertionError("a door was passed on to the application")


@pytest.fixture
def obs(shop: Service) -> Observer:
    return tocsin.observe(nowhere, shop)


async def get(obs: Observer, path: str) -> httpx.Response:
    async with client(obs.app) as caller:
        return await caller.get(path)


async def test_a_living_service_is_alive(obs: Observer) -> None:
    assert (await get(obs, "/healthz")).status_code == 200


async def test_a_service_without_checks_is_ready(obs: Observer) -> None:
    answer = await get(obs, "/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "failing": []})


async def test_readiness_names_what_fails(obs: Observer) -> None:
    works = {"cache": True, "warehouse": True}

    async def warehouse() -> bool:
        return works["warehouse"]

    def broken() -> bool:
        raise RuntimeError("unreachable")

    obs.ready("cache", lambda: works["cache"])
    obs.ready("warehouse", warehouse)
    assert (await get(obs, "/readyz")).status_code == 200
    works["warehouse"] = False
    answer = await get(obs, "/readyz")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "failing": ["warehouse"]})
    works["cache"] = False
    obs.ready("queue", broken)
    assert (await get(obs, "/readyz")).json()["failing"] == ["cache", "warehouse", "queue"]
    assert (await get(obs, "/healthz")).status_code == 200


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz"])
async def test_the_doors_are_read_only_and_kept_by_no_cache(obs: Observer, path: str) -> None:
    async with client(obs.app) as caller:
        answered, head, refused = [await caller.request(method, path) for method in ("GET", "HEAD", "POST")]
    assert (answered.status_code, head.status_code, refused.status_code) == (200, 200, 405)
    assert int(head.headers["content-length"]) > 0
    assert head.content == b""
    assert refused.headers["allow"] == "GET, HEAD"
    assert answered.headers["cache-control"] == "no-store"


async def test_the_exposition_says_its_format(obs: Observer) -> None:
    assert (await get(obs, "/metrics")).headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


async def test_the_doors_come_before_what_the_application_has_there(shop: Service) -> None:
    app = Starlette()
    app.add_route("/healthz", nowhere)  # type: ignore[arg-type]  # it is never called
    tocsin.observe(app, shop)
    async with client(app) as caller:
        assert (await caller.get("/healthz")).json() == {"alive": True}


class Blocked:
    """Checks that hang until the test is over."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.asked = 0

    def thread(self) -> bool:
        self.asked += 1
        return self.over.wait(60)

    async def coroutine(self) -> bool:
        self.asked += 1
        await anyio.sleep(3600)
        return True


@pytest.fixture
def blocked() -> Iterator[Blocked]:
    checks = Blocked()
    yield checks
    checks.over.set()


async def test_a_check_that_hangs_fails_when_its_time_is_over_and_holds_up_no_other(
    obs: Observer, blocked: Blocked
) -> None:
    obs.ready("thread", blocked.thread, within=0.05)
    obs.ready("cache", lambda: True)
    obs.ready("coroutine", blocked.coroutine, within=0.05)
    for _ in range(3):
        answer = await get(obs, "/readyz")
        assert (answer.status_code, answer.json()["failing"]) == (503, ["thread", "coroutine"])
    assert blocked.asked == 1 + 3, "a function that hangs is called once, not again for each probe"
    blocked.over.set()
    obs.ready("thread", blocked.thread, within=60)
    assert (await get(obs, "/readyz")).json()["failing"] == ["coroutine"]


async def test_checks_are_asked_beside_one_another(obs: Observer) -> None:
    met = threading.Barrier(2)
    waiting = [anyio.Event(), anyio.Event()]

    def meeting(mine: int) -> Any:
        async def check() -> bool:
            waiting[mine].set()
            await waiting[1 - mine].wait()
            return True

        return check

    for number in range(2):
        obs.ready(f"thread {number}", lambda: met.wait(60) >= 0, within=60)
        obs.ready(f"coroutine {number}", meeting(number), within=60)
    assert (await get(obs, "/readyz")).json() == {"ready": True, "failing": []}


async def test_probes_at_one_time_share_the_call_of_a_function(obs: Observer) -> None:
    calls, asked = 0, threading.Event()

    def check() -> bool:
        nonlocal calls
        calls += 1
        return asked.wait(60)

    obs.ready("cache", check, within=60)
    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(get, obs, "/readyz")
        await anyio.wait_all_tasks_blocked()
        asked.set()
    assert calls == 1
    assert (await get(obs, "/readyz")).status_code == 200


async def test_a_function_may_return_what_is_to_be_awaited(obs: Observer) -> None:
    async def works() -> bool:
        return True

    obs.ready("cache", lambda: works())  # noqa: PLW0108 - what is tested
    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(get, obs, "/readyz")
    assert (await get(obs, "/readyz")).json() == {"ready": True, "failing": []}


async def test_a_function_that_blocks_holds_up_no_request(obs: Observer, blocked: Blocked) -> None:
    obs.ready("thread", blocked.thread, within=60)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(get, obs, "/readyz")
        assert (await get(obs, "/healthz")).status_code == 200
        blocked.over.set()


async def test_a_change_of_readiness_is_said_once(shop: Service, said: Callable[[], list[Line]]) -> None:
    obs = tocsin.observe(nowhere, shop)
    works = {"cache": True}

    def cache() -> bool:
        if not works["cache"]:
            raise ConnectionError("redis://user:secret@cache")
        return True

    obs.ready("cache", cache)
    for state in (True, False, False, True, True):
        works["cache"] = state
        await get(obs, "/readyz")
    assert [(line["severity"], line["message"]) for line in said()] == [
        ("WARNING", "The service is not ready: cache (ConnectionError)."),
        ("INFO", "The service is ready again."),
    ]


async def test_a_late_check_is_named_with_its_time(obs: Observer, said: Callable[[], list[Line]]) -> None:
    obs.ready("forever", lambda: anyio.sleep(3600), within=0.01)  # type: ignore[arg-type,return-value]  # it never returns
    await get(obs, "/readyz")
    assert said()[-1]["message"] == "The service is not ready: forever (no answer within 0.01 s)."


@pytest.mark.parametrize("within", [0, -1, float("inf"), float("nan")])
async def test_a_time_that_is_none_is_refused(obs: Observer, within: float) -> None:
    with pytest.raises(DeclarationError, match="give it a positive number of seconds"):
        obs.ready("cache", lambda: True, within=within)


async def test_a_service_that_drains_asks_no_check(obs: Observer, monkeypatch: pytest.MonkeyPatch) -> None:
    obs.ready("cache", lambda: pytest.fail("it was asked"))
    monkeypatch.setattr(DRAIN, "begun", True)
    answer = await get(obs, "/readyz")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "failing": ["draining"]})


def test_a_check_that_hangs_does_not_hang_a_wsgi_server(shop: Service, blocked: Blocked) -> None:
    def hello(_: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [b"hello"]

    obs = tocsin.observe(hello, shop)
    obs.ready("thread", blocked.thread, within=0.05)
    obs.ready("coroutine", blocked.coroutine, within=0.05)
    obs.ready("cache", lambda: True)
    answer = (503, b'{"ready":false,"failing":["thread","coroutine"]}')
    assert [Server(obs.app).get("/readyz") for _ in range(2)] == [answer] * 2
