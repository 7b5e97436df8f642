"""Parse an expression and walk over what it reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import promql_parser as ast

from tocsin.promql.tempo import unitless_duration


@dataclass(frozen=True, slots=True)
class Read:
    """One selector of an expression: the metric, and the labels that it matches on with equality's value or None."""

    metric: str
    labels: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """Why an expression cannot be parsed."""

    message: str


def syntax_problem(expr: str) -> SyntaxProblem | None:
    """Return why *expr* is no PromQL, or None when it is."""
    try:
        ast.parse(expr)
    except ValueError as cause:
        return SyntaxProblem(" ".join(str(cause).split()))
    if bare := unitless_duration(expr):
        return SyntaxProblem(f"the duration {bare} has no unit, which Prometheus 2 refuses: write {bare}s or {bare}m")
    return None


def reads(expr: str) -> Iterator[Read]:
    """Yield every selector that *expr* reads, in no particular order.

    Raises:
        ValueError: *expr* is no PromQL.

    """
    found: list[Read] = []

    def visit(node: ast.Expr) -> bool:
        if isinstance(node, ast.VectorSelector):
            found.append(_read(node))
        return True

    ast.walk(ast.parse(expr), visit)
    yield from found


def _read(selector: ast.VectorSelector) -> Read:
    labels = []
    name = selector.name or ""
    for matcher in selector.matchers.matchers:
        equal = matcher.op == ast.MatchOp.Equal
        if matcher.name == "__name__":
            name = matcher.value if equal else name
        else:
            labels.append((matcher.name, matcher.value if equal else None))
    return Read(name, tuple(labels))
