"""The page of runbooks: all of them, or one, with what was seen when its alert was last proved."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from tocsin.console.markdown import Block, blocks
from tocsin.console.sources import Sources
from tocsin.derive import pages
from tocsin.live.proofs import read_proofs
from tocsin.targets import Site
from tocsin.targets.runbooks import markdown

HERE = Site(console="")
"""Where logs, boards and errors are: on pages beside."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A runbook: of which alert of which *service*, where it is, and what its alert means."""

    service: str
    name: str
    address: str
    severity: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbooks:
    """What the page shows: every *entry*, or the *page* that the address names; *missing* says that there is none."""

    entries: tuple[Entry, ...]
    page: tuple[Block, ...] = ()
    missing: str = ""


async def look(sources: Sources, query: QueryParams) -> Runbooks:
    """Return the page that the address names by `service` and `alert`, and all there are."""
    service, alert = query.get("service", ""), query.get("alert", "")
    entries = tuple(_entries(sources))
    if not service or not alert:
        return Runbooks(entries=entries)
    page = await runbook(sources, service, alert)
    missing = "" if page else f"There is no runbook “{alert}” of {service}: `tocsin build` writes one for each alert."
    return Runbooks(entries=entries, page=page, missing=missing)


async def runbook(sources: Sources, service: str, alert: str) -> tuple[Block, ...]:
    """Return the runbook of an alert of a service, which its page is called after; nothing if there is none."""
    for page in pages(sources.plan):
        if (page.rule.service, page.rule.page) == (service, alert):
            proofs = await asyncio.to_thread(read_proofs, sources.proof)
            proved = proofs.get(page.rule.subject)
            return blocks(markdown(page, sources.plan, HERE, proved, before=f"/runbooks/{service}/"))
    return ()


def _entries(sources: Sources) -> list[Entry]:
    return [
        Entry(
            rule.service,
            " ".join(filter(None, (rule.name, rule.labels.get("slo")))),
            f"/runbooks/{rule.service}/{rule.page}",
            rule.severity,
            rule.because,
        )
        for rule in sources.plan.alerts
    ]
