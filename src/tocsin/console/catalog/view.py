"""The page of the catalog: what is declared, and beside it everything that was generated of that."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import QueryParams

from tocsin import source
from tocsin.console.catalog.generated import Made, generated
from tocsin.console.catalog.items import Item, items
from tocsin.console.sources import Sources


@dataclass(frozen=True, slots=True)
class Declared:
    """The lines that declare an item, from line *line* of *file* on; *changed* tells that they are newer than the plan.

    Where they are not found, *absent* says why.
    """

    file: str = ""
    line: int = 0
    text: str = ""
    changed: bool = False
    absent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """What the page shows: all *services*, the *items* of one of them that were looked for, and one item in full."""

    services: tuple[str, ...]
    service: str
    items: tuple[Item, ...]
    find: str
    chosen: Item | None = None
    declared: Declared = Declared()
    generated: tuple[Made, ...] = ()


async def look(sources: Sources, query: QueryParams) -> Catalog:
    """Look at the service and the item that the address names, or at the first."""
    services = {service.name: service for service in sources.plan.catalog.services}
    service = services.get(query.get("service", "")) or next(iter(services.values()))
    find = query.get("find", "").strip()
    found = tuple(each for each in items(sources.plan, service) if each.says(find))
    chosen = next((each for each in found if each.key == query.get("item")), found[0] if found else None)
    if chosen is None:
        return Catalog(services=tuple(services), service=service.name, items=(), find=find)
    declared, made = await asyncio.gather(
        asyncio.to_thread(_declared, sources, service.name, chosen),
        asyncio.to_thread(generated, sources.plan, service, chosen, sources.artifacts),
    )
    return Catalog(
        services=tuple(services),
        service=service.name,
        items=found,
        find=find,
        chosen=chosen,
        declared=declared,
        generated=made,
    )


def _declared(sources: Sources, service: str, item: Item) -> Declared:
    try:
        modules = sources.code()
        found = source.declaration(modules, item.call, item.called, service)
    except (OSError, SyntaxError, ValueError) as cause:
        return Declared(absent=f"The catalog cannot be read: {cause}.")
    if found is None:
        return Declared(absent=f"No {item.call} that is called {item.called} is found in the catalog's modules.")
    was = {module.file: module.text for module in sources.loaded}
    now = {module.file: module.text for module in modules}
    changed = was.get(found.file, "") != now[found.file]
    return Declared(Path(found.file).as_posix(), found.line, found.text, changed)
