"""Draws source text in colours, as texts in elements of their own, never as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from nicegui import ui

from tocsin.console import pieces

Language = Literal["python", "yaml"]

_TOKENS: dict[Language, re.Pattern[str]] = {
    "python": re.compile(
        r"(?P<note>\#.*)"
        r"|(?P<text>[rfb]{0,2}(?:\"\"\"[\s\S]*?\"\"\"|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'))"
        r"|(?P<number>\b\d[\d_.]*\b)"
        r"|(?P<key>\b(?:True|False|None|for|in|if|else|lambda)\b|\b\w+(?==[^=]))"
        r"|(?P<name>\b[A-Z]\w*(?=\())"
    ),
    "yaml": re.compile(
        r"(?P<note>\#.*)|(?P<key>[\w./-]+(?=:(?:\s|$)))|(?P<text>\"[^\"\n]*\"|'[^'\n]*')|(?P<number>\b\d[\d.]*[smhd]?\b)"
    ),
}


def coloured(text: str, language: Language, called: str) -> None:
    """Draw *text* in the colours of its language; *called* is its name to those who do not see it."""
    with ui.element("pre").classes("code").props('tabindex="0" role="region"') as box:
        box.props["aria-label"] = called
        for kind, piece in parts(text.rstrip("\n"), language):
            pieces.words(piece, "span", kind)


def parts(text: str, language: Language) -> Iterator[tuple[str, str]]:
    """Yield the pieces of *text* in their order, each with its kind, "" for what has none."""
    at = 0
    for found in _TOKENS[language].finditer(text):
        if found.start() > at:
            yield "", text[at : found.start()]
        yield found.lastgroup or "", found[0]
        at = found.end()
    if at < len(text):
        yield "", text[at:]
