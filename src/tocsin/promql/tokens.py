"""The words of an expression, and where each stands.

Source: Prometheus's documentation, "Querying basics" (literals, comments) and its lexer. What stands in square brackets
is one word, since a colon there parts durations while elsewhere it may be part of a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "brackets", "number", "name", "sign"]

_TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
    |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)
    |(?P<brackets>\[[^\]]*\])
    |(?P<number>0[xX][0-9a-fA-F]+|(?:\d+(?:ms|[smhdwy]))+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)
    |(?P<sign>=~|!~|!=|==|>=|<=|[-+*/%^<>=(){},@])""",
    re.VERBOSE | re.DOTALL,
)

_OPENING = "\"'`["


@dataclass(frozen=True, slots=True)
class Span:
    """From *start* up to *end*, in characters of the expression."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """Return the span from here to the end of *other*."""
        return Span(self.start, other.end)


@dataclass(frozen=True, slots=True)
class Token:
    """A word."""

    kind: Kind
    text: str
    span: Span


class Wordless(ValueError):  # noqa: N818 - what a text is from *span* on
    """A text of which something begins no word."""

    def __init__(self, text: str, at: int) -> None:
        opened = text[at] in _OPENING
        super().__init__(f"unclosed {text[at]}" if opened else f"unexpected character {text[at]!r}")
        self.span = Span(at, len(text) if opened else at + 1)


def tokens(expr: str) -> Iterator[Token]:
    """Yield the words of *expr*.

    Raises:
        Wordless: something in it begins no word.

    """
    at = 0
    while at < len(expr):
        found = _TOKEN.match(expr, at)
        if found is None:
            raise Wordless(expr, at)
        if found.lastgroup != "space":
            yield Token(found.lastgroup, found[0], Span(at, found.end()))  # type: ignore[arg-type]  # one of the groups
        at = found.end()
