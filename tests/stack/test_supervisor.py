from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tocsin.stack import ports
from tocsin.stack.part import Part, PartFailed, PartState
from tocsin.stack.supervisor import Supervisor

SERVER = Path(__file__).parent / "programs" / "server.py"
HOST = SERVER.with_name("host.py")
LIMIT = 30.0

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def server(folder: Path, name: str = "server", **settings: Any) -> Part:
    port = ports.free([name])[name]
    url = f"http://127.0.0.1:{port}/"
    command = (sys.executable, str(SERVER), str(port))
    return Part(**{"name": name, "command": command, "folder": folder, "url": url, "ready": url, **settings})


def program(folder: Path, name: str, text: str, **settings: Any) -> Part:
    return Part(name=name, command=(sys.executable, "-c", text), folder=folder, **settings)


class Watched:
    """A supervisor, and every state that its parts went through."""

    def __init__(self, folder: Path, *parts: Part) -> None:
        self.seen: list[PartState] = []
        self.refuse: Callable[[PartState], None] = lambda _: None
        self.changed = asyncio.Event()
        self.supervisor = Supervisor(parts, logs=folder, notice=self._notice)

    def _notice(self, state: PartState) -> None:
        self.refuse(state)
        self.seen.append(state)
        self.changed.set()

    def state(self, name: str = "server") -> PartState:
        return next(state for state in self.supervisor.states if state.name == name)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(LIMIT):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


@asynccontextmanager
async def running(folder: Path, *parts: Part) -> AsyncIterator[Watched]:
    watched = Watched(folder, *parts)
    try:
        await watched.supervisor.start()
        yield watched
    finally:
        await watched.supervisor.stop()


async def holds(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT):
        while not condition():  # noqa: ASYNC110 - of another process, which sets no event of ours
            await asyncio.sleep(0.01)


async def ended(pid: int) -> None:
    await holds(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


def pid_of(state: PartState) -> int:
    assert state.pid is not None
    return state.pid


async def test_parts_start_in_their_order_and_stop_in_reverse(tmp_path: Path) -> None:
    async with running(
        tmp_path,
        server(tmp_path, "last", after=("first", "second")),
        server(tmp_path, "second", after=("first",)),
        server(tmp_path, "first"),
    ) as watched:
        came = [state.name for state in watched.seen if state.health == "healthy"]
        assert came == ["first", "second", "last"]
        pids = [pid_of(state) for state in watched.supervisor.states]
    assert [state.name for state in watched.seen if state.health == "stopped"] == ["last", "second", "first"]
    assert not any(psutil.pid_exists(pid) for pid in pids)


async def test_a_killed_part_comes_back_and_is_counted(tmp_path: Path) -> None:
    async with running(tmp_path, server(tmp_path)) as watched:
        for count in (1, 2):
            old = pid_of(watched.state())
            os.kill(old, signal.SIGKILL)
            await watched.until(lambda: watched.state().restarts == count and watched.state().health == "healthy")  # noqa: B023 - awaited in this turn
            assert watched.state().reason == "was ended by signal 9"
            assert pid_of(watched.state()) != old


async def test_a_hung_part_is_killed_and_comes_back(tmp_path: Path) -> None:
    part = server(tmp_path, pause=0.05, timeout=0.2, patience=3)
    async with running(tmp_path, part) as watched:
        os.kill(pid_of(watched.state()), signal.SIGSTOP)
        await watched.until(lambda: watched.state().restarts == 1 and watched.state().health == "healthy")
        assert watched.state().reason == "did not answer 3 times in a row"


async def test_a_part_that_answers_but_is_not_ready_is_left_to_mend(tmp_path: Path) -> None:
    async with running(tmp_path, server(tmp_path, pause=0.05, patience=2)) as watched:
        (tmp_path / "sick").touch()
        await watched.until(lambda: watched.state().health == "unhealthy")
        (tmp_path / "sick").unlink()
        await watched.until(lambda: watched.state().health == "healthy")
        assert watched.state().restarts == 0


async def test_a_part_is_held_down_until_it_is_released(tmp_path: Path) -> None:
    async with running(tmp_path, server(tmp_path)) as watched:
        old = pid_of(watched.state())
        await watched.supervisor.hold_down("server")
        assert watched.state().health == "held"
        assert not psutil.pid_exists(old)
        await watched.supervisor.release("server")
        assert watched.state().health == "healthy"
        assert watched.state().restarts == 0


async def test_a_part_that_is_held_down_while_it_starts_stays_down(tmp_path: Path) -> None:
    async with running(tmp_path, server(tmp_path)) as watched:
        restarting = asyncio.create_task(watched.supervisor.restart("server"))
        await watched.until(lambda: watched.state().health == "restarting")
        await watched.supervisor.hold_down("server")
        assert watched.state().pid is None
        await watched.supervisor.release("server")
        await restarting


async def test_what_ends_the_supervision_is_raised_and_every_part_still_ends(tmp_path: Path) -> None:
    watched = Watched(tmp_path, server(tmp_path), server(tmp_path, "other"))
    await watched.supervisor.start()
    pids = [pid_of(state) for state in watched.supervisor.states]

    def refuse(_: PartState) -> None:
        raise PartFailed("The disk is full.")

    watched.refuse = refuse
    os.kill(pids[0], signal.SIGKILL)
    with pytest.raises(PartFailed, match="The disk is full"):
        await watched.supervisor.failure()
    with pytest.raises(PartFailed, match="The disk is full"):
        await watched.supervisor.stop()
    assert not any(psutil.pid_exists(pid) for pid in pids)


async def test_a_restart_on_request_is_not_counted(tmp_path: Path) -> None:
    async with running(tmp_path, server(tmp_path)) as watched:
        old = pid_of(watched.state())
        await watched.supervisor.restart("server")
        assert watched.state().health == "healthy"
        assert pid_of(watched.state()) != old
        os.kill(pid_of(watched.state()), signal.SIGKILL)
        await watched.until(lambda: watched.state().restarts == 1 and watched.state().health == "healthy")


async def test_a_part_that_ends_at_once_fails_with_its_last_words(tmp_path: Path) -> None:
    broken = program(tmp_path, "broken", "raise SystemExit('no such warehouse')")
    with pytest.raises(PartFailed, match=r"^broken ended with exit code 1; the last it said is: no such warehouse "):
        async with running(tmp_path, server(tmp_path), broken):
            pass


async def test_a_part_that_never_answers_fails_after_its_deadline(tmp_path: Path) -> None:
    mute = program(tmp_path, "mute", "import signal; signal.pause()", ready="http://127.0.0.1:1/", deadline=0.5)
    with pytest.raises(PartFailed, match=r"^mute was not healthy within 0.5 s; it said nothing "):
        async with running(tmp_path, mute):
            pass


async def test_a_missing_program_fails_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(PartFailed, match="the last it said is: /no/such cannot be run: No such file or directory"):
        async with running(tmp_path, Part(name="missing", command=("/no/such",), folder=tmp_path)):
            pass


async def test_a_part_that_keeps_crashing_later_is_tried_again_and_again(tmp_path: Path) -> None:
    once = (
        "import pathlib, sys, signal; p = pathlib.Path('came'); p.exists() and sys.exit(3); p.touch(); signal.pause()"
    )
    async with running(tmp_path, program(tmp_path, "server", once)) as watched:
        os.kill(pid_of(watched.state()), signal.SIGKILL)
        await watched.until(lambda: watched.state().restarts == 4)
        assert watched.state().reason == "ended with exit code 3"
        (tmp_path / "came").unlink()
        await watched.until(lambda: watched.state().health == "healthy")


async def test_children_of_a_part_end_with_it(tmp_path: Path) -> None:
    async with running(tmp_path, server(tmp_path, environment={"CHILD": "1"})) as watched:
        first = int((tmp_path / "child").read_text())
        os.kill(pid_of(watched.state()), signal.SIGKILL)
        await watched.until(lambda: watched.state().restarts == 1 and watched.state().health == "healthy")
        await ended(first)
        second = int((tmp_path / "child").read_text())
    await ended(second)


async def test_a_part_that_ignores_sigterm_is_killed_after_its_grace(tmp_path: Path) -> None:
    async with running(tmp_path, server(tmp_path, environment={"STUBBORN": "1"}, grace=0.2)) as watched:
        pid = pid_of(watched.state())
    assert not psutil.pid_exists(pid)


async def test_a_start_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    watched = Watched(
        tmp_path,
        server(tmp_path),
        program(tmp_path, "slow", "import signal; signal.pause()", ready="http://127.0.0.1:1/"),
    )
    starting = asyncio.create_task(watched.supervisor.start())
    await watched.until(lambda: watched.state().health == "healthy" and watched.state("slow").pid is not None)
    pids = [pid_of(state) for state in watched.supervisor.states]
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await watched.supervisor.stop()
    assert not any(psutil.pid_exists(pid) for pid in pids)


async def test_logs_hold_what_parts_print_and_stay_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "server.log").write_text("an earlier run\n")
    monkeypatch.setattr("tocsin.stack.log.LARGEST", 2_000)
    async with running(tmp_path, server(tmp_path, pause=0.01, environment={"LINE": "500"})):
        assert (tmp_path / "server.log.1").read_text() == "an earlier run\n"
        await holds(lambda: "x" in (tmp_path / "server.log.1").read_text())
    assert (tmp_path / "server.log").stat().st_size < 20_000


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
async def test_parts_die_with_a_killed_supervisor(tmp_path: Path) -> None:
    with subprocess.Popen(  # noqa: ASYNC220 - killed a moment later
        [sys.executable, HOST, tmp_path], stdout=subprocess.PIPE, text=True
    ) as supervising:
        assert supervising.stdout is not None
        pid = int(await asyncio.to_thread(supervising.stdout.readline))
        assert psutil.pid_exists(pid)
        supervising.kill()
    await ended(pid)
