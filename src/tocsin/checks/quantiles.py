"""The calls of histogram_quantile() in an expression."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.checks.case import Expression
from tocsin.promql.shape import Shape
from tocsin.promql.tree import Call, Node

_ARGS = 2


def quantiles(expression: Expression) -> Iterator[tuple[Call, Node, Shape]]:
    """Yield each call, with the buckets that it is asked of and their shape."""
    for node, _ in expression.nodes():
        if isinstance(node, Call) and node.function == "histogram_quantile" and len(node.args) == _ARGS:
            yield node, node.args[1], expression.shapes[node.args[1]]
