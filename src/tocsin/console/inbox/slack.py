"""A Slack message, laid out as Slack would: its blocks or its text, and attachments beside a bar of their colour.

Source: Slack's developer documentation, "Reference: blocks" and "Reference: secondary message attachments". Whatever is
no block that is drawn is said to be there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from tocsin.console.inbox.mrkdwn import slack, unescaped
from tocsin.console.markdown import Run, address

MOST = 100
"""Pieces of one message, or of one attachment, that are shown."""

LONGEST = 3000
"""Characters of one text that are shown, which is what Slack takes in a section."""

_COLOUR = re.compile(r"#?([0-9a-fA-F]{6})")
_KNOWN = {"good", "warning", "danger"}

Kind = Literal["header", "title", "text", "quote", "fields", "context", "actions", "divider"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a message: its texts, of which `fields`, `context` and `actions` may have several."""

    kind: Kind
    texts: tuple[tuple[Run, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """Pieces beside a bar of a colour, which is one of Slack's words for it, `#rrggbb`, or empty."""

    colour: str
    pieces: tuple[Piece, ...]


def pieces(body: Mapping[str, Any]) -> tuple[Piece, ...]:
    """Return what a message says: its blocks, else its text."""
    found = [piece for block in _objects(body.get("blocks")) for piece in _block(block)]
    return tuple(found or _text(body.get("text")))[:MOST]


def attachments(body: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """Return what is attached to it."""
    return tuple(
        Attachment(_colour(each.get("color")), tuple(_attached(each))[:MOST])
        for each in _objects(body.get("attachments"))
    )


def _attached(told: Mapping[str, Any]) -> Iterator[Piece]:
    yield from _text(told.get("pretext"))
    yield from _one("context", told.get("author_name"))
    if title := _string(told.get("title")):
        yield Piece("title", ((Run(unescaped(title), "strong", address(told.get("title_link"))),),))
    said = any(told.get(name) for name in ("title", "text", "pretext", "fields", "blocks"))
    yield from _text(told.get("text") if said else told.get("fallback"))
    yield from _several("fields", map(_field, _objects(told.get("fields"))))
    yield from _several("actions", map(_button, _objects(told.get("actions"))))
    for block in _objects(told.get("blocks")):
        yield from _block(block)
    yield from _one("context", told.get("footer"))


def _block(told: Mapping[str, Any]) -> Iterator[Piece]:
    match told.get("type"):
        case "divider":
            yield Piece("divider")
        case "header":
            yield from _one("header", told.get("text"))
        case "section":
            yield from _text(told.get("text"))
            yield from _several("fields", map(_words, _objects(told.get("fields"))))
            yield from _several("actions", map(_element, _objects([told.get("accessory")])))
        case "context" | "actions" as kind:
            yield from _several(kind, map(_element, _objects(told.get("elements"))))
        case _:
            yield from _several("context", [_element(told)])


def _element(told: Mapping[str, Any]) -> tuple[Run, ...]:
    match told.get("type"):
        case "mrkdwn" | "plain_text":
            return _words(told)
        case "button":
            return _button(told)
        case "image":
            return (Run(f"[image: {_string(told.get('alt_text')) or 'without description'}]"),)
        case kind:
            return (Run(f"[{_string(kind) or 'a block'} is not drawn here; the inbox's messages.json has it]"),)


def _button(told: Mapping[str, Any]) -> tuple[Run, ...]:
    words = "".join(run.text for run in _words(told.get("text")))
    return (Run(words, "plain", address(told.get("url"))),) if words else ()


def _field(told: Mapping[str, Any]) -> tuple[Run, ...]:
    title = _string(told.get("title"))
    return (*((Run(f"{unescaped(title)}\n", "strong"),) if title else ()), *slack(_string(told.get("value"))))


def _text(told: Any) -> Iterator[Piece]:
    """Yield a text, its quotes apart."""
    if isinstance(told, dict) and told.get("type") == "plain_text":
        yield from _one("text", told)
        return
    lines = _string(told.get("text") if isinstance(told, dict) else told).strip("\n").split("\n")
    for quoted, group in groupby(lines, lambda line: line.startswith(("&gt;", ">"))):
        words = "\n".join(re.sub(r"^(?:&gt;|>) ?", "", line) if quoted else line for line in group)
        if words.strip():
            yield Piece("quote" if quoted else "text", (slack(words),))


def _one(kind: Kind, told: Any) -> Iterator[Piece]:
    yield from _several(kind, [_words(told)])


def _several(kind: Kind, texts: Iterable[tuple[Run, ...]]) -> Iterator[Piece]:
    found = tuple(text for text in texts if text)
    if found:
        yield Piece(kind, found)


def _words(told: Any) -> tuple[Run, ...]:
    """Return the words of a text, or of Slack's text object."""
    if not isinstance(told, dict):
        return slack(_string(told))
    text = _string(told.get("text"))
    if told.get("type") == "plain_text":
        return (Run(unescaped(text)),) if text else ()
    return slack(text)


def _string(value: Any) -> str:
    text = "" if value is None or value is False else value if isinstance(value, str) else str(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _colour(value: Any) -> str:
    if value in _KNOWN:
        return str(value)
    found = _COLOUR.fullmatch(value) if isinstance(value, str) else None
    return f"#{found[1].lower()}" if found else ""


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
