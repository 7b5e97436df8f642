"""The durations of an expression that some Prometheus refuses.

Source: Prometheus's documentation, "Querying basics" (time durations). Prometheus 3 reads a number as a duration and a
duration as a number; Prometheus 2 reads neither. A duration is held in nanoseconds, in 64 bits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tocsin.model import DeclarationError, milliseconds
from tocsin.promql.tokens import Span, Token

_DURATION = re.compile(r"(?:\d+(?:ms|[smhdwy]))+")
_BETWEEN = re.compile(r"#[^\n]*|(?P<duration>[^\s:\[\]#]+)")
_LONGEST = 2**63 // 10**6
"""Milliseconds."""


def refused(words: Sequence[Token]) -> Iterator[tuple[Span, str]]:
    """Yield where a duration stands that some Prometheus refuses, and why."""
    before = ("", "")
    for word in words:
        timed = "offset" in (before[1], before[0] if before[1] in ("-", "+") else "")
        if word.kind == "brackets":
            for part in _BETWEEN.finditer(word.text):
                if part["duration"]:
                    yield from _duration(part[0], word.span.start + part.start())
        elif word.kind == "number" and timed:
            yield from _duration(word.text, word.span.start)
        elif word.kind == "number" and _DURATION.fullmatch(word.text):
            yield word.span, f"the duration {word.text} is no number to Prometheus 2: write how many seconds it has"
        before = (before[1], word.text.lower())


def _duration(text: str, at: int) -> Iterator[tuple[Span, str]]:
    span = Span(at, at + len(text))
    if text.isdecimal():
        yield span, f"the duration {text} has no unit, which Prometheus 2 refuses: write {text}s or {text}m"
        return
    try:
        long = len(text) > len(str(_LONGEST)) or milliseconds(text) > _LONGEST
    except DeclarationError:
        yield span, f"{text} is no duration"
        return
    if long:
        yield span, f"the duration {text} is longer than the 292 years that Prometheus can count"
