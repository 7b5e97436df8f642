"""Standard output that is slow, stuck, closed or full, with real pipes and processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import until
from tocsin.sdk import stdout

OBSERVED = """
import json, os, sys, threading, time
import tocsin
from pathlib import Path
from tocsin.sdk import stdout

if os.environ.get("WITHOUT_NOWAIT"):
    stdout._NOWAIT = 0

async def app(scope, receive, send): ...

obs = tocsin.observe(app, tocsin.Service(name="shop", team="shop", port=1, because="It matters."))

def lost():
    lines = obs._metrics.render().decode().splitlines()
    return int(next(line.split()[-1] for line in lines if 'reason="log"' in line))

def tell(what):
    Path(os.environ["TOLD"]).write_text(str(what))
"""
WAYS = {"as the kernel can": {}, "as any kernel can": {"WITHOUT_NOWAIT": "1"}}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> dict[str, str]:
    return WAYS[request.param]


@contextmanager
def speaking(program: str, told: Path, way: dict[str, str], **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run *program*, whose output nobody reads yet."""
    environ = {**os.environ, **way, "TOLD": str(told), "LOG_FORMAT": "json"}
    more.setdefault("stdout", subprocess.PIPE)
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-c", OBSERVED + program], env=environ, **more)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def messages(output: bytes) -> list[str]:
    return [json.loads(line)["message"] for line in output.splitlines()]


def test_a_pipe_that_nobody_reads_stops_nothing_and_is_emptied_in_order(tmp_path: Path, way: dict[str, str]) -> None:
    program = """
for number in range(2000):
    obs.log.info(f"line {number}", filling="x" * 500)
tell(lost())
"""
    told = tmp_path / "told"
    with speaking(program, told, way) as process:
        until(lambda: told.exists() and bool(told.read_text()), "the program goes on")
        out, _ = process.communicate(timeout=60)
    assert told.read_text() == "0"
    assert messages(out) == [f"line {number}" for number in range(2000)]


def test_what_is_beyond_the_bound_is_counted(tmp_path: Path, way: dict[str, str]) -> None:
    program = """
for number in range(100):
    obs.log.info(f"line {number}", filling="x" * 60_000)
    obs.log.warning(f"after {number}", filling="x" * 60_000)
tell(lost())
"""
    told = tmp_path / "told"
    with speaking(program, told, way) as process:
        until(lambda: told.exists() and bool(told.read_text()), "the program goes on")
        out, _ = process.communicate(timeout=60)
    said = messages(out)
    expected = [f"{word} {number}" for number in range(100) for word in ("line", "after")]
    assert len(said) + int(told.read_text()) == len(expected)
    assert int(told.read_text()) > 0
    assert said == expected[: len(said)]
    assert sum(map(len, out.splitlines())) > stdout.BOUND - 2 * 61_000


def test_the_end_of_the_process_does_not_wait_for_ever(tmp_path: Path, way: dict[str, str]) -> None:
    with speaking("[obs.log.info('x' * 1000) for _ in range(1000)]", tmp_path / "told", way) as process:
        assert process.wait(30) == 0


def test_a_signal_that_ends_the_process_waits_for_a_reader(tmp_path: Path, way: dict[str, str]) -> None:
    program = """
[obs.log.info(f"line {number}", filling="x" * 1000) for number in range(1000)]
tell("said")
threading.Event().wait()
"""
    told = tmp_path / "told"
    with speaking(program, told, way) as process:
        until(lambda: told.exists() and bool(told.read_text()), "the program goes on")
        process.terminate()
        out, _ = process.communicate(timeout=60)
    assert process.returncode < 0
    assert messages(out) == [f"line {number}" for number in range(1000)]


def test_what_was_written_survives_a_kill(tmp_path: Path, way: dict[str, str]) -> None:
    program = """
[obs.log.info(f"line {number}") for number in range(100)]
os.kill(os.getpid(), 9)
"""
    with speaking(program, tmp_path / "told", way) as process:
        out, _ = process.communicate(timeout=60)
    assert messages(out) == [f"line {number}" for number in range(100)]


def test_a_reader_that_goes_away_stops_nothing_and_is_counted(tmp_path: Path, way: dict[str, str]) -> None:
    program = """
[obs.log.info("x" * 1000) for _ in range(1000)]
tell("waiting")
while lost() < 900:
    time.sleep(0.01)
obs.log.info("more")
tell("done")
"""
    told = tmp_path / "told"
    with speaking(program, told, way) as process:
        until(lambda: told.exists() and told.read_text() == "waiting", "the program goes on")
        assert process.stdout
        process.stdout.close()
        assert process.wait(60) == 0
    assert told.read_text() == "done"


def test_a_child_speaks_while_its_parent_waits_for_a_reader(tmp_path: Path, way: dict[str, str]) -> None:
    program = """
[obs.log.info(f"parent {number}", filling="x" * 1000) for number in range(200)]
if not os.fork():
    obs.log.info("child")
    sys.exit()
obs.log.info("parent 200")
tell("said")
os.wait()
"""
    told = tmp_path / "told"
    with speaking(program, told, way) as process:
        until(lambda: told.exists() and bool(told.read_text()), "the program goes on")
        out, _ = process.communicate(timeout=60)
    said = messages(out)
    assert [message for message in said if message != "child"] == [f"parent {number}" for number in range(201)]
    assert said.count("child") == 1


def test_the_descriptor_is_left_as_it_is(tmp_path: Path, way: dict[str, str]) -> None:
    told = tmp_path / "told"
    program = "[obs.log.info('x' * 1000) for _ in range(200)]; tell(os.get_blocking(1))"
    with speaking(program, told, way):
        until(lambda: told.exists() and bool(told.read_text()), "the program goes on")
    assert told.read_text() == "True"


def test_a_pipe_that_somebody_made_non_blocking_loses_no_line(tmp_path: Path, way: dict[str, str]) -> None:
    program = "os.set_blocking(1, False); [obs.log.info(f'line {n}', filling='x' * 1000) for n in range(500)]; tell(1)"
    told = tmp_path / "told"
    with speaking(program, told, way) as process:
        until(lambda: told.exists() and bool(told.read_text()), "the program goes on")
        out, _ = process.communicate(timeout=60)
    assert messages(out) == [f"line {number}" for number in range(500)]


def test_a_full_disk_stops_nothing_and_is_counted(tmp_path: Path) -> None:
    told = tmp_path / "told"
    with Path("/dev/full").open("wb") as full, speaking("obs.log.info('x'); tell(lost())", told, {}, stdout=full) as it:
        assert it.wait(60) == 0
    assert told.read_text() == "1"


def test_a_file_gets_every_line_of_every_thread(tmp_path: Path) -> None:
    program = """
def work(number):
    for _ in range(50):
        obs.log.info(f"{number}" * 20_000)

threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""
    with (tmp_path / "out").open("wb") as file, speaking(program, tmp_path / "told", {}, stdout=file) as process:
        assert process.wait(60) == 0
    said = messages((tmp_path / "out").read_bytes())
    assert sorted(said) == sorted(str(number) * 20_000 for number in range(4) for _ in range(50))
