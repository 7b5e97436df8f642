"""The page that leads to all others."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from tocsin.derive import Page
from tocsin.targets.runbooks.words import escaped

_HEAD = "| alert | severity | what it means |\n|---|---|---|\n"


def index(pages: Iterable[Page], suffix: str) -> str:
    """Return a table of the pages of each service, in Markdown; *suffix* ends their addresses."""
    parts = ["# Runbooks\n\nFor each alert what it means, where to look, and what to do.\n"]
    for service, group in groupby(pages, lambda page: page.rule.service):
        lines = "".join(_line(page, suffix) for page in group)
        parts.append(f"\n## {service}\n\n{_HEAD}{lines}")
    return "".join(parts)


def _line(page: Page, suffix: str) -> str:
    rule = page.rule
    named = " ".join(filter(None, (rule.name, rule.labels.get("slo"))))
    return f"| [{named}]({rule.service}/{rule.page}{suffix}) | {rule.severity} | {escaped(rule.because)} |\n"
