"""PagerDuty's Events API v2: which events it accepts.

Source: PagerDuty's developer documentation, "Events API v2 Overview" (answers, limits, common event format)
and "Send an Alert Event" (fields, deduplication, what each action does).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

ACTIONS = ("trigger", "acknowledge", "resolve")
SEVERITIES = ("critical", "error", "warning", "info")
ROUTING_KEY_LENGTH = 32
MAX_DEDUP_KEY = 255
MAX_SUMMARY = 1024


def problems(event: Mapping[str, Any]) -> list[str]:
    """Say what is wrong with *event*, one sentence each; none when PagerDuty would accept it."""
    found = [*_routing_key(event.get("routing_key")), *_dedup_key(event)]
    action = event.get("event_action")
    if action not in ACTIONS:
        found.append(f"'event_action' is missing or invalid (must be one of {', '.join(ACTIONS)})")
    payload = event.get("payload")
    if payload is None and action == "trigger":
        found.append("'payload' is missing or blank")
    elif payload is not None and not isinstance(payload, dict):
        found.append("'payload' is not an object")
    elif payload is not None and action == "trigger":
        found += _payload(payload)
    found += _texts(event, ("client", "client_url"), "")
    return [*found, *_context(event, "links", "href"), *_context(event, "images", "src")]


def runbook(event: Mapping[str, Any]) -> str:
    """Find the runbook's address: a link that says runbook, else such a custom detail; empty when there is none."""
    for link in event.get("links") or ():
        if "runbook" in f"{link.get('text')} {link['href']}".lower():
            return str(link["href"])
    details = event["payload"].get("custom_details") or {}
    return next((v for k, v in details.items() if "runbook" in k.lower() and isinstance(v, str)), "")


def _routing_key(key: Any) -> list[str]:
    if not isinstance(key, str) or not key:
        return ["'routing_key' is missing or blank"]
    found = []
    if len(key) != ROUTING_KEY_LENGTH:
        found.append(f"Length of 'routing_key' is incorrect (should be {ROUTING_KEY_LENGTH} characters)")
    if not (key.isascii() and key.isalnum()):
        found.append("'routing_key' cannot contain non-alphanumeric characters")
    return found


def _dedup_key(event: Mapping[str, Any]) -> list[str]:
    key = event.get("dedup_key")
    if not key and key in (None, ""):
        return [] if event.get("event_action") == "trigger" else ["'dedup_key' is missing or blank"]
    if not isinstance(key, str):
        return ["'dedup_key' is not a string"]
    if len(key) > MAX_DEDUP_KEY:
        return [f"'dedup_key' is too long (maximum is {MAX_DEDUP_KEY} characters)"]
    return []


def _payload(payload: Mapping[str, Any]) -> list[str]:
    found = []
    for name in ("summary", "source"):
        value = payload.get(name)
        if not isinstance(value, str) or not value.strip():
            found.append(f"'payload.{name}' is missing or blank")
        elif name == "summary" and len(value) > MAX_SUMMARY:
            found.append(f"'payload.summary' is too long (maximum is {MAX_SUMMARY} characters)")
    if payload.get("severity") not in SEVERITIES:
        found.append(f"'payload.severity' is missing or invalid (must be one of {', '.join(SEVERITIES)})")
    if not isinstance(payload.get("custom_details") or {}, dict):
        found.append("'payload.custom_details' is not an object")
    found += _texts(payload, ("component", "group", "class"), "payload.")
    return [*found, *_timestamp(payload.get("timestamp"))]


def _timestamp(value: Any) -> list[str]:
    if value in (None, ""):
        return []
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return ["'payload.timestamp' is not an ISO 8601 time"]
    return []


def _texts(value: Mapping[str, Any], names: tuple[str, ...], where: str) -> list[str]:
    return [f"'{where}{name}' is not a string" for name in names if not isinstance(value.get(name) or "", str)]


def _context(event: Mapping[str, Any], name: str, address: str) -> list[str]:
    items = event.get(name) or []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        return [f"'{name}' is not a list of objects"]
    if not all(isinstance(item.get(address), str) for item in items):
        return [f"'{name}' has an item without '{address}'"]
    return []
