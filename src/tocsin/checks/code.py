"""Python modules as they were read."""

from __future__ import annotations

import ast
from functools import lru_cache

from tocsin.model import Passage
from tocsin.promql.tokens import Span


@lru_cache(maxsize=512)
def parsed(text: str) -> ast.Module | None:
    """Return the tree of a module, None if it is no Python of this version."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def span(passage: Passage, node: ast.expr | ast.stmt | ast.keyword) -> Span:
    """Return where a part of a module stands in its text."""
    lines = passage.text.splitlines(keepends=True)
    before = sum(map(len, lines[: node.lineno - 1]))
    line = lines[node.lineno - 1]
    column = len(line.encode()[: node.col_offset].decode(errors="ignore"))
    return Span(before + column, before + len(line.rstrip()))
