"""The page of an alert, as its link names it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from tocsin.console.markdown import Block
from tocsin.console.metrics import Away
from tocsin.console.runbooks import view
from tocsin.console.sources import Sources

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9-]*")


async def runbook(sources: Sources, url: str) -> tuple[Block, ...] | Away:
    """Return the page that *url* names, `.../service/name`, whoever serves it there."""
    service, _, name = "/".join(urlsplit(url).path.rsplit("/", 2)[-2:]).partition("/")
    if not (_NAME.fullmatch(service) and _NAME.fullmatch(name)):
        return Away("This alert names no runbook: declare one with `runbook=`.")
    found = await view.runbook(sources, service, name)
    return found or Away(f"There is no runbook “{name}” of {service} in this catalog: follow the alert's own link.")
