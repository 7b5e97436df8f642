"""Markdown, of runbooks and of boards, as blocks that a page can draw without HTML.

Source: CommonMark, and the tables of GitHub Flavored Markdown, as markdown-it-py reads them; raw HTML stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

Style = Literal["plain", "strong", "em", "code", "strike", "mention", "block"]
Kind = Literal["heading", "text", "item", "code", "cell", "rule"]

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_STYLES: dict[str, Style] = {"strong": "strong", "em": "em"}


@dataclass(frozen=True, slots=True)
class Run:
    """Words of one style; with *link*, an address that a browser may safely open."""

    text: str
    style: Style = "plain"
    link: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph, an item, some code, the cells of a table's row or a line between.

    *depth* is a heading's level, or how deep an item is; *mark* stands before an item. Each of *parts* is a cell; all
    other kinds have one.
    """

    kind: Kind
    parts: tuple[tuple[Run, ...], ...]
    depth: int = 0
    mark: str = ""


def blocks(markdown: str) -> tuple[Block, ...]:
    """Return the blocks of a page."""
    reading = _Reading()
    for token in _MARKDOWN.parse(markdown):
        reading.take(token)
    return tuple(reading.found)


@dataclass(slots=True)
class _Reading:
    """What was *found* of a page so far, and where in it we are: in which list, at which item, after which token."""

    found: list[Block] = field(default_factory=list)
    _marks: list[str | int] = field(default_factory=list)
    _row: list[tuple[Run, ...]] = field(default_factory=list)
    _fresh: bool = False
    _before: str = ""

    def take(self, token: Token) -> None:
        """Read on."""
        match token.type:
            case "bullet_list_open":
                self._marks.append("•")
            case "ordered_list_open":
                self._marks.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                self._marks.pop()
            case "list_item_open":
                self._fresh = True
            case "tr_close":
                self.found.append(Block("cell", tuple(self._row)))
                self._row = []
            case "inline":
                self._words(tuple(_runs(token.children or ())))
            case _:
                self.found += _alone(token, len(self._marks))
        self._before = token.type if token.type != "heading_open" else token.tag

    def _words(self, runs: tuple[Run, ...]) -> None:
        if self._before in {"th_open", "td_open"}:
            self._row.append(runs)
        elif self._before in _HEADINGS:
            self.found.append(Block("heading", (runs,), int(self._before[1:])))
        elif self._marks:
            self.found.append(Block("item", (runs,), len(self._marks), self._mark() if self._fresh else ""))
            self._fresh = False
        else:
            self.found.append(Block("text", (runs,)))

    def _mark(self) -> str:
        """Return what stands before an item, and count on."""
        mark = self._marks[-1]
        if isinstance(mark, str):
            return mark
        self._marks[-1] = mark + 1
        return f"{mark}."


def _alone(token: Token, depth: int) -> Iterator[Block]:
    """Yield a block that holds no words."""
    if token.type in {"fence", "code_block"}:
        yield Block("code", ((Run(token.content.rstrip("\n"), "code"),),), depth)
    elif token.type == "hr":
        yield Block("rule", ())


def _runs(children: Sequence[Token]) -> Iterator[Run]:
    style: Style = "plain"
    link = ""
    for child in children:
        kind, _, side = child.type.rpartition("_")
        if kind in _STYLES:
            style = _STYLES[kind] if side == "open" else "plain"
        elif kind == "link":
            link = address(child.attrs.get("href")) if side == "open" else ""
        elif child.type == "code_inline":
            yield Run(child.content, "code", link)
        elif child.type in {"softbreak", "hardbreak"}:
            yield Run(" ", style, link)
        elif child.content:
            yield Run(child.content, style, link)


def address(value: object) -> str:
    """Return *value* if it is an address that a browser may safely open, on this or another host."""
    return value if isinstance(value, str) and re.match(r"https?://[^/\s]|/[^/\\\s]", value) else ""
