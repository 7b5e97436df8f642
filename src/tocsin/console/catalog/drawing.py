"""Draws the page of the catalog."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from tocsin.console import pieces, tables
from tocsin.console.catalog.view import Catalog, Declared, Rule
from tocsin.console.page import Visit
from tocsin.console.spelling import percent


def draw(view: Catalog, visit: Visit) -> None:
    """Draw what is declared on the left, and what was generated on the right."""
    with ui.element("div").classes("bar"):
        pieces.heading("Catalog", 1)
        for name in view.services:
            pieces.button(name, partial(visit.go, {"service": name}), on=name == view.declared.name)
    with ui.element("div").classes("halves"):
        with ui.element("div"):
            _declared(view.declared)
        with ui.element("div"):
            _generated(view)


def _declared(service: Declared) -> None:
    with pieces.card("Declared"):
        tables.facts(
            (
                ("Service", service.name),
                ("Team", service.team),
                ("Port", str(service.port)),
                ("Without it", service.because),
            )
        )
    with pieces.card("Signals"):
        heads = ("Name", "Kind", "Labels", "Says")
        tables.table("Signals", heads, ((partial(_code, name), *rest) for name, *rest in service.signals))
    with pieces.card("Objectives"):
        rows = ((name, percent(ratio), because) for name, ratio, because in service.objectives)
        tables.table("Objectives", ("Name", "Promised", "Because"), rows, (1,))
    with pieces.card("Alerts of its own"):
        if not service.alerts:
            pieces.empty("It declares none beside those that every service has.")
        for name, when, severity, because in service.alerts:
            with ui.element("article"):
                with ui.element("div").classes("row"):
                    pieces.words(name, "strong")
                    pieces.badge(severity, "critical" if severity == "critical" else "warning")
                pieces.words(when, "pre")
                pieces.words(because, "span", "faint")


def _generated(view: Catalog) -> None:
    alerts = [rule for rule in view.rules if rule.severity]
    with pieces.card("Generated"):
        tables.facts(
            (
                ("Alerts", f"{len(alerts)}, each proven by `tocsin prove`"),
                ("Recordings", str(len(view.rules) - len(alerts))),
                ("Tell", ", ".join(view.receivers)),
            )
        )
    with pieces.card("Alert rules"):
        heads = ("Alert", "Severity", "Rings within")
        tables.table("Alert rules", heads, map(_alert, alerts))
    with pieces.card("Rules as written"):
        pieces.words(view.file, "p", "faint mono")
        if view.absent:
            pieces.empty(view.absent)
        else:
            box = pieces.words(view.text, "pre", "tall")
            box.props["aria-label"] = "Rules as written"
            box.props["tabindex"] = "0"


def _alert(rule: Rule) -> list[tables.Cell]:
    severity = partial(pieces.badge, rule.severity, "critical" if rule.severity == "critical" else "warning")
    return [rule.name.partition("/")[2], severity, rule.within]


def _code(text: str) -> None:
    pieces.words(text, "span", "mono")
