"""Words as Markdown takes them."""

from __future__ import annotations

import re


def escaped(text: str) -> str:
    """Return text without anything that Markdown, or a table in it, would take for its own."""
    return re.sub(r"([\\`*<|\[\]])", r"\\\1", " ".join(text.split()))


def span(seconds: float) -> str:
    """Spell a time for people: 45 s, 12 min, 3.5 h, 2.1 d."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length or (unit == "min" and seconds >= length):
            return f"{seconds / length:.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds:g} s"
