"""The calls of a logger in a module, and the fields that they add."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_LEVELS = frozenset(("debug", "info", "warning", "warn", "error", "exception", "critical", "bind", "new"))
_LOGGERS = frozenset(("log", "logger", "_log", "_logger", "LOG", "LOGGER"))
_NOT_FIELDS = frozenset(("exc_info", "stack_info", "stacklevel", "extra"))


def fields(node: ast.AST) -> Iterator[tuple[str, ast.keyword]]:
    """Yield each field that *node* logs by its name: those of `log.info(..., field=...)` and its like."""
    if isinstance(node, ast.Call) and _logs(node):
        for keyword in node.keywords:
            if keyword.arg and keyword.arg not in _NOT_FIELDS:
                yield keyword.arg, keyword


def _logs(node: ast.Call) -> bool:
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in _LEVELS:
        return False
    logger = node.func.value
    name = logger.attr if isinstance(logger, ast.Attribute) else logger.id if isinstance(logger, ast.Name) else ""
    return name in _LOGGERS
