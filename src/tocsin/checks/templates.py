"""Reads the templates of labels and annotations as Prometheus does.

Sources: Go's documentation of text/template (actions, pipelines, variables, functions); Prometheus's documentation,
"Template reference".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from tocsin.promql.tokens import Span

FUNCTIONS = frozenset(
    (
        *("and", "call", "html", "index", "slice", "js", "len", "not", "or", "print", "printf", "println", "urlquery"),
        *("eq", "ge", "gt", "le", "lt", "ne"),
        *("query", "first", "label", "value", "strvalue", "sortByLabel", "args", "tmpl", "safeHtml"),
        *("humanize", "humanize1024", "humanizeDuration", "humanizePercentage", "humanizeTimestamp"),
        *("title", "toUpper", "toLower", "match", "reReplaceAll", "graphLink", "tableLink", "urlQueryEscape"),
        *("stripPort", "stripDomain", "parseDuration", "toTime", "toDuration", "now", "pathPrefix", "externalURL"),
    )
)
VARIABLES = frozenset(("$", "$labels", "$value", "$externalLabels", "$externalURL"))

_OPENING = frozenset(("if", "range", "with", "define", "block"))
_KEYWORDS = _OPENING | {"else", "end", "template", "break", "continue"}
_OPERANDS = FUNCTIONS | {"true", "false", "nil"}
_WORD = re.compile(
    r"""(?P<space>\s+)
    |(?P<text>"(?:\\.|[^"\\\n])*"|`[^`]*`|'(?:\\.|[^'\\\n])+')
    |(?P<variable>\$\w*)
    |(?P<field>\.\w+)
    |(?P<number>[+-]?(?:0[xXbBoO][\w.]+|\.?\d[\w.]*(?:(?<=[eE])[+-]\d+)?))
    |(?P<name>[^\W\d]\w*)
    |(?P<sign>:=|[|(),=.])""",
    re.VERBOSE,
)
_CLOSED = re.compile(r"(?:\s+-)?\}\}")
_COMMENT_CLOSED = re.compile(r"\*/(?:\s+-)?\}\}")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of an action."""

    kind: str
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a template cannot be read, and the part that is to blame."""

    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class Template:
    """The actions of a template, each as its words, or the first *fault* in it; *plain* is the text around them."""

    actions: tuple[tuple[Word, ...], ...]
    plain: str
    fault: Fault | None = None

    @property
    def words(self) -> Iterator[Word]:
        """Every word of every action."""
        return (word for action in self.actions for word in action)


class _Unreadable(Exception):  # noqa: N818 - carries a fault out of the reading
    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.fault = Fault(message, Span(start, end))


@lru_cache(maxsize=4096)
def read(text: str) -> Template:
    """Return the template that *text* is."""
    actions: list[tuple[Word, ...]] = []
    plain: list[str] = []
    fault = None
    try:
        at = 0
        while (start := text.find("{{", at)) >= 0:
            plain.append(text[at:start])
            action, at = _action(text, start)
            if action is not None:
                actions.append(action)
        plain.append(text[at:])
        _judge(actions, len(text))
    except _Unreadable as cause:
        fault = cause.fault
    return Template(tuple(actions), " ".join(plain), fault)


def _action(text: str, start: int) -> tuple[tuple[Word, ...] | None, int]:
    """Return the words of the action at *start*, None for a comment, and where it ends."""
    at = start + 2
    if text.startswith("-", at) and text[at + 1 : at + 2].isspace():
        at += 2
    if text.startswith("/*", at):
        end = _COMMENT_CLOSED.search(text, at)
        if end is None:
            raise _Unreadable("a comment is not closed with */}}", start, len(text))
        return None, end.end()
    words: list[Word] = []
    while True:
        if end := _CLOSED.match(text, at):
            if not words:
                raise _Unreadable("{{ }} holds nothing", start, end.end())
            return tuple(words), end.end()
        found = _WORD.match(text, at)
        if found is None:
            raise _unexpected(text, start, at)
        if found.lastgroup != "space":
            words.append(Word(str(found.lastgroup), found[0], Span(*found.span())))
        at = found.end()


def _unexpected(text: str, start: int, at: int) -> _Unreadable:
    if at >= len(text) or text.startswith("{{", at) or text[at] == "}":
        return _Unreadable("{{ is not closed with }}", start, min(at + 1, len(text)))
    return _Unreadable(f"{text[at]!r} stands where a template allows none", at, at + 1)


def _judge(actions: list[tuple[Word, ...]], size: int) -> None:
    """Refuse what Go refuses: blocks left open, unknown functions and variables, pipes into nothing."""
    opened: list[Word] = []
    known = set(VARIABLES)
    for action in actions:
        first = action[0]
        if first.text in _OPENING:
            opened.append(first)
        elif first.text in ("end", "else") and first.kind == "name":
            if not opened:
                raise _Unreadable(f"{first.text} belongs to no if, range or with", first.span.start, first.span.end)
            if first.text == "end":
                opened.pop()
        known.update(word.text for word, after in _pairs(action) if word.kind == "variable" and _declares(after))
        if first.text == "range":
            known.update(word.text for word, after in _pairs(action) if word.kind == "variable" and after.text == ",")
        _judge_action(action, known)
    if opened:
        raise _Unreadable(f"{opened[-1].text} has no end", opened[-1].span.start, min(opened[-1].span.end, size))


def _pairs(action: tuple[Word, ...]) -> Iterator[tuple[Word, Word]]:
    return pairwise(action)


def _declares(word: Word) -> bool:
    return word.text == ":="


def _judge_action(action: tuple[Word, ...], known: set[str]) -> None:
    depth = 0
    before: Word | None = None
    for word in action:
        depth += {"(": 1, ")": -1}.get(word.text if word.kind == "sign" else "", 0)
        at = (word.span.start, word.span.end)
        if depth < 0:
            raise _Unreadable("a ) has no (", *at)
        if word.kind == "variable" and word.text not in known:
            near = " (did you mean $labels?)" if word.text in ("$label", "$Labels") else ""
            raise _Unreadable(f"there is no variable {word.text}{near}", *at)
        if word.kind == "name" and word.text not in _OPERANDS and not _is_keyword(word, before):
            near = f" (did you mean ${word.text}?)" if f"${word.text}" in VARIABLES else ""
            raise _Unreadable(f"there is no function {word.text!r}{near}", *at)
        if word.text == "|" and (before is None or before.text in ("|", "(")):
            raise _Unreadable("a | has nothing before it", *at)
        if before is not None and _touches(before, word):
            raise _Unreadable(f"{word.text!r} stands right behind {before.text!r}", *at)
        before = word
    last = action[-1]
    if depth:
        raise _Unreadable("a ( is not closed", last.span.start, last.span.end)
    if last.text in (":=", "=", ",") and last.kind == "sign":
        raise _Unreadable(f"a {last.text} has nothing behind it", last.span.start, last.span.end)


def _touches(before: Word, word: Word) -> bool:
    """Tell whether two words stand together that a space must part."""
    operands = ("text", "variable", "number", "name")
    return before.span.end == word.span.start and word.kind in operands and before.kind in (*operands, "field")


def _is_keyword(word: Word, before: Word | None) -> bool:
    return word.text in _KEYWORDS and (before is None or before.text == "else")


@dataclass(frozen=True, slots=True)
class Use:
    """A label that a template writes."""

    label: str
    span: Span


def labels(template: Template) -> Iterator[Use]:
    """Yield the labels of the alert that a template writes, those that it asks for with `if` or `with` left out."""
    asked = {use.label for action in template.actions if _asks(action) for use in _uses(action)}
    for action in template.actions:
        for use in _uses(action):
            if use.label not in asked:
                yield use


def _asks(action: tuple[Word, ...]) -> bool:
    return action[0].kind == "name" and action[0].text in ("if", "with", "else")


def _uses(action: tuple[Word, ...]) -> Iterator[Use]:
    for word, after in _pairs(action):
        if word.text != "$labels":
            continue
        if after.kind == "field" and after.span.start == word.span.end:
            yield Use(after.text[1:], Span(word.span.start, after.span.end))
        elif after.kind == "text" and len(after.text) > 2:  # noqa: PLR2004 - a name between quotes
            yield Use(after.text[1:-1], Span(word.span.start, after.span.end))


def writes_value(template: Template) -> Span | None:
    """Return where a template writes the value of the alert's expression; deciding by it writes nothing."""
    for action in template.actions:
        if _asks(action) or any(word.text == ":=" for word in action):
            continue
        for before, word in zip((None, *action), action, strict=False):
            if word.text == "$value" or (word.text == ".Value" and (before is None or before.kind == "sign")):
                return word.span
    return None
