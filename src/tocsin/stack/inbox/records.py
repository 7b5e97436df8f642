"""What the inbox keeps. Times are seconds since the epoch; bodies are as they were sent, without their key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

PATIENCE = 15.0
"""Seconds for which no heartbeat counts as late, however often it came."""

Kind = Literal["pagerduty", "slack"]
Effect = Literal["opened", "repeated", "acknowledged", "resolved", "dropped", "posted"]
Status = Literal["triggered", "acknowledged", "resolved"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One accepted request; *item* is the incident or message that it became part of, None when it was dropped."""

    number: int
    at: float
    kind: Kind
    team: str
    effect: Effect
    item: int | None
    body: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line in an incident's log; *number* is the event's."""

    number: int
    at: float
    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A problem that somebody would be paged for.

    *body* is its latest trigger, *size* that trigger's bytes on disk, *triggers* how many there were.
    """

    id: int
    team: str
    dedup_key: str
    status: Status
    severity: str
    summary: str
    source: str
    runbook: str
    triggers: int
    triggered_at: float
    acknowledged_at: float | None = None
    resolved_at: float | None = None
    log: tuple[Entry, ...]
    size: int
    body: dict[str, Any]

    @property
    def open(self) -> bool:
        """Whether it still waits for its resolve."""
        return self.status != "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A Slack message; *channel* is empty when the webhook's own channel was meant, *text* the plain-text form."""

    id: int
    at: float
    team: str
    channel: str
    username: str
    text: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The last beat of an alert that always fires; *every* is the time between its last two beats."""

    name: str
    at: float
    every: float | None
    beats: int
    status: str
    receiver: str

    def late(self, now: float) -> bool:
        """Whether, at *now*, three beats in a row failed to come."""
        return self.every is not None and now - self.at > max(3 * self.every, PATIENCE)


def incident(item: dict[str, Any]) -> Incident:
    """Read an incident back from its JSON form."""
    return Incident(**{**item, "log": tuple(Entry(**entry) for entry in item["log"])})
