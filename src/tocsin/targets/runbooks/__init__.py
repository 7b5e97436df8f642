"""Runbooks: for each alert a page of facts around what somebody wrote by hand, as Markdown and as static pages.

Sources: CommonMark, and the tables of GitHub Flavored Markdown; Sentry's documentation, "Searchable Properties".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tocsin.derive import Plan, Proved, pages
from tocsin.targets.artifact import Artifact
from tocsin.targets.runbooks.html import document, sheet
from tocsin.targets.runbooks.index import index
from tocsin.targets.runbooks.markdown import markdown
from tocsin.targets.site import Site
from tocsin.targets.text import NOTICE_MARKDOWN

__all__ = ["markdown", "render", "static"]


def render(plan: Plan, site: Site) -> Iterator[Artifact]:
    """Yield a page for each alert, and one that leads to them."""
    for page in pages(plan):
        text = markdown(page, plan, site, suffix=".md")
        yield Artifact(f"runbooks/{page.rule.service}/{page.rule.page}.md", f"{NOTICE_MARKDOWN}\n{text}")
    yield Artifact("runbooks/README.md", f"{NOTICE_MARKDOWN}\n{index(pages(plan), '.md')}")


def static(plan: Plan, site: Site, proofs: Mapping[str, Proved]) -> Iterator[Artifact]:
    """Yield the same as pages for any web server that serves a folder, with what was seen when alerts were proved.

    Each is the index of a folder of its own, so that its address needs no suffix. *proofs* are by the alert's subject.
    """
    yield Artifact("runbooks.css", sheet())
    yield Artifact("index.html", document("Runbooks", index(pages(plan), "/"), depth=0))
    for page in pages(plan):
        text = markdown(page, plan, site, proofs.get(page.rule.subject), before="../", suffix="/")
        yield Artifact(f"{page.rule.service}/{page.rule.page}/index.html", document(page.title, text, depth=2))
