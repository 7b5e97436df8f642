"""What somebody wrote by hand about an alert: a lead below the title, and sections below fixed headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MEANING = "What it means for customers"
LOOKS = "First looks"
CAUSES = "Likely causes"
MITIGATION = "Mitigation"
ESCALATION = "When to escalate"

HEADINGS = (MEANING, LOOKS, CAUSES, MITIGATION, ESCALATION)
"""The sections of a runbook, in the order in which they are needed."""

_NO_ANCHOR = re.compile(r"[^a-z0-9 -]")
_FENCES = ("```", "~~~")


@dataclass(frozen=True, slots=True)
class Section:
    """What stands below a heading; *start* is where the heading begins in the page."""

    heading: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Prose:
    """A page written by hand, in Markdown."""

    title: str = ""
    lead: str = ""
    sections: tuple[Section, ...] = ()

    @classmethod
    def of(cls, text: str) -> Prose:
        """Return what stands in a page; a `#` within a block of code is no heading."""
        headings = tuple(_headings(text))
        ends = [*(start for _, start in headings[1:]), len(text)][: len(headings)]
        parts = [
            (line, text[start + len(line) : end].strip(), start)
            for (line, start), end in zip(headings, ends, strict=True)
        ]
        title, lead, _ = next((part for part in parts if not part[0].startswith("## ")), ("", "", 0))
        found = (Section(line.removeprefix("## "), body, start) for line, body, start in parts if line[:3] == "## ")
        return cls(title.removeprefix("# "), lead, tuple(found))

    def below(self, heading: str) -> str:
        """Return what stands below a heading, "" if nothing does."""
        return next((section.text for section in self.sections if section.heading == heading), "")


def anchor(heading: str) -> str:
    """Return how an address names a heading: in small letters, with hyphens."""
    return _NO_ANCHOR.sub("", heading.lower()).replace(" ", "-")


def lines(text: str) -> Iterator[tuple[str, int, bool]]:
    """Yield each line of a page with where it begins, and whether it stands in a block of code, fences included."""
    start, fence = 0, ""
    for line in text.splitlines(keepends=True):
        mark = line.lstrip()[:3]
        opens = not fence and mark in _FENCES
        closes = bool(fence) and mark == fence
        yield line.rstrip(), start, bool(fence) or opens
        fence = mark if opens else "" if closes else fence
        start += len(line)


def _headings(text: str) -> Iterator[tuple[str, int]]:
    for line, start, coded in lines(text):
        if not coded and line.startswith(("# ", "## ")):
            yield line, start
