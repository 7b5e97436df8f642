"""The inbox seen from another process."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import httpx

from tocsin.stack.inbox.records import Event, Heartbeat, Incident, Message, incident

POLL = 20.0
"""Seconds of one long poll."""

RETRY = 0.2
"""Seconds between attempts to reach an inbox that is being restarted."""


class InboxClient:
    """Reads the inbox at *base_url*; its methods raise httpx.HTTPError when it cannot be reached."""

    def __init__(self, base_url: str) -> None:
        self._http = httpx.Client(base_url=base_url, timeout=POLL + 10, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def incidents(self) -> list[Incident]:
        """Open incidents, then resolved ones; each newest first."""
        return [incident(item) for item in self._get("/incidents.json")["incidents"]]

    def messages(self) -> list[Message]:
        """Slack messages, newest first."""
        return [Message(**item) for item in self._get("/messages.json")["messages"]]

    def heartbeats(self) -> list[Heartbeat]:
        """The last beat of every heartbeat."""
        return [Heartbeat(**item) for item in self._get("/heartbeats.json")["heartbeats"]]

    def last(self) -> int:
        """The number of the newest event, 0 when there is none."""
        return int(self._get("/events.json", limit=0)["last"])

    def events(self, after: int = 0, *, wait: float = 0) -> list[Event]:
        """Events numbered above *after*, oldest first; waits up to *wait* seconds for the first of them."""
        return [Event(**item) for item in self._get("/events.json", after=after, wait=round(wait, 3))["events"]]

    def await_event(self, predicate: Callable[[Event], bool], *, after: int, timeout: float) -> Event | None:
        """Return the first event numbered above *after* that fits, None when *timeout* seconds pass without it.

        An inbox that is away for a while is asked again until then.
        """
        deadline = time.monotonic() + timeout
        while True:
            left = deadline - time.monotonic()
            try:
                for event in self.events(after, wait=max(0.0, min(POLL, left))):
                    after = event.number
                    if predicate(event):
                        return event
            except httpx.TransportError:
                time.sleep(max(0.0, min(RETRY, left)))
            if left <= 0:
                return None

    def _get(self, path: str, **parameters: float) -> Any:
        return self._http.get(path, params=parameters).raise_for_status().json()
