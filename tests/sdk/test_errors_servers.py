"""What real servers log of an exception is not told of a second time, and the end of their workers loses nothing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.sdk.sink import sink
from tests.waiting import until

ROOT = Path(__file__).parents[2]
WSGI = """
import tocsin


def broken(environ, start_response):
    raise RuntimeError("broken on purpose")


app = tocsin.observe(broken, tocsin.Service(name="wsgi", team="shop", port=1, because="Nobody is served.")).app
"""


@pytest.mark.parametrize(
    "server",
    [
        "uvicorn tests.sdk.served:app --fd {}",
        "uvicorn tests.sdk.served:app --workers 2 --fd {}",
        "gunicorn broken:app --bind fd://{} --workers 2 --worker-class gthread",
        "gunicorn broken:app --bind fd://{} --workers 2 --preload",
    ],
)
def test_a_request_that_fails_is_told_of_once(server: str, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(WSGI)
    with sink() as tracker, socket.create_server(("127.0.0.1", 0)) as listening:
        path = os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(ROOT), str(tmp_path)])
        running = subprocess.Popen(
            [sys.executable, "-m", *server.format(listening.fileno()).split()],
            env={**os.environ, "PYTHONPATH": path, "SENTRY_DSN": tracker.dsn, "SENTRY_TRACES_SAMPLE_RATE": "0"},
            pass_fds=[listening.fileno()],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            answer = httpx.get(f"http://127.0.0.1:{listening.getsockname()[1]}/boom", timeout=60, trust_env=False)
        finally:
            running.terminate()
            running.wait(60)
        assert answer.status_code == 500
        until(lambda: len(tracker.of("event")) > 0, "the event")
        (event,) = tracker.of("event")
    assert event["contexts"]["response"] == {"status_code": 500}
    (exception,) = event["exception"]["values"]
    assert exception["value"] == "broken on purpose"
    assert exception["mechanism"]["handled"] is False
