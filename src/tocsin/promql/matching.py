"""Which series of two sides can be a pair.

Source: Prometheus's documentation, "Vector matching": a pair has the same values for the labels in `on`, or for all but
those in `ignoring`; a label that is missing is the same as an empty one; the metric's name never counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.promql.labels import MISSING, Labels
from tocsin.promql.tree import Binary


def meets(node: Binary, left: Labels, right: Labels) -> bool:
    """Tell whether any series of *left* can have a partner in *right*."""
    return next(strangers(node, left, right), None) is None


def strangers(node: Binary, left: Labels, right: Labels) -> Iterator[str]:
    """Yield the labels because of which no series of *left* can have a partner in *right*."""
    for name in _compared(node, left, right):
        one, other = left.values(name), right.values(name)
        if one is None and other is None:
            continue
        if one is None or other is None:
            certain, values = (left.certain(name), other) if one is None else (right.certain(name), one)
            if values == MISSING and certain:
                yield name
        elif one.isdisjoint(other):
            yield name


def extra(node: Binary, side: Labels) -> list[str]:
    """Return the labels beside those that pair, in which series of *side* are known to differ from one another."""
    ignored = set(node.ignoring or ())
    return sorted(name for name in side.varied if (name in ignored if node.on is None else name not in node.on))


def _compared(node: Binary, left: Labels, right: Labels) -> list[str]:
    if node.on is not None:
        return list(node.on)
    names = dict.fromkeys((*left.known, *right.known))
    return [name for name in names if name != "__name__" and name not in (node.ignoring or ())]
