"""Where an expression uses a label that the parts below must still have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.checks.case import Expression
from tocsin.promql.tokens import Span
from tocsin.promql.tree import Aggregate, Binary, Node


@dataclass(frozen=True, slots=True)
class Use:
    """A *label* that is used *of* a part which cannot have it."""

    label: str
    of: Node
    how: str
    span: Span


def uses(expression: Expression) -> Iterator[Use]:
    """Yield each use, by an aggregation or by an operator, of a label that is not there any more."""
    for node, _ in expression.nodes():
        for use in _uses(expression, node):
            shape = expression.shapes[use.of]
            if shape.presence != "never" and shape.kind == "vector" and shape.labels.impossible(use.label):
                yield use


def _uses(expression: Expression, node: Node) -> Iterator[Use]:
    if isinstance(node, Aggregate):
        for label in node.by or ():
            yield Use(label, node.expr, f"by this {node.op}", node.grouping)
    elif isinstance(node, Binary):
        one = node.left if node.group == "right" else node.right
        for label in node.include:
            yield Use(label, one, f"by group_{node.group}", node.operator)
        for label in node.on or ():
            if expression.shapes[node.right].labels.impossible(label):
                yield Use(label, node.left, "to pair by", node.operator)
