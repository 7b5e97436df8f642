"""Spells declarations as Python that `ruff format` would leave as it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

WIDTH = 88
"""Letters of a line, as ruff's formatter has them where nobody says otherwise."""


def quoted(text: str) -> str:
    """Return *text* as a literal, in the quotes that the formatter prefers."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_letter(each, quote) for each in text) + quote


def holed(parts: Iterable[str | tuple[str]]) -> str:
    """Return texts and the names (each in a tuple) between them as an f-string, or a plain one without any name."""
    parts = tuple(parts)
    if not any(isinstance(part, tuple) for part in parts):
        return quoted("".join(part for part in parts if isinstance(part, str)))
    whole = "".join(part for part in parts if isinstance(part, str))
    quote = "'" if whole.count('"') > whole.count("'") else '"'
    inner = (
        f"{{{part[0]}}}"
        if isinstance(part, tuple)
        else "".join(_letter(each, quote) for each in part.replace("{", "{{").replace("}", "}}"))
        for part in parts
    )
    return f"f{quote}{''.join(inner)}{quote}"


def call(name: str, arguments: Sequence[str], indent: int = 0) -> str:
    """Return a call with an argument on each line; an argument may be several lines or a remark (`# ...`)."""
    inner = " " * (indent + 4)
    lines = [f"{inner}{each}" if each.startswith("#") else f"{inner}{each}," for each in arguments]
    return "\n".join((f"{name}(", *lines, f"{' ' * indent})"))


def fitting(name: str, argument: str, start: str, indent: int) -> str:
    """Return a call with one argument that follows *start*: on its line, if there is room for it and a comma."""
    short = f"{name}({argument})"
    return short if len(start) + len(short) < WIDTH else call(name, [argument], indent)


def assigned(name: str, source: str) -> str:
    """Return an assignment; a text that is too long for its line, and fits into one of its own, gets that."""
    line = f"{name} = {source}"
    own = "\n" not in source and width(line) > WIDTH >= width(source) + 4
    return f"{name} = (\n    {source}\n)" if own else line


def width(text: str) -> int:
    """Return how many columns a text takes on a screen, as the formatter counts them."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)


def sequence(items: Sequence[str], start: str, indent: int = 0) -> str:
    """Return a tuple that follows *start* on its line, in one line if there is room for it and one item or none."""
    if not items:
        return "()"
    if len(items) == 1 and "\n" not in items[0] and indent + len(start) + len(items[0]) + 4 <= WIDTH:
        return f"({items[0]},)"
    inner = " " * (indent + 4)
    return "\n".join(("(", *(f"{inner}{each}," for each in items), f"{' ' * indent})"))


def constant(text: str) -> str:
    """Return *text* as the name of a constant."""
    name = re.sub(r"[^A-Z0-9]+", "_", text.upper()).strip("_")[:60].rstrip("_")
    return f"_{name}" if not name or name[0].isdigit() else name


def _letter(letter: str, quote: str) -> str:
    if letter in ("\\", quote):
        return f"\\{letter}"
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode()
