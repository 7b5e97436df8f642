"""Draws the page of the catalog."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from tocsin.console import pieces
from tocsin.console.catalog.coloured import coloured
from tocsin.console.catalog.generated import Made
from tocsin.console.catalog.items import Item
from tocsin.console.catalog.view import Catalog, Declared
from tocsin.console.page import Visit

_KINDS = {"service": "Service", "signal": "Signals", "objective": "Objectives", "alert": "Alerts"}


def draw(view: Catalog, visit: Visit) -> None:
    """Draw what there is, and of one thing what declares it beside what was generated of it."""
    with ui.element("div").classes("bar"):
        pieces.heading("Catalog", 1)
        for name in view.services:
            pieces.button(name, partial(visit.go, {"service": name, "item": None}), on=name == view.service)
    with ui.element("div").classes("catalog"):
        with ui.element("div"):
            _items(view, visit)
        if view.chosen is None:
            pieces.empty(f"Nothing of {view.service} is called like {view.find}: look for less of the word.")
            return
        with ui.element("div"):
            _declared(view.chosen, view.declared)
        with ui.element("div"):
            _generated(view.generated)


def _items(view: Catalog, visit: Visit) -> None:
    find = ui.input("Find", value=view.find).props("outlined dense debounce=300 type=search").classes("find")
    find.on_value_change(lambda change: visit.go({"find": change.value or None}))
    for kind, title in _KINDS.items():
        found = [each for each in view.items if each.kind == kind]
        if found:
            pieces.heading(f"{title} ({len(found)})" if kind != "service" else title, 2).classes("kind")
            with ui.element("ul").classes("items"):
                for each in found:
                    _item(each, visit, chosen=each == view.chosen)


def _item(item: Item, visit: Visit, *, chosen: bool) -> None:
    with ui.element("li"):
        with pieces.button("", partial(visit.go, {"item": item.key}), on=chosen) as button:
            button.clear()
            pieces.words(item.name, "span", "mono")
        if item.severity:
            pieces.badge(item.severity, "critical" if item.severity == "critical" else "warning")


def _declared(item: Item, declared: Declared) -> None:
    with pieces.card("Declared"):
        pieces.words(item.help, "p")
        if declared.absent:
            pieces.empty(declared.absent)
            return
        if item.kind == "alert" and item.call != "Alert":
            of = "the service" if item.call == "Service" else "its objective"
            pieces.words(f"Nobody declared it: it follows from {of}.", "p", "faint")
        if declared.changed:
            pieces.away(f"{declared.file} was changed since the console began: start it again to see what follows.")
        pieces.words(f"{declared.file}:{declared.line}", "p", "faint mono")
        coloured(declared.text, "python", f"Declaration of {item.name}")


def _generated(made: tuple[Made, ...]) -> None:
    with pieces.card("Generated"):
        if not made:
            pieces.empty("Nothing is generated of it.")
        for each in made:
            with ui.element("article"):
                if each.address:
                    ui.link(each.title, each.address).classes("strong")
                else:
                    pieces.words(each.title, "strong")
                if each.note:
                    pieces.words(each.note, "p", "faint")
                if each.place:
                    pieces.words(each.place, "p", "faint mono")
                if each.text:
                    coloured(each.text, "yaml", each.title)
