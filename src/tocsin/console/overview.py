"""The services at a glance."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import QueryParams

from tocsin.console import pieces
from tocsin.console.metrics import Away
from tocsin.console.page import Page, Visit
from tocsin.console.sources import Sources


@dataclass(frozen=True, slots=True)
class Overview:
    """Which services are up; *away* says why nobody knows."""

    up: dict[str, bool]
    away: str = ""


async def look(sources: Sources, _: QueryParams) -> Overview:
    """Look at the services."""
    up = await sources.metrics.instant('max by (service) (up{service!=""})')
    if isinstance(up, Away):
        return Overview({}, up.sentence)
    return Overview({sample.labels["service"]: sample.value > 0 for sample in up})


def draw(view: Overview, _: Visit) -> None:
    """Draw a card for each service."""
    pieces.heading("Overview", 1)
    if view.away:
        pieces.away(view.away)
    for service, well in view.up.items():
        with pieces.card(service):
            pieces.badge("up" if well else "down", "ok" if well else "critical")


PAGE = Page(path="/overview", title="Overview", look=look, draw=draw)
