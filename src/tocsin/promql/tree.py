"""An expression as a tree whose every part knows where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tocsin.promql.tokens import Span

Operator = Literal["=", "!=", "=~", "!~"]

COMPARISONS = frozenset(("==", "!=", ">", "<", ">=", "<="))
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
"""Each comparison, as it reads from the other side."""

SETS = frozenset(("and", "or", "unless"))


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A part of an expression; two parts are equal only if they are the same one."""

    span: Span

    def children(self) -> tuple[Node, ...]:
        """Return the parts right below this one, from left to right."""
        return ()

    def walk(self) -> Iterator[Node]:
        """Yield this part and every one below it, from left to right."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children()))


@dataclass(frozen=True, slots=True, eq=False)
class Number(Node):
    """A number."""

    value: float


@dataclass(frozen=True, slots=True, eq=False)
class Text(Node):
    """A string."""

    value: str


@dataclass(frozen=True, slots=True)
class Matcher:
    """What a label must be."""

    label: str
    operator: Operator
    value: str
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Selector(Node):
    """Series of a *metric*, empty if it is not given by its name; over a *range* in seconds, where it has one.

    *named* is where the metric's name stands, or the whole selector.
    """

    metric: str
    matchers: tuple[Matcher, ...]
    named: Span
    range: float | None = None
    offset: float = 0.0
    pinned: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Subquery(Node):
    """An expression over a *range*, at every *step* (both in seconds; the global interval where there is none)."""

    expr: Node
    range: float
    step: float | None

    def children(self) -> tuple[Node, ...]:
        """Return the parts right below this one, from left to right."""
        return (self.expr,)


@dataclass(frozen=True, slots=True, eq=False)
class Call(Node):
    """A function of *args*."""

    function: str
    args: tuple[Node, ...]
    named: Span

    def children(self) -> tuple[Node, ...]:
        """Return the parts right below this one, from left to right."""
        return self.args


@dataclass(frozen=True, slots=True, eq=False)
class Aggregate(Node):
    """An aggregation that keeps the labels *by*, or all *without* some; None where it says neither."""

    op: str
    expr: Node
    param: Node | None
    by: tuple[str, ...] | None
    without: tuple[str, ...] | None
    named: Span
    grouping: Span

    def children(self) -> tuple[Node, ...]:
        """Return the parts right below this one, from left to right."""
        return (self.expr,) if self.param is None else (self.param, self.expr)


@dataclass(frozen=True, slots=True, eq=False)
class Binary(Node):
    """Two sides and what stands between them.

    *yields* tells that a comparison gives 0 or 1 (`bool`); *group* which side may have many, *include* what that takes
    over from the other.
    """

    op: str
    left: Node
    right: Node
    yields: bool
    on: tuple[str, ...] | None
    ignoring: tuple[str, ...] | None
    group: Literal["left", "right"] | None
    include: tuple[str, ...]
    operator: Span

    @property
    def compares(self) -> bool:
        """Whether it compares."""
        return self.op in COMPARISONS

    @property
    def filters(self) -> bool:
        """Whether it keeps some of what it compares."""
        return self.compares and not self.yields

    def children(self) -> tuple[Node, ...]:
        """Return the parts right below this one, from left to right."""
        return (self.left, self.right)


@dataclass(frozen=True, slots=True, eq=False)
class Unary(Node):
    """A sign before an expression."""

    op: str
    expr: Node

    def children(self) -> tuple[Node, ...]:
        """Return the parts right below this one, from left to right."""
        return (self.expr,)


@dataclass(frozen=True, slots=True, eq=False)
class Paren(Node):
    """An expression in parentheses."""

    expr: Node

    def children(self) -> tuple[Node, ...]:
        """Return the parts right below this one, from left to right."""
        return (self.expr,)


def bare(node: Node) -> Node:
    """Return *node* without the parentheses around it."""
    while isinstance(node, Paren):
        node = node.expr
    return node


def results(node: Node) -> Iterator[Node]:
    """Yield every part, down to the first function or aggregation, whose series can be those of the whole."""
    yield node
    if isinstance(node, Paren | Unary):
        yield from results(node.expr)
    elif isinstance(node, Binary):
        yield from results(node.left)
        if node.op not in ("and", "unless"):
            yield from results(node.right)
