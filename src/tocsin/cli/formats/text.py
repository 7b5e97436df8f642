"""Findings as text for people: a line that says what, then the line that is wrong with a caret below it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator

from tocsin.cli.findings import Excerpt, Finding
from tocsin.model import Place, Skipped

WIDTH = 100
"""Characters of a line that are shown."""

_COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "caret": "\x1b[1;32m", "place": "\x1b[1m"}
_PLAIN = "\x1b[0m"


def report(findings: Iterable[Finding], skipped: Iterable[Skipped] = ()) -> None:
    """Write findings to the standard error stream, in colour if that is a terminal."""
    coloured = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    for each in skipped:
        sys.stderr.write(f"{_where(each.place)}skipped: {each.why}\n")
    for finding in findings:
        sys.stderr.writelines(f"{line}\n" for line in _lines(finding, coloured=coloured))


def _lines(finding: Finding, *, coloured: bool) -> Iterator[str]:
    problem = finding.problem
    place = _painted(_where(finding.place), "place", coloured=coloured)
    severity = _painted(f"{problem.severity}:", problem.severity, coloured=coloured)
    yield f"{place}{severity} {problem.subject}: {problem.message} [{problem.check}]"
    if finding.excerpt:
        line, start, end = cut(finding.excerpt)
        yield f"    {line}"
        yield f"    {' ' * start}{_painted('^' * (end - start), 'caret', coloured=coloured)}"


def cut(excerpt: Excerpt) -> tuple[str, int, int]:
    """Return at most a line's width around what is wrong, and where that is in it; tabs count as one space."""
    line = "".join(letter if letter.isprintable() else " " for letter in excerpt.line)
    first = len(line) - len(line.lstrip())
    last = len(line.rstrip())
    if last - first > WIDTH:
        first = max(first, min(excerpt.start - WIDTH // 3, last - WIDTH))
        last = min(last, first + WIDTH)
    first = min(first, excerpt.start)
    before, after = "…" if line[:first].strip() else "", "…" if line[last:].strip() else ""
    start = excerpt.start - first + len(before)
    end = min(excerpt.end, last) - first + len(before)
    return f"{before}{line[first:last]}{after}", start, max(end, start + 1)


def _where(place: Place | None) -> str:
    return f"{place.file}:{place.line}:{place.column}: " if place else ""


def _painted(text: str, colour: str, *, coloured: bool) -> str:
    return f"{_COLOURS[colour]}{text}{_PLAIN}" if coloured and text else text
