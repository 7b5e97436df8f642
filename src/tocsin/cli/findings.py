"""Problems as they are told: each with where it stands and the line of text that is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tocsin import live
from tocsin.checks import Placing, Problem
from tocsin.model import Place, TocsinError


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A line of text, and the part of it that is wrong: from character *start* up to *end*."""

    line: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem with the place of its first and its last character, and the line that it is about."""

    problem: Problem
    place: Place | None
    last: Place | None
    excerpt: Excerpt | None


def findings(problems: Iterable[Problem], placing: Placing) -> tuple[Finding, ...]:
    """Return *problems* as they are told, file by file from top to bottom; *placing* tells where one stands."""
    return tuple(sorted((_finding(problem, placing(problem)) for problem in problems), key=_order))


def _order(finding: Finding) -> tuple[str, int, int]:
    place = finding.place
    return (place.file, place.line, place.column) if place else ("", 0, 0)


def _finding(problem: Problem, place: Place | None) -> Finding:
    passage, span = problem.passage, problem.span
    if passage is None:
        return Finding(problem, place, place, None)
    start = span.start if span else 0
    end = max(span.end if span else len(passage.text), start + 1)
    if problem.place is None:
        excerpt = _of_text(passage.text, start, end) if span else None
        return Finding(problem, place, place, excerpt)
    last = passage.place(end - 1)
    line = _line(problem.place) if passage.text else None
    if line is None or last is None or place is None:
        return Finding(problem, place, last, None)
    until = last.column if last.line == place.line else len(line)
    return Finding(problem, place, last, Excerpt(line, place.column - 1, max(until, place.column)))


def _of_text(text: str, start: int, end: int) -> Excerpt:
    begins = text.rfind("\n", 0, start) + 1
    line = text[begins:].partition("\n")[0]
    return Excerpt(line, start - begins, min(end - begins, max(len(line), start - begins + 1)))


def _line(place: Place) -> str | None:
    lines = _lines(place.file)
    return lines[place.line - 1] if place.line <= len(lines) else None


@lru_cache(maxsize=16)
def _lines(file: str) -> list[str]:
    try:
        return live.text(Path(file)).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    except TocsinError:
        return []
