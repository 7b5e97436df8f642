"""Records that are too long for Cloud Logging are cut, and say how much was.

Source: Cloud Logging's documentation, "Quotas and limits": a LogEntry has at most 256 KB, which is approximate. The
agent that reads the line adds labels and the resource, for which some room is left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from tocsin.sdk.records import Record, spelled

LONGEST = 240 << 10
"""Bytes of a line."""

_TEXT, _FIELDS, _PART, _NAME = 56 << 10, 96 << 10, 4 << 10, 128
"""Bytes of the message and of the stack, of all fields, of what is said of the request, and of a field's name."""

_MOST = 256
"""Fields that are kept."""

CUT = "[cut]"


def fitting(record: Record) -> Record:
    """Return *record* so that its line is no longer than LONGEST."""
    request = record.request
    if request is not None:
        request = {name: _beginning(value, _PART) if type(value) is str else value for name, value in request.items()}
    return replace(
        record,
        message=_beginning(record.message, _TEXT),
        stack=_both_ends(record.stack, _TEXT),
        fields=_shared(record.fields, _FIELDS),
        request=request,
    )


def _beginning(text: str, room: int) -> str:
    kept = _kept(text, room, lambda letters: text[:letters])
    return text if kept == text else f"{kept}... [cut: {len(text) - len(kept)} letters]"


def _both_ends(text: str, room: int) -> str:
    """Keep how a traceback begins, and the exception with which it ends."""
    if len(spelled(text)) <= room:
        return text
    first = _kept(text, room // 4, lambda letters: text[:letters])
    last = _kept(text, room * 3 // 4, lambda letters: text[-letters:])
    return f"{first}\n... [cut: {len(text) - len(first) - len(last)} letters]\n{last}"


def _kept(text: str, room: int, part: Callable[[int], str]) -> str:
    """Return the longest *part* that is sure to fit; a letter takes up to six bytes."""
    kept, size = text, len(spelled(text))
    while size > room:
        kept = part(max(len(kept) * room // (size + 1), 1))
        size = len(spelled(kept))
    return kept


def _shared(fields: Mapping[str, Any], room: int) -> dict[str, Any]:
    """Let the fields share *room*: what is short is kept, and the longer ones get what is left."""
    names = list(fields)
    sizes = {name: len(spelled(fields[name])) for name in names[:_MOST]}
    shares: dict[str, int] = {}
    for done, name in enumerate(sorted(sizes, key=sizes.__getitem__)):
        shares[name] = room // (len(sizes) - done)
        room -= min(sizes[name], shares[name])
    kept: dict[str, Any] = {}
    for name, size in sizes.items():
        value = fields[name]
        if size > shares[name]:
            value = _beginning(value if type(value) is str else spelled(value).decode(), shares[name])
        kept[_beginning(str(name), _NAME)] = value
    if len(names) > _MOST:
        kept[CUT] = f"{len(names) - _MOST} fields"
    return kept
