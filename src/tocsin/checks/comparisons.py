"""The comparisons of an expression with a number, whichever side that stands on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.checks.case import Expression
from tocsin.promql.shape import Shape
from tocsin.promql.tree import MIRRORED, Binary, Node, bare


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of series, on its left as it is told here, with a *bound* that stands at *number*."""

    node: Binary
    series: Node
    shape: Shape
    op: str
    bound: float
    number: Node


def comparisons(expression: Expression) -> Iterator[Comparison]:
    """Yield every comparison of series with a number."""
    for node, _ in expression.nodes():
        if isinstance(node, Binary) and node.compares:
            for series, number, op in (
                (node.left, node.right, node.op),
                (node.right, node.left, MIRRORED[node.op]),
            ):
                shape, bound = expression.shapes[series], expression.shapes[number]
                if shape.kind == "vector" and bound.kind == "scalar" and bound.values.single:
                    yield Comparison(node, bare(series), shape, op, bound.values.low, number)
