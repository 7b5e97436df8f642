"""The page of the inbox: what reached PagerDuty, Slack and the heartbeat, as these would show it.

Sources: PagerDuty's documentation, "PD-CEF" (what an event has); Slack's, "Formatting message text" and
"Reference: secondary message attachments".
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import QueryParams

from tocsin.console.asking import Part, sentences
from tocsin.console.markdown import Run
from tocsin.console.metrics import Away
from tocsin.console.sources import Sources

MOST = 50
"""Incidents, and messages, that are shown."""

LATE = 3
"""Beats of a heartbeat that may fail to come before it is late."""

_MARKUP = re.compile(
    r"\*(?P<strong>[^*\n]+)\*|`(?P<code>[^`\n]+)`|<(?P<link>https?://[^<>|\s]+)(?:\|(?P<label>[^<>]*))?>"
)
_ADDRESS = re.compile(r"https?://[^/\s]")


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of an incident, and when."""

    at: datetime
    effect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What somebody would be paged for; *triggers* counts how often it was told."""

    id: int
    status: str
    severity: str
    summary: str
    team: str
    source: str
    runbook: str
    triggers: int
    log: tuple[Entry, ...]
    details: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part of a message beside a bar of a colour, which is Slack's word for it; *link* is that of the title."""

    colour: str
    title: str
    link: str
    text: tuple[Run, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A Slack message."""

    id: int
    at: datetime
    team: str
    channel: str
    text: tuple[Run, ...]
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


def slack(text: str) -> tuple[Run, ...]:
    """Return Slack's markup as words of a style."""
    return tuple(_runs(text.strip("\n")))


def _runs(text: str) -> Iterator[Run]:
    at = 0
    for found in _MARKUP.finditer(text):
        if found.start() > at:
            yield Run(_unescaped(text[at : found.start()]))
        at = found.end()
        if found["link"]:
            address = _unescaped(found["link"])
            yield Run(_unescaped(found["label"] or address), "plain", address)
        else:
            yield Run(_unescaped(found["strong"] or found["code"]), "strong" if found["strong"] else "code")
    if at < len(text):
        yield Run(_unescaped(text[at:]))


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _incident(told: Mapping[str, Any]) -> Incident:
    details = told["body"]["payload"].get("custom_details") or {}
    return Incident(
        id=told["id"],
        status=told["status"],
        severity=told["severity"],
        summary=told["summary"],
        team=told["team"],
        source=told["source"],
        runbook=_address(told["runbook"]),
        triggers=told["triggers"],
        log=tuple(Entry(_at(entry["at"]), entry["effect"]) for entry in told["log"]),
        details=tuple(
            (name.replace("_", " "), _said(value))
            for name, value in details.items()
            if value and value != told["runbook"]
        ),
    )


def _message(told: Mapping[str, Any]) -> Message:
    body = told["body"]
    return Message(
        id=told["id"],
        at=_at(told["at"]),
        team=told["team"],
        channel=told["channel"],
        text=slack(str(body.get("text") or "")),
        attachments=tuple(map(_attachment, body.get("attachments") or ())),
    )


def _attachment(told: Mapping[str, Any]) -> Attachment:
    text = told.get("text") or ("" if told.get("title") else told.get("fallback")) or ""
    return Attachment(
        colour=str(told.get("color") or ""),
        title=str(told.get("title") or ""),
        link=_address(told.get("title_link")),
        text=slack(str(text)),
    )


def _heartbeat(told: Mapping[str, Any], now: datetime) -> Heartbeat:
    at, every = _at(told["at"]), told["every"]
    return Heartbeat(told["name"], at, every, every is not None and (now - at).total_seconds() > LATE * every)


def _said(value: object) -> str:
    return value.strip("\n") if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _address(value: object) -> str:
    """Return *value* if it is an address that a browser may safely open."""
    return value if isinstance(value, str) and _ADDRESS.match(value) else ""


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
