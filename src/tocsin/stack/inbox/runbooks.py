"""Runbook pages: what was written of each alert, so that the link in a page opens."""

from __future__ import annotations

import re
from pathlib import Path

from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tocsin.stack.inbox.page import page

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_TITLE = re.compile(r"^#\s+(.+?)\s*#*$", re.MULTILINE)
# Raw HTML stays text; addresses that would run script are refused by the parser itself.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


class Runbooks:
    """Finds `<service>/<slug>.md` in a *folder*, where there is one."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @property
    def routes(self) -> list[Route]:
        """Where the pages are."""
        return [
            Route("/runbooks/{service}/{slug}.md", self.markdown),
            Route("/runbooks/{service}/{slug}", self.show),
        ]

    def find(self, service: str, slug: str) -> str | None:
        """Give the Markdown of a runbook, None when there is none."""
        if self._folder is None or not (_NAME.fullmatch(service) and _NAME.fullmatch(slug)):
            return None
        try:
            return (self._folder / service / f"{slug}.md").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None

    def markdown(self, request: Request) -> Response:
        """Answer with a runbook as it was written."""
        service, slug = request.path_params["service"], request.path_params["slug"]
        text = self.find(service, slug)
        if text is None:
            return PlainTextResponse(_missing(service, slug), 404)
        return PlainTextResponse(text, media_type="text/markdown")

    def show(self, request: Request) -> Response:
        """Answer with the page of a runbook."""
        service, slug = request.path_params["service"], request.path_params["slug"]
        text = self.find(service, slug)
        if text is None:
            return page("missing.html", status=404, sentence=_missing(service, slug))
        title = _TITLE.search(text)
        html = Markup(_MARKDOWN.render(text))  # noqa: S704 - rendered with raw HTML off
        return page("runbook.html", title=title[1] if title else slug, service=service, html=html)


def _missing(service: str, slug: str) -> str:
    return f"There is no runbook “{slug}” for {service}: `tocsin build` writes one for each alert."
