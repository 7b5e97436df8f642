"""Reading a request's body: a JSON object that can be kept and shown again."""

from __future__ import annotations

from typing import Any

import orjson

MAX_BODY = 512_000
"""Bytes of a request: the 512 KB of PagerDuty's "Events API v2 Overview", read as Alertmanager reads it."""

MAX_DEPTH = 64


class BodyError(ValueError):
    """A body that is no JSON object, or is nested too deeply."""


def json_object(body: bytes | str) -> dict[str, Any]:
    """Read *body* as a JSON object; raises BodyError."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as cause:
        raise BodyError("JSON parse error") from cause
    if not isinstance(value, dict):
        raise BodyError("JSON must be an object")
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return value
    raise BodyError(f"JSON is nested deeper than {MAX_DEPTH} levels")


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
