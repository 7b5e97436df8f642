"""Parse an expression, or say where and why that cannot be done."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import promql_parser as ast

from tocsin.promql.build import build
from tocsin.promql.tempo import unitless_duration
from tocsin.promql.tokens import Span, tokens
from tocsin.promql.tree import COMPARISONS, SETS, Node

LONGEST = 100_000
"""Characters of an expression that is read."""

DEEPEST, MOST = 100, 1000
"""Parentheses that may lie in one another, and operators, in an expression; Prometheus's own limit is its stack."""

_OPERATORS = COMPARISONS | {"+", "-", "*", "/", "%", "^"}
_QUOTED = re.compile(r"'([^']+)'")


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """Why an expression cannot be parsed, and the part of it that is to blame."""

    message: str
    span: Span


class Unreadable(ValueError):  # noqa: N818 - what it says of an expression, as Prometheus would
    """An expression that is no PromQL."""

    def __init__(self, problem: SyntaxProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@lru_cache(maxsize=4096)
def parse(expr: str) -> Node:
    """Return the tree of *expr*.

    Raises:
        Unreadable: it is no PromQL that every supported Prometheus reads.

    """
    if len(expr) > LONGEST:
        raise _unreadable(f"it is longer than {LONGEST} characters", Span(0, 1))
    if (far := _too_much(expr)) is not None:
        raise _unreadable("it has too many parts to be read: record some of them first", far)
    try:
        tree = build(expr, ast.parse(expr))
    except RecursionError:
        raise _unreadable("it has too many parts to be read: record some of them first", Span(0, len(expr))) from None
    except ValueError as cause:
        said = " ".join(str(cause).split())
        raise _unreadable(said, _place(expr, said)) from None
    if (bare := unitless_duration(expr)) is not None:
        word = expr[bare.start : bare.end]
        said = f"the duration {word} has no unit, which Prometheus 2 refuses: write {word}s or {word}m"
        raise _unreadable(said, bare)
    return tree


def syntax_problem(expr: str) -> SyntaxProblem | None:
    """Return why *expr* is no PromQL, or None when it is."""
    try:
        parse(expr)
    except Unreadable as cause:
        return cause.problem
    return None


def _unreadable(message: str, span: Span) -> Unreadable:
    return Unreadable(SyntaxProblem(message, span))


def _too_much(expr: str) -> Span | None:
    """Return where *expr* goes too far; the parser would run out of its stack, and take the process with it."""
    depth = operators = 0
    try:
        for word in tokens(expr):
            depth += {"(": 1, ")": -1}.get(word.text, 0)
            operators += word.text in _OPERATORS or word.text.lower() in SETS or word.kind == "brackets"
            if depth > DEEPEST or operators > MOST:
                return word.span
    except ValueError:  # the parser says why
        return None
    return None


def _place(expr: str, said: str) -> Span:
    """Return what a parser's sentence is about: what it quotes, the parenthesis it misses, or the whole expression."""
    if "unclosed left parenthesis" in said:
        opened: list[Span] = []
        for word in tokens(expr):
            if word.text == "(":
                opened.append(word.span)
            elif word.text == ")" and opened:
                opened.pop()
        if opened:
            return opened[-1]
    for quoted in _QUOTED.findall(said):
        at = expr.find(quoted)
        if at >= 0:
            return Span(at, at + len(quoted))
    return Span(0, len(expr))
