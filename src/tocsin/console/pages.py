"""The register of pages, in the order of the navigation; a new page is one module and one line here."""

from __future__ import annotations

from tocsin.console import alerts, catalog, drill, errors, inbox, logs, objectives, overview, proof, runbooks
from tocsin.console.boards import screen as boards
from tocsin.console.page import Page

PAGES: tuple[Page, ...] = (
    overview.PAGE,
    boards.PAGE,
    alerts.PAGE,
    runbooks.PAGE,
    drill.PAGE,
    inbox.PAGE,
    objectives.PAGE,
    logs.PAGE,
    errors.PAGE,
    proof.PAGE,
    catalog.PAGE,
)
