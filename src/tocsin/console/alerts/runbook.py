"""The page of an alert, which the stack's inbox serves."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from tocsin.console.asking import Part
from tocsin.console.markdown import Block, blocks
from tocsin.console.metrics import Away
from tocsin.console.sources import Sources

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9-]*")


async def runbook(sources: Sources, url: str) -> tuple[Block, ...] | Away:
    """Return the page that *url* names, `.../service/slug`, as the stack's inbox has it."""
    service, _, slug = "/".join(urlsplit(url).path.rsplit("/", 2)[-2:]).partition("/")
    if not (_NAME.fullmatch(service) and _NAME.fullmatch(slug)):
        return Away("This alert names no runbook: declare one with `runbook=`.")
    found = await Part("inbox", sources.inbox, sources.http).text(f"/runbooks/{service}/{slug}.md")
    return found if isinstance(found, Away) else blocks(found)
