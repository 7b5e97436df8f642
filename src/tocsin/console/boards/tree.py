"""What is read out of a tree of JSON, of which any part may be odd or missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def table(tree: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return the table below *key*, or an empty one."""
    found = tree.get(key)
    return found if isinstance(found, Mapping) else {}


def tables(tree: Mapping[str, Any], key: str) -> tuple[Mapping[str, Any], ...]:
    """Return the tables in the list below *key*."""
    found = tree.get(key)
    return tuple(each for each in found if isinstance(each, Mapping)) if isinstance(found, list) else ()


def number(tree: Mapping[str, Any], key: str) -> float | None:
    """Return the number below *key*, if it is one."""
    found = tree.get(key)
    return float(found) if isinstance(found, (int, float)) and not isinstance(found, bool) else None
