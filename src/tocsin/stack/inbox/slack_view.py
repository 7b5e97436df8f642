"""A Slack message as Slack would draw it: pieces of text beside coloured bars. Any JSON is drawn, never refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from markupsafe import Markup, escape

from tocsin.stack.inbox.mrkdwn import mrkdwn, web_address

MAX_TEXT = 8_000
"""Characters shown of one text; the rest is in messages.json."""

MAX_PIECES = 200

_COLORS = {"good": "#2eb67d", "warning": "#ecb22e", "danger": "#e01e5a"}
_HEX = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")

PieceKind = Literal["text", "title", "header", "field", "small", "link", "divider"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a message; *href* is an address that a browser may safely open, or empty."""

    kind: PieceKind
    html: Markup
    href: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """Pieces beside a bar of *color*, `#rrggbb`; without a bar when it is empty."""

    color: str
    pieces: tuple[Piece, ...]


def panels(body: Mapping[str, Any]) -> list[Panel]:
    """Lay out a message: its blocks, else its text, then a panel for each attachment."""
    blocks = _objects(body.get("blocks"))
    main = [piece for block in blocks for piece in _block(block)] if blocks else [*_piece("text", body.get("text"))]
    return [
        *([Panel("", tuple(main[:MAX_PIECES]))] if main else []),
        *(
            Panel(_color(attachment.get("color")), tuple(_attachment(attachment))[:MAX_PIECES])
            for attachment in _objects(body.get("attachments"))
        ),
    ]


def _attachment(attachment: Mapping[str, Any]) -> Iterator[Piece]:
    yield from _piece("text", attachment.get("pretext"))
    yield from _piece("small", attachment.get("author_name"))
    yield from _piece("title", attachment.get("title"), attachment.get("title_link"))
    blocks = _objects(attachment.get("blocks"))
    shown = any(attachment.get(name) for name in ("title", "text", "pretext", "fields"))
    yield from _piece("text", attachment.get("text") if shown or blocks else attachment.get("fallback"))
    for field in _objects(attachment.get("fields")):
        title, value = _plain(field.get("title")), mrkdwn(_plain(field.get("value")))
        yield Piece("field", Markup("<strong>{}</strong>\n{}").format(title, value))
    for action in _objects(attachment.get("actions")):
        yield from _piece("link", action.get("text"), action.get("url"))
    for block in blocks:
        yield from _block(block)
    yield from _piece("small", attachment.get("footer"))


def _block(block: Mapping[str, Any]) -> Iterator[Piece]:
    kind = block.get("type")
    if kind == "divider":
        yield Piece("divider", Markup("<hr>"))
    elif kind == "header":
        yield from _piece("header", block.get("text"))
    elif kind == "section":
        yield from _piece("text", block.get("text"))
        for field in _objects(block.get("fields")):
            yield from _piece("field", field)
        yield from _element(block.get("accessory"))
    elif kind in ("context", "actions"):
        for element in _objects(block.get("elements")):
            yield from _element(element)
    else:
        yield from _element(block)


def _element(element: Any) -> Iterator[Piece]:
    if not isinstance(element, dict):
        return
    kind = element.get("type")
    if kind in ("mrkdwn", "plain_text"):
        yield from _piece("small", element)
    elif kind == "button":
        yield from _piece("link", element.get("text"), element.get("url"))
    elif kind == "image":
        yield Piece("small", escape(f"[image: {_plain(element.get('alt_text')) or 'without description'}]"))
    else:
        yield Piece("small", escape(f"[the inbox does not draw {_plain(kind) or 'this'}; it is in messages.json]"))


def _piece(kind: PieceKind, text: Any, link: Any = "") -> Iterator[Piece]:
    """Give a piece unless *text*, a string or Slack's text object, is empty."""
    plain = kind in ("title", "header", "link")
    if isinstance(text, dict):
        plain = plain or text.get("type") == "plain_text"
        text = text.get("text")
    words = _plain(text)
    if words:
        yield Piece(kind, escape(words) if plain else mrkdwn(words), web_address(link))


def _plain(value: Any) -> str:
    text = "" if value is None or value is False else value if isinstance(value, str) else str(value)
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + " …"


def _color(value: Any) -> str:
    if not isinstance(value, str):
        return "#dddddd"
    found = _HEX.fullmatch(value)
    return _COLORS.get(value) or (f"#{found[1]}" if found else "#dddddd")


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
