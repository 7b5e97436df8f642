"""What Python and servers say of themselves: warnings, uncaught exceptions, gunicorn."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import tocsin
from tests.sdk.reading import Line
from tests.sdk.test_drain import running
from tests.waiting import until
from tocsin import Service

Said = Callable[[], list[Line]]
SOURCE = "logging.googleapis.com/sourceLocation"
LABELS = "logging.googleapis.com/labels"


async def nowhere(scope: Any, receive: Any, send: Any) -> None:
    """Answer nothing."""


def test_a_warning_is_a_line_that_says_where(shop: Service, said: Said) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        tocsin.observe(nowhere, shop)
        warnings.warn("This will\ngo away.", DeprecationWarning, stacklevel=1)
        warnings.warn_explicit("From elsewhere: token=abc12345", UserWarning, "/x: y.py", 7)
        logging.captureWarnings(False)  # noqa: FBT003 - it takes no name
    first, second = said()
    assert first["severity"] == "WARNING"
    assert first[LABELS]["logger"] == "py.warnings"
    assert first["message"] == "DeprecationWarning: This will\ngo away."
    assert first[SOURCE]["file"] == __file__
    assert second["message"] == "UserWarning: From elsewhere: token=[redacted]"
    assert (second[SOURCE]["file"], second[SOURCE]["line"]) == ("/x: y.py", "7")


PROGRAM = """
import sys, threading
import tocsin

async def app(scope, receive, send): ...

SHOP = tocsin.Service(name="shop", team="shop", port=1, because="It matters.")
"""
OBSERVE = "obs = tocsin.observe(app, SHOP); tocsin.observe(nothing, SHOP)\n".replace("nothing", "lambda s, r, d: None")
FOREIGN = """
def foreign(*args):
    sys.stderr.write("foreign\\n")

sys.excepthook = threading.excepthook = sys.unraisablehook = foreign
"""
MAIN = "raise ValueError('the end')\n"
THREAD = """
def work():
    raise ValueError("the end")

thread = threading.Thread(target=work, name="worker-1")
thread.start()
thread.join()
"""
IGNORED = """
class Bell:
    def __del__(self):
        raise ValueError("the end")

bell = Bell()
del bell
"""


def ran(*parts: str, **environ: str) -> tuple[list[Line], str, int]:
    """Run a program of *parts*; return its lines, what it said on standard error, and how it ended."""
    done = subprocess.run(
        [sys.executable, "-c", "".join((PROGRAM, *parts))],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LOG_FORMAT": "json", **environ},
    )
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr, done.returncode


@pytest.mark.parametrize(
    ("program", "severity", "message", "code"),
    [
        (MAIN, "CRITICAL", "The program ends by an exception.", 1),
        (THREAD, "ERROR", "Thread worker-1 ends by an exception.", 0),
        (IGNORED, "ERROR", "Exception ignored in: <function Bell.__del__ at", 0),
    ],
)
def test_an_uncaught_exception_is_one_line(program: str, severity: str, message: str, code: int) -> None:
    (line,), err, ended = ran(OBSERVE, program)
    assert line["severity"] == severity
    assert line["message"].startswith(message)
    assert line["stack_trace"].startswith("Traceback (most recent call last):\n")
    assert line["stack_trace"].endswith("ValueError: the end\n")
    assert (err, ended) == ("", code)


@pytest.mark.parametrize("program", [MAIN, THREAD, IGNORED])
@pytest.mark.parametrize("order", ["before", "after"])
def test_a_foreign_hook_is_called_too(program: str, order: str) -> None:
    parts = (FOREIGN, OBSERVE) if order == "before" else (OBSERVE, FOREIGN)
    lines, err, _ = ran(*parts, program)
    assert len(lines) == (order == "before")
    assert err == "foreign\n"


def test_the_ways_to_end_that_are_no_failure_have_no_line() -> None:
    assert ran(OBSERVE, "raise SystemExit(3)\n") == ([], "", 3)
    assert ran(OBSERVE, "threading.Thread(target=sys.exit).start()\n") == ([], "", 0)
    lines, err, code = ran(OBSERVE, "raise KeyboardInterrupt\n")
    assert lines == []
    assert err.endswith("KeyboardInterrupt\n")
    assert code != 0


GUNICORN = ("-m", "gunicorn", "--bind", "127.0.0.1:0", "--graceful-timeout", "5", "--workers", "2")
SPEAKING = """
import logging
import tocsin
from flask import Flask

service = tocsin.Service(name="shop", team="shop", port=8000, because="It matters.")

def flask():
    app = Flask("shop")
    app.add_url_rule("/", view_func=lambda: "hello")
    app.add_url_rule("/boom", "boom", view_func=lambda: 1 / 0)
    tocsin.observe(app, service)
    return app

def broken():
    def app(environ, start_response):
        raise LookupError("token=abc12345")
    return tocsin.observe(app, service).app
"""


@pytest.mark.parametrize("more", [(), ("--access-logfile", "-"), ("--access-logfile", "-", "--preload")])
def test_gunicorn_ends_in_lines_and_no_request_in_two(tmp_path: Path, more: tuple[str, ...]) -> None:
    (tmp_path / "speaking.py").write_text(SPEAKING)
    with running(tmp_path, (*GUNICORN, *more, "speaking:flask()")) as (_, url):
        for _ in range(4):
            assert httpx.get(f"{url}/").status_code == 200
        assert httpx.get(f"{url}/boom").status_code == 500
        log = tmp_path / "log"
        until(lambda: log.read_text().count('"httpRequest"') >= 5, "the lines of the requests")
        said = log.read_text().splitlines()
    lines = [json.loads(line) for line in said if line.startswith("{")]
    assert sum("httpRequest" in line for line in lines) == 5
    assert not any("GET /" in line for line in said if not line.startswith("{"))
    assert sum("ZeroDivisionError" in line.get("stack_trace", "") for line in lines) == 1


def test_what_gunicorn_says_in_a_worker_is_a_line(tmp_path: Path) -> None:
    (tmp_path / "speaking.py").write_text(SPEAKING)
    with running(tmp_path, (*GUNICORN, "speaking:broken()")) as (_, url):
        assert httpx.get(f"{url}/x?password=hunter2").status_code == 500
        log = tmp_path / "log"
        until(lambda: "Error handling request" in log.read_text(), "what gunicorn says of it")
        text = log.read_text()
    (line,) = [json.loads(line) for line in text.splitlines() if "Error handling request" in line]
    assert line["severity"] == "ERROR"
    assert line[LABELS]["logger"] == "gunicorn.error"
    assert "LookupError: token=[redacted]" in line["stack_trace"]
    assert "hunter2" not in text
    assert "abc12345" not in text


def test_a_log_file_of_a_server_is_kept(shop: Service, tmp_path: Path) -> None:
    kept = logging.FileHandler(tmp_path / "access")
    logger = logging.getLogger("gunicorn.access")
    logger.addHandler(kept)
    logger.addHandler(logging.StreamHandler())
    tocsin.observe(nowhere, shop)
    assert logger.handlers == [kept]
    kept.close()
