"""What pages are drawn of, in one way: cards, headings, badges, and the states in which there is nothing else to see.

Colours stand for meanings alone. Texts are texts, never HTML.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from tocsin.console import sparks

Meaning = Literal["ok", "warning", "critical", "silent", "text"]
"""What a colour stands for; `silent` is what nobody is told of."""


class Words(TextElement):
    """An element of any tag that holds a text, which can be changed."""


def card(title: str = "", *, classes: str = "") -> ui.element:
    """Return a card to be entered, with its title if it has one."""
    box = ui.element("section").classes(f"card {classes}")
    if title:
        box.props["aria-label"] = title
        with box:
            heading(title, 2)
    return box


def heading(text: str, level: int) -> Words:
    """Return a heading of a level, 1 to 4."""
    return words(text, f"h{level}")


def words(text: str, tag: str = "span", classes: str = "") -> Words:
    """Return a text in an element of its own."""
    return Words(tag=tag, text=text).classes(classes)


def badge(text: str, meaning: Meaning) -> Words:
    """Return a short word in the colour of what it means."""
    return words(text, "span", f"badge {meaning}")


class Sparkline(ui.element):
    """A line without axes, whose path is that of `sparks.path`."""

    def __init__(self, path: str, title: str) -> None:
        super().__init__("svg")
        self.classes("spark")
        self.props["viewBox"] = sparks.VIEW
        self.props["preserveAspectRatio"] = "none"
        self.props["role"] = "img"
        with self:
            self._line = ui.element("path")
        self.show(path, title)

    def show(self, path: str, title: str) -> None:
        """Put another line in; *title* is what it is called to those who do not see it."""
        self.props["aria-label"] = title
        self._line.props["d"] = path


def button(text: str, press: Callable[..., object], *, on: bool | None = None) -> ui.element:
    """Return a button, by what it does; one that is *on* or not stays so, as in a choice."""
    element = ui.element("button").classes("button").props('type="button"')
    if on is not None:
        element.props["aria-pressed"] = str(on).lower()
    element.on("click", press, args=[])
    with element:
        words(text)
    return element


def away(sentence: str) -> Words:
    """Say that something cannot be had, and why."""
    return _state(sentence, "away", "alert")


def empty(sentence: str) -> Words:
    """Say that there is nothing, and how something would come."""
    return _state(sentence, "empty", "note")


def loading() -> Words:
    """Say that it takes a moment."""
    return _state("Asking ...", "loading", "status")


def _state(sentence: str, classes: str, role: str) -> Words:
    box = words(sentence, "p", f"state {classes}")
    box.props["role"] = role
    return box
