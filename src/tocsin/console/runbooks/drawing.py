"""Draws the page of runbooks."""

from __future__ import annotations

from functools import partial
from itertools import groupby

from nicegui import ui

from tocsin.console import pieces, tables
from tocsin.console.page import Visit
from tocsin.console.prose import prose
from tocsin.console.runbooks.view import Entry, Runbooks


def draw(view: Runbooks, _: Visit) -> None:
    """Draw one runbook, or what leads to each."""
    if view.page:
        ui.link("All runbooks", "/runbooks")
        prose(view.page, "Of the runbook", level=1)
        return
    pieces.heading("Runbooks", 1)
    if view.missing:
        pieces.away(view.missing)
    for service, group in groupby(view.entries, lambda entry: entry.service):
        with pieces.card(service):
            rows = [(partial(_link, entry), entry.severity, entry.because) for entry in group]
            tables.table(f"Runbooks of {service}", ("Alert", "Severity", "What it means"), rows)


def _link(entry: Entry) -> None:
    ui.link(entry.name, entry.address)
