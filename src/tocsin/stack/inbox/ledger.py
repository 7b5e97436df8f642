"""The ledger: what the accepted events add up to. One process, one event loop; memory is bounded."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import takewhile
from typing import Any

from tocsin.stack.inbox import pagerduty, slack
from tocsin.stack.inbox.journal import Journal
from tocsin.stack.inbox.records import Entry, Event, Incident, Kind, Message
from tocsin.stack.inbox.shelf import Shelf

MEMORY = 8 * 2**20
"""Bytes of JSON kept in memory for each: events, open incidents, resolved incidents, messages."""

LOG_LENGTH = 100
"""Entries kept of an incident's log; its counts go on."""

ENTRY_SIZE = 100


class Ledger:
    """Incidents and messages, made of the journal's events and of those that arrive."""

    def __init__(self, journal: Journal, memory: int = MEMORY) -> None:
        self.last = 0
        self._journal = journal
        self._events: Shelf[Event] = Shelf(memory)
        self._open: Shelf[Incident] = Shelf(memory)
        self._resolved: Shelf[Incident] = Shelf(memory)
        self._messages: Shelf[Message] = Shelf(memory)
        self._ids = {"incident": 0, "message": 0}
        self._by_dedup_key: dict[tuple[str, str], int] = {}
        self._arrival = asyncio.Event()
        self._closing = False
        for record, size in journal:
            try:
                self._apply(_event(**record), size)
            except (AttributeError, KeyError, TypeError, ValueError):
                journal.unreadable += 1

    def add(self, kind: Kind, team: str, body: dict[str, Any], at: float) -> Event:
        """Keep an accepted event, on disk first; raises OSError when the disk refuses it."""
        record: dict[str, Any] = {"number": self.last + 1, "at": at, "kind": kind, "team": team, "body": body}
        size = self._journal.append(record)
        event = self._apply(_event(**record), size)
        self._wake()
        return event

    @property
    def incidents(self) -> list[Incident]:
        """Open incidents, then resolved ones; each newest first."""
        return [*reversed(self._open), *reversed(self._resolved)]

    @property
    def messages(self) -> list[Message]:
        """Slack messages, newest first."""
        return list(reversed(self._messages))

    def events(self, after: int) -> list[Event]:
        """Give the events numbered above *after*, oldest first, as far back as memory goes."""
        return list(takewhile(lambda event: event.number > after, reversed(self._events)))[::-1]

    async def wait(self, after: int, seconds: float) -> None:
        """Return when an event numbered above *after* is there, when *seconds* are over, or when closing."""
        try:
            async with asyncio.timeout(seconds):
                while self.last <= after and not self._closing:
                    await self._arrival.wait()
        except TimeoutError:
            return

    def close(self) -> None:
        """Send everybody home who waits."""
        self._closing = True
        self._wake()

    def _wake(self) -> None:
        arrived, self._arrival = self._arrival, asyncio.Event()
        arrived.set()

    def _apply(self, event: Event, size: int) -> Event:
        if event.kind == "slack":
            event = self._post(event, size)
        elif event.body["event_action"] == "trigger":
            event = self._trigger(event, size)
        elif (event.team, event.body["dedup_key"]) in self._by_dedup_key:
            event = self._follow(event)
        self.last = event.number
        self._events.put(event.number, event, size)
        return event

    def _post(self, event: Event, size: int) -> Event:
        message = Message(
            id=self._ids["message"] + 1,
            at=event.at,
            team=event.team,
            channel=_text(event.body.get("channel")),
            username=_text(event.body.get("username")),
            text=slack.plain_text(event.body),
            body=event.body,
        )
        self._ids["message"] = message.id
        self._messages.put(message.id, message, size)
        return replace(event, effect="posted", item=message.id)

    def _trigger(self, event: Event, size: int) -> Event:
        payload, key = event.body["payload"], (event.team, event.body["dedup_key"])
        seen = {
            **{name: payload[name] for name in ("severity", "summary", "source")},
            "runbook": pagerduty.runbook(event.body),
            "body": event.body,
            "size": size,
        }
        if key in self._by_dedup_key:
            current = self._open[self._by_dedup_key[key]]
            event = replace(event, effect="repeated", item=current.id)
            incident = replace(current, triggers=current.triggers + 1, log=_logged(current.log, event), **seen)
        else:
            event = replace(event, effect="opened", item=self._ids["incident"] + 1)
            incident = Incident(
                id=self._ids["incident"] + 1,
                team=event.team,
                dedup_key=event.body["dedup_key"],
                status="triggered",
                triggers=1,
                triggered_at=event.at,
                log=_logged((), event),
                **seen,
            )
            self._ids["incident"] = self._by_dedup_key[key] = incident.id
        self._keep_open(incident)
        return event

    def _follow(self, event: Event) -> Event:
        key = (event.team, event.body["dedup_key"])
        current = self._open[self._by_dedup_key[key]]
        if event.body["event_action"] == "acknowledge":
            event = replace(event, effect="acknowledged", item=current.id)
            since = current.acknowledged_at or event.at
            incident = replace(current, status="acknowledged", acknowledged_at=since, log=_logged(current.log, event))
            self._keep_open(incident)
        else:
            event = replace(event, effect="resolved", item=current.id)
            incident = replace(current, status="resolved", resolved_at=event.at, log=_logged(current.log, event))
            self._open.take(current.id)
            del self._by_dedup_key[key]
            self._resolved.put(current.id, incident, _weight(incident))
        return event

    def _keep_open(self, incident: Incident) -> None:
        for fallen in self._open.put(incident.id, incident, _weight(incident)):
            del self._by_dedup_key[fallen.team, fallen.dedup_key]


def _event(*, number: int, at: float, kind: Kind, team: str, body: dict[str, Any]) -> Event:
    return Event(
        number=int(number), at=float(at), kind=kind, team=str(team), effect="dropped", item=None, body=dict(body)
    )


def _logged(log: tuple[Entry, ...], event: Event) -> tuple[Entry, ...]:
    return (*log, Entry(number=event.number, at=event.at, effect=event.effect))[-LOG_LENGTH:]


def _weight(incident: Incident) -> int:
    return incident.size + ENTRY_SIZE * len(incident.log)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
