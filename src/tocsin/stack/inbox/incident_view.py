"""An incident as PagerDuty would draw it: its links and facts. Any accepted event is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from tocsin.stack.inbox.mrkdwn import web_address
from tocsin.stack.inbox.records import Incident

MAX_DETAIL = 4_000
"""Characters shown of one detail; the rest is in incidents.json."""

MAX_FACTS = 50


@dataclass(frozen=True, slots=True)
class Link:
    """A link whose *href* a browser may safely open."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is shown of an incident's latest trigger; *component* is the service that it names, or empty."""

    component: str
    links: tuple[Link, ...]
    facts: tuple[tuple[str, str], ...]


def drawing(incident: Incident) -> Drawing:
    """Lay out an incident: the runbook first among its links, its details after the common fields."""
    return Drawing(
        component=incident.body["payload"].get("component") or "",
        links=tuple(_links(incident)),
        facts=tuple(_facts(incident))[:MAX_FACTS],
    )


def _links(incident: Incident) -> Iterator[Link]:
    body = incident.body
    named = [
        ("Runbook", incident.runbook),
        *((link.get("text") or link["href"], link["href"]) for link in body.get("links") or ()),
        (f"Open in {body.get('client') or 'its sender'}", body.get("client_url")),
    ]
    seen = set()
    for text, href in named:
        if web_address(href) and href not in seen:
            seen.add(href)
            yield Link(str(text), href)


def _facts(incident: Incident) -> Iterator[tuple[str, str]]:
    payload = incident.body["payload"]
    for name in ("source", "component", "class", "group", "timestamp"):
        if payload.get(name):
            yield name.capitalize(), payload[name]
    for name, value in (payload.get("custom_details") or {}).items():
        if value not in ("", None, incident.runbook):
            yield name.replace("_", " ").capitalize(), _detail(value)
    yield "Deduplication key", incident.dedup_key


def _detail(value: Any) -> str:
    text = value.strip("\n") if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    rest = len(text) - MAX_DETAIL
    return text if rest <= 0 else f"{text[:MAX_DETAIL]}\n… {rest} more characters are in incidents.json"
