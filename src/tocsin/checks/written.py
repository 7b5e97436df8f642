"""The runbooks that somebody wrote by hand: where they stand, whose they are, what they lead to and tell to run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.checks.case import Case
from tocsin.checks.problem import Problem, Severity
from tocsin.derive import AlertRule
from tocsin.derive.prose import lines
from tocsin.model import Passage
from tocsin.promql.tokens import Span

_SHELLS = ("sh", "bash", "shell", "console")
_LINK = re.compile(r"\]\(([^)\s]+)[^)]*\)")
_CODE = re.compile(r"`([^`\n]+)`")
_STANDS_FOR = re.compile(r"<[a-z-]+>")
_SEPARATORS = re.compile(r"[|&;()<>]+")


@dataclass(frozen=True, slots=True)
class Runbook:
    """A page by its *name*, as `<service>/runbooks/<name>.md`, and the alerts that it is for."""

    name: str
    passage: Passage
    rules: tuple[AlertRule, ...]

    @property
    def file(self) -> str:
        """Its name alone."""
        return self.name.rpartition("/")[2]

    def problem(self, check: str, message: str, span: Span | None = None, severity: Severity = "error") -> Problem:
        """Return a problem with the page, or with its part at *span*."""
        return Problem(check, self.name, message, self.file, severity, self.passage, span)


@dataclass(frozen=True, slots=True)
class Words:
    """A command as a shell reads it: its words, None if it cannot read them, and where it stands."""

    words: tuple[str, ...] | None
    span: Span


def runbooks(case: Case) -> Iterator[Runbook]:
    """Yield every page that was looked at; nobody looks at those of a file of rules."""
    pages, plan = case.observation.runbooks or {}, case.plan
    for name, passage in pages.items():
        rules = (rule for rule in (plan.alerts if plan else ()) if name == named(case, rule))
        yield Runbook(name, passage, tuple(rules))


def named(case: Case, rule: AlertRule) -> str:
    """Return the page that an alert names: its service's own, or the one for all."""
    own = f"{rule.service}/{rule.runbook}"
    return own if own in (case.observation.runbooks or {}) else rule.runbook


def links(page: Runbook) -> Iterator[tuple[str, Span]]:
    """Yield where a page leads to, code left out."""
    for line, start, coded in lines(page.passage.text):
        if not coded:
            plain = _CODE.sub(lambda found: " " * len(found[0]), line)
            for found in _LINK.finditer(plain):
                yield found[1], Span(start + found.start(1), start + found.end(1))


def commands(page: Runbook) -> Iterator[Words]:
    """Yield each command of a page: those of its blocks of shell code, and what stands in a line as code."""
    shell, joined, begin = False, "", 0
    for line, start, coded in lines(page.passage.text):
        if not coded:
            for found in _CODE.finditer(line):
                yield from _commands(found[1], start + found.start(1))
        elif line.lstrip().startswith(("```", "~~~")):
            shell = line.strip()[3:].strip() in _SHELLS
        elif shell:
            begin = begin if joined else start
            joined += line.removesuffix("\\") + " " * line.endswith("\\")
            if not line.endswith("\\"):
                yield from _commands(joined, begin)
                joined = ""


def _commands(text: str, start: int) -> Iterator[Words]:
    """Yield the commands of a line; what `<service>` stands for is one word."""
    indent = len(text) - len(text.lstrip())
    span = Span(start + indent, start + len(text.rstrip()))
    reading = shlex.shlex(_STANDS_FOR.sub("it", text).lstrip("$ "), posix=True, punctuation_chars=True)
    reading.whitespace_split = True
    words: list[str] = []
    try:
        for word in reading:
            if not _SEPARATORS.fullmatch(word):
                words.append(word)
            elif words:
                yield Words(tuple(words), span)
                words = []
    except ValueError:
        yield Words(None, span)
        return
    if words:
        yield Words(tuple(words), span)
