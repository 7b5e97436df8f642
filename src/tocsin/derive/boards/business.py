"""What a service does for the business: the panels that it declares."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.derive.board import Board, Pane, Row, uid
from tocsin.derive.boards import bounds
from tocsin.model import Catalog


def boards(catalog: Catalog) -> Iterator[Board]:
    """Yield a board for each service that declares panels."""
    for service in catalog.services:
        if service.panels:
            panes = (
                Pane(panel=panel, bounds=bounds.named(service, panel.objective), service=service.name)
                for panel in service.panels
            )
            yield Board(
                uid=uid(service.name, "business"),
                title=f"Business: {service.name}",
                folder="business",
                file=service.name,
                help=service.because,
                rows=(Row("Business", tuple(panes)),),
                service=service.name,
            )
