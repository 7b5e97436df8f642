"""The page of the inbox: what reached PagerDuty, Slack and the heartbeat, as these would show it.

Sources: PagerDuty's documentation, "PD-CEF" (what an event has) and "Dynamic Notifications" (which severity is of which
urgency); for Slack's, see `slack`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from starlette.datastructures import QueryParams

from tocsin.console.asking import Part, sentences
from tocsin.console.inbox import slack
from tocsin.console.inbox.slack import Attachment, Piece
from tocsin.console.markdown import address
from tocsin.console.metrics import Away
from tocsin.console.sources import Sources

MOST = 50
"""Incidents, and messages, that are shown."""

Urgency = Literal["high", "low"]

LATE = 3
"""Beats of a heartbeat that may fail to come before it is late."""

_URGENT = {"critical", "error"}


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of an incident, and when."""

    at: datetime
    effect: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link whose *address* a browser may safely open."""

    text: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What somebody would be paged for; *triggers* counts how often it was told.

    *service* is the component that it names, and *log* what became of it, the oldest first.
    """

    id: int
    status: str
    urgency: Urgency
    severity: str
    summary: str
    team: str
    service: str
    source: str
    triggers: int
    links: tuple[Link, ...]
    log: tuple[Entry, ...]
    details: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A Slack message, by *sender* to *channel*."""

    id: int
    at: datetime
    team: str
    channel: str
    sender: str
    pieces: tuple[Piece, ...]
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last beat of what always rings; *late* tells that beats fail to come."""

    name: str
    at: datetime
    every: float | None
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """What the page shows, the newest first; open incidents come before resolved ones."""

    incidents: tuple[Incident, ...]
    messages: tuple[Message, ...]
    heartbeats: tuple[Heartbeat, ...]
    away: tuple[str, ...]


async def look(sources: Sources, _: QueryParams) -> Inbox:
    """Look into the inbox."""
    part = Part("inbox", sources.inbox, sources.http)
    told = await asyncio.gather(*(part.ask(f"/{name}.json") for name in ("incidents", "messages", "heartbeats")))
    now = datetime.now(UTC)
    incidents = part.understood(told[0], lambda all_: tuple(map(_incident, all_["incidents"][:MOST])))
    messages = part.understood(told[1], lambda all_: tuple(map(_message, all_["messages"][:MOST])))
    beats = part.understood(told[2], lambda all_: tuple(_heartbeat(each, now) for each in all_["heartbeats"]))
    return Inbox(
        incidents=() if isinstance(incidents, Away) else incidents,
        messages=() if isinstance(messages, Away) else messages,
        heartbeats=() if isinstance(beats, Away) else beats,
        away=sentences(incidents, messages, beats),
    )


def _incident(told: Mapping[str, Any]) -> Incident:
    body = told["body"]
    payload = body["payload"]
    return Incident(
        id=told["id"],
        status=told["status"],
        urgency="high" if told["severity"] in _URGENT else "low",
        severity=told["severity"],
        summary=told["summary"],
        team=told["team"],
        service=str(payload.get("component") or ""),
        source=told["source"],
        triggers=told["triggers"],
        links=tuple(_links(told)),
        log=tuple(Entry(_at(entry["at"]), entry["effect"]) for entry in told["log"]),
        details=tuple(_details(payload, told["runbook"])),
    )


def _links(told: Mapping[str, Any]) -> Iterator[Link]:
    body = told["body"]
    named = [
        ("Runbook", told["runbook"]),
        *((str(link.get("text") or link["href"]), link["href"]) for link in body.get("links") or ()),
        (f"View in {body.get('client') or 'its sender'}", body.get("client_url")),
    ]
    seen: set[str] = set()
    for text, href in named:
        if (safe := address(href)) and safe not in seen:
            seen.add(safe)
            yield Link(text, safe)


def _details(payload: Mapping[str, Any], runbook: str) -> Iterator[tuple[str, str]]:
    for name in ("class", "group"):
        if payload.get(name):
            yield name, _said(payload[name])
    for name, value in (payload.get("custom_details") or {}).items():
        if value and value != runbook:
            yield name.replace("_", " "), _said(value)


def _message(told: Mapping[str, Any]) -> Message:
    return Message(
        id=told["id"],
        at=_at(told["at"]),
        team=told["team"],
        channel=told["channel"],
        sender=str(told.get("username") or "incoming-webhook"),
        pieces=slack.pieces(told["body"]),
        attachments=slack.attachments(told["body"]),
    )


def _heartbeat(told: Mapping[str, Any], now: datetime) -> Heartbeat:
    at, every = _at(told["at"]), told["every"]
    return Heartbeat(told["name"], at, every, every is not None and (now - at).total_seconds() > LATE * every)


def _said(value: object) -> str:
    return value.strip("\n") if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
