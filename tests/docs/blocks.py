"""What stands in code on the pages, block by block, and the commands in it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]

PAGES = tuple(
    sorted(
        (
            *(page for page in (ROOT / "docs").rglob("*.md") if (ROOT / "docs/checks") not in page.parents),
            *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/RESULTS.md")),
        )
    )
)
"""All pages but those of the checks, whose examples tests/checks/test_pages.py runs."""

_BETWEEN = {"|", "||", "&&", "&", ";"}


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code: its page, the line on which it begins, its language (empty where it is indented), its text."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks() -> Iterator[Block]:
    """Yield every block of every page."""
    for page in PAGES:
        for token in MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8")):
            if token.type in {"fence", "code_block"} and token.map:
                name = page.relative_to(ROOT).as_posix()
                yield Block(name, token.map[0] + 1, token.info.partition(" ")[0], dedent(token.content))


def commands(text: str) -> Iterator[list[str]]:
    """Yield the words of each command that a person types, without what a shell does with its input and output.

    Where lines begin with `$`, the others are what is answered. Brackets around what may be left out are taken away.
    """
    lines = text.replace("\\\n", " ").splitlines()
    typed = [line[2:] for line in lines if line.startswith("$ ")] or lines
    for line in typed:
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words: list[str] = []
        for word in (*lexer, ";"):
            if word not in _BETWEEN:
                words.append(word)
            elif words:
                yield _unredirected(words)
                words = []


def _unredirected(words: list[str]) -> list[str]:
    kept: list[str] = []
    target = False
    for word in words:
        redirects = set(word) <= set("<>&") and word != ""
        if not redirects and not target:
            kept.append(_shown(word))
        target = redirects
    return [word for word in kept if word]


def _shown(word: str) -> str:
    """Return a word without the brackets around what may be left out: `[--service`, `NAME]...`."""
    bare = word.removesuffix("...") if word.endswith("]...") else word
    if bare.startswith("["):
        return bare[1:].removesuffix("]")
    return bare if "[" in bare else bare.removesuffix("]")
