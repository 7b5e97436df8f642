"""Parse an expression, or say where and why that cannot be done."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

import promql_parser as ast

from tocsin.promql.build import build
from tocsin.promql.durations import refused
from tocsin.promql.tokens import Span, Token, Wordless, tokens
from tocsin.promql.tree import COMPARISONS, SETS, Node
from tocsin.promql.versions import RENAMED

LONGEST = 100_000
"""Characters of an expression that is read."""

DEEPEST, MOST = 100, 400
"""Parentheses that may lie in one another, and operators, in an expression; Prometheus's own limit is its stack."""

_OPERATORS = COMPARISONS | SETS | {"+", "-", "*", "/", "%", "^", "atan2"}
_COMMENT = re.compile(r"#[^\n]*")
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


@lru_cache(maxsize=2**15)
def parse(expr: str) -> Node:
    """Return the tree of *expr*.

    Raises:
        Unreadable: it is no PromQL that every supported Prometheus reads.

    """
    if len(expr) > LONGEST:
        raise _unreadable(f"it is longer than {LONGEST} characters", Span(0, 1))
    words = _words(expr)
    for span, said in refused(words):
        raise _unreadable(said, span)
    try:
        tree = build(words, ast.parse(_spelled(expr, words)))
    except RecursionError:
        raise _unreadable("it has too many parts to be read: record some of them first", Span(0, len(expr))) from None
    except ValueError as cause:
        said = " ".join(str(cause).split())
        raise _unreadable(said, _place(expr, words, said)) from None
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


def _spelled(expr: str, words: Sequence[Token]) -> str:
    """Return *expr* without what Prometheus reads and the parser does not.

    That are the older names of functions, raw strings with a backslash, and comments in brackets.
    """
    for word, following in reversed([*zip_longest(words, words[1:])]):
        text = word.text
        if text in RENAMED and following is not None and following.text == "(":
            text = RENAMED[text]
        elif text[0] == "`" and "\\" in text:
            text = '"' + text[1:-1].replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n") + '"'
        elif word.kind == "brackets" and "#" in text:
            text = _COMMENT.sub("", text)
        else:
            continue
        expr = expr[: word.span.start] + text + expr[word.span.end :]
    return expr


def _words(expr: str) -> Sequence[Token]:
    """Return the words of *expr*; with too many the parser would run out of its stack, and take the process with it."""
    words = []
    depth = operators = 0
    try:
        for word in tokens(expr):
            depth += {"(": 1, ")": -1}.get(word.text, 0)
            operators += word.text.lower() in _OPERATORS or word.kind == "brackets"
            if depth > DEEPEST or operators > MOST:
                raise _unreadable("it has too many parts to be read: record some of them first", word.span)
            words.append(word)
    except Wordless as cause:
        raise _unreadable(str(cause), cause.span) from None
    return words


def _place(expr: str, words: Sequence[Token], said: str) -> Span:
    """Return what a parser's sentence is about: what it quotes, the parenthesis it misses, or the whole expression."""
    if "unclosed left parenthesis" in said:
        opened: list[Span] = []
        for word in words:
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
