"""Inboxes for tests: one in this process, one as a process of its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tocsin.stack.inbox.app import build_app
from tocsin.stack.inbox.doors import PAGERDUTY_PER_MINUTE, SLACK_PER_MINUTE, Doors
from tocsin.stack.inbox.heartbeats import Heartbeats
from tocsin.stack.inbox.journal import Journal
from tocsin.stack.inbox.keys import Keys, TeamKeys
from tocsin.stack.inbox.ledger import Ledger
from tocsin.stack.inbox.runbooks import Runbooks

SHOP = TeamKeys("0123456789abcdef0123456789abcdef", "/services/T1/B1/shopToken")
DATA = TeamKeys("fedcba9876543210fedcba9876543210", "/services/T1/B2/dataToken")
TEAMS = {"shop": SHOP, "data": DATA}


class Inbox:
    """An inbox in this process: whatever goes wrong in it is raised in the test."""

    def __init__(
        self,
        folder: Path,
        *,
        keys: Keys | None = None,
        pagerduty_limit: int = PAGERDUTY_PER_MINUTE,
        slack_limit: int = SLACK_PER_MINUTE,
        runbooks: Runbooks | None = None,
    ) -> None:
        self.journal = Journal(folder)
        self.ledger, heartbeats = Ledger(self.journal), Heartbeats(folder)
        doors = Doors(
            self.ledger, heartbeats, keys or Keys(TEAMS), pagerduty_limit=pagerduty_limit, slack_limit=slack_limit
        )
        self.app = build_app(self.ledger, heartbeats, doors, runbooks or Runbooks())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self.request("GET", path, **options))

    def post(self, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self.request("POST", path, **options))

    async def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:9999") as client:
            return await client.request(method, path, **options)


def event(
    action: str = "trigger", dedup_key: str = "disk", key: str = SHOP.pagerduty, **payload: Any
) -> dict[str, Any]:
    return {
        "routing_key": key,
        "event_action": action,
        "dedup_key": dedup_key,
        "payload": {"summary": "The disk is full", "source": "till-3", "severity": "critical", **payload},
    }


class InboxProcess:
    """A running inbox; *url* is where it listens."""

    def __init__(self, folder: Path, *arguments: str | Path, port: int = 0) -> None:
        command = [sys.executable, "-m", "tocsin.stack.inbox", "--port", str(port), "--folder", str(folder)]
        self.process = subprocess.Popen(
            [*command, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        self.url = said.rpartition(" at ")[2].strip().rstrip("/")

    def end(self) -> tuple[int, str]:
        """Ask it to stop; give its exit code and what it said on standard error."""
        self.process.terminate()
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextmanager
def running_inbox(folder: Path, *arguments: str | Path) -> Iterator[InboxProcess]:
    inbox = InboxProcess(folder, *arguments)
    try:
        yield inbox
    finally:
        inbox.kill()
