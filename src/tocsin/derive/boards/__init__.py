"""Boards: what people look at. One module for each kind of board; a new one is a module and a line in BOARDS."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tocsin.derive.board import Board
from tocsin.derive.boards import alerts, business, health, monitoring, objectives
from tocsin.model import Catalog

Kind = Callable[[Catalog], Iterator[Board]]

BOARDS: tuple[Kind, ...] = (health.boards, business.boards, objectives.boards, alerts.boards, monitoring.boards)


def boards(catalog: Catalog) -> Iterator[Board]:
    """Yield every board of a catalog."""
    for kind in BOARDS:
        yield from kind(catalog)
