"""What the services' tests share."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from services.lightspeed_api.app import create

PATIENCE = 30.0
"""Seconds that a server may take to start."""


@pytest.fixture
def anyio_backend() -> str:
    """Run coroutine tests on asyncio."""
    return "asyncio"


@pytest.fixture
def lightspeed_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve the shop's API on a free port, with a bucket that no test fills, and tell the pipeline where."""
    server = uvicorn.Server(uvicorn.Config(create(size=10_000), port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + PATIENCE
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            pytest.fail("The shop's API does not start.")
        time.sleep(0.01)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    monkeypatch.setenv("LIGHTSPEED_URL", url)
    monkeypatch.setenv("SYNC_INTERVAL", "3600")
    yield url
    server.should_exit = True
    thread.join()
