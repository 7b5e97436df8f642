"""Slack's incoming webhook: which messages it accepts.

Source: Slack's developer documentation, "Sending messages using incoming webhooks" (answers),
"Changes to errors for incoming webhooks", and the limits on its pages about attachments and blocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from tocsin.stack.inbox.body import BodyError, json_object

MAX_ATTACHMENTS = 100
MAX_BLOCKS = 50
FORM = "application/x-www-form-urlencoded"


def read(body: bytes, content_type: str) -> dict[str, Any]:
    """Read a webhook's *body*, JSON or a form whose `payload` is JSON; raises BodyError."""
    if content_type.partition(";")[0].strip().lower() != FORM:
        return json_object(body)
    try:
        form = parse_qs(body.decode(), max_num_fields=10, strict_parsing=True)
    except ValueError as cause:
        raise BodyError("the form cannot be read") from cause
    return json_object(form.get("payload", [""])[0])


def refusal(message: Mapping[str, Any]) -> str:
    """Say in Slack's own word why it refuses *message*; empty when it accepts it."""
    text, attachments, blocks = (message.get(name) for name in ("text", "attachments", "blocks"))
    if not isinstance(text or "", str) or not _objects(attachments):
        return "invalid_payload"
    if not _objects(blocks) or not all(isinstance(block.get("type"), str) for block in blocks or ()):
        return "invalid_blocks"
    if len(attachments or ()) > MAX_ATTACHMENTS:
        return "too_many_attachments"
    if len(blocks or ()) > MAX_BLOCKS:
        return "invalid_blocks"
    return "" if (text or "").strip() or attachments or blocks else "no_text"


def plain_text(message: Mapping[str, Any]) -> str:
    """Give what a notification of *message* would say: its text, else that of its first attachment."""
    first = (message.get("attachments") or [{}])[0]
    candidates = (message.get("text"), *(first.get(name) for name in ("fallback", "text", "title", "pretext")))
    return next((text for text in candidates if isinstance(text, str) and text), "")


def _objects(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(item, dict) for item in value))
