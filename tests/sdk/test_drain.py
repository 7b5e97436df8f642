from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.waiting import until

APP = """
import asyncio, os, signal, sys, time
from pathlib import Path
import tocsin
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from tocsin.sdk.drain import DRAIN

visits = tocsin.Counter("visits_total", "Visits.")
service = tocsin.Service(name="shop", team="shop", port=8000, because="It matters.", signals=(visits,))

async def hello(request):
    obs.count(visits)
    return PlainTextResponse("hello")

async def slow(request):
    Path("begun").touch()
    while not Path("go").exists():
        await asyncio.sleep(0.01)
    answered.append("slow")
    return PlainTextResponse("slow")

async def bare(scope, receive, send):
    assert scope["type"] == "http", "it is told of nothing else"
    await PlainTextResponse("hello")(scope, receive, send)

answered = []
app = Starlette(routes=[Route("/", hello), Route("/slow", slow)])
DRAIN.flushes.append(lambda: 1 / 0)
DRAIN.flushes.append(lambda: os.write(1, (" ".join(("flushed", *answered)) + "\\n").encode()))
obs = tocsin.observe(app, service)
bare = tocsin.observe(bare, service).app

def flask():
    from flask import Flask
    app = Flask("shop")
    obs = tocsin.observe(app, service)

    @app.get("/")
    def hello():
        obs.count(visits)
        return "hello"

    @app.get("/slow")
    def slow():
        Path("begun").touch()
        while not Path("go").exists():
            time.sleep(0.01)
        answered.append("slow")
        return "slow"

    return app
"""
UVICORN = ("-m", "uvicorn", "shop:app", "--port", "0")
WORKERS = (*UVICORN, "--workers", "2")
PROGRAM = ("-c", "import uvicorn, shop; uvicorn.run(shop.app, port=0)")
GUNICORN = ("-m", "gunicorn", "shop:flask()", "--bind", "127.0.0.1:0", "--graceful-timeout", "60")
ASYNC = ("-W", "ignore", "-m", "gunicorn", "shop:app", *GUNICORN[3:], "-k", "uvicorn.workers.UvicornWorker")


def environment(folder: Path) -> dict[str, str]:
    """Return an environment in which what lies in *folder* can be imported too."""
    paths = (str(folder), os.environ.get("PYTHONPATH", ""))
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


@contextmanager
def running(folder: Path, command: tuple[str, ...], **variables: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run a server of APP; yield it and its address once it answers."""
    (folder / "shop.py").write_text(APP)
    log = folder / "log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, *command],
            stdout=sink,
            stderr=sink,
            cwd=folder,
            env={**environment(folder), "LOG_FORMAT": "json", **variables},
            start_new_session=True,
        )
    try:
        until(lambda: "127.0.0.1:" in log.read_text(), "the server's address")
        port = log.read_text().split("127.0.0.1:")[1].split()[0].strip('",()')
        url = f"http://127.0.0.1:{int(port)}"
        until(lambda: answers(url, "/healthz") == 200, "an answer")
        yield process, url
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its workers too, which would outlive it
        process.wait()


def answers(url: str, path: str) -> int | None:
    try:
        return httpx.get(f"{url}{path}").status_code
    except httpx.TransportError:
        return None


@pytest.mark.parametrize("command", [UVICORN, PROGRAM, GUNICORN, ASYNC])
def test_a_server_says_that_it_is_not_ready_goes_on_and_then_shuts_down(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    with running(tmp_path, command, TOCSIN_DRAIN="2") as (process, url):
        assert answers(url, "/readyz") == 200
        process.send_signal(signal.SIGTERM)
        until(lambda: answers(url, "/readyz") == 503, "that it is not ready")
        assert httpx.get(f"{url}/readyz").json()["failing"] == ["draining"]
        assert answers(url, "/") == answers(url, "/healthz") == 200
        process.wait(60)
        text = (tmp_path / "log").read_text()
        assert ("Shutting down" in text) or ("Worker exiting" in text)
        assert "Traceback" not in text
        assert "flushed" in text


@pytest.mark.parametrize("command", [UVICORN, PROGRAM, GUNICORN, ASYNC, WORKERS])
def test_what_the_last_request_leaves_is_flushed_before_the_server_ends(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with running(tmp_path, command) as (process, url), ThreadPoolExecutor(1) as pool:
        last = pool.submit(answers, url, "/slow")
        until((tmp_path / "begun").exists, "the last request")
        process.send_signal(signal.SIGTERM)
        until(lambda: "Shutting down" in log.read_text() or "Handling signal: term" in log.read_text(), "the end")
        (tmp_path / "go").touch()
        assert last.result() == 200
        process.wait(60)
        assert "flushed slow\n" in log.read_text()


def test_an_application_that_is_told_of_no_end_is_flushed_when_the_server_hears_of_it(tmp_path: Path) -> None:
    with running(tmp_path, ("-m", "uvicorn", "shop:bare", *WORKERS[3:])) as (process, _):
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        assert "flushed" in (tmp_path / "log").read_text()


def test_a_process_that_ends_by_itself_is_flushed(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(APP)
    done = subprocess.run(
        [sys.executable, "-c", "import shop"], capture_output=True, text=True, env=environment(tmp_path), check=True
    )
    assert (done.stdout, done.stderr) == ("flushed\n", "")


def test_a_second_signal_is_not_made_to_wait(tmp_path: Path) -> None:
    with running(tmp_path, UVICORN, TOCSIN_DRAIN="3600") as (process, url):
        process.send_signal(signal.SIGTERM)
        until(lambda: answers(url, "/readyz") == 503, "that it is not ready")
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def test_without_a_time_to_drain_the_server_ends_as_it_would_and_what_must_not_be_lost_is_flushed(
    tmp_path: Path,
) -> None:
    with running(tmp_path, PROGRAM) as (process, _):
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == -signal.SIGTERM
        assert "flushed" in (tmp_path / "log").read_text()


ALONE = "import shop, signal; print('begun', flush=True); [signal.pause() for _ in iter(int, 1)]"


@pytest.mark.parametrize("seconds", ["0", "0.2"])
def test_a_process_without_a_handler_flushes_and_ends_by_the_signal(seconds: str, tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(APP)
    variables = {**environment(tmp_path), "TOCSIN_DRAIN": seconds}
    with subprocess.Popen([sys.executable, "-c", ALONE], stdout=subprocess.PIPE, text=True, env=variables) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == "flushed\n"
        assert process.wait(60) == -signal.SIGTERM


@pytest.mark.parametrize(
    ("before", "after"),
    [("signal.SIG_IGN", "signal.SIG_IGN"), ("lambda *_: print('theirs', flush=True)", None)],
)
def test_the_handler_that_was_there_is_heard_and_one_that_ignores_stays(
    before: str, after: str | None, tmp_path: Path
) -> None:
    (tmp_path / "shop.py").write_text(APP)
    code = (
        f"import signal, os; signal.signal(signal.SIGTERM, {before}); import shop;"
        f"print(signal.getsignal(signal.SIGTERM) == {after}, flush=True); os.kill(os.getpid(), signal.SIGTERM);"
        "print(shop.DRAIN.begun)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(tmp_path), check=True
    )
    words = done.stdout.split()
    assert "flushed" in words
    assert [word for word in words if word != "flushed"] == (
        ["True", "False"] if after else ["False", "theirs", "True"]
    )
