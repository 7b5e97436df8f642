"""Builds a tree with places: promql-parser says what an expression means, its words say where each part stands.

The parser's own tree has no places. Both have the same order, so one walk down the parser's tree takes the words as
they come; the tree says which rule of the grammar the next words belong to, so nothing is parsed a second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal

import promql_parser as ast

from tocsin.promql.tokens import Span, Token
from tocsin.promql.tree import (
    Aggregate,
    Binary,
    Call,
    Matcher,
    Node,
    Number,
    Paren,
    Selector,
    Subquery,
    Text,
    Unary,
    bare,
)

_END = Token("sign", "", Span(0, 0))


def build(said: Sequence[Token], parsed: ast.Expr) -> Node:
    """Return the tree of the words that were *said*, and *parsed*.

    Raises:
        ValueError: its words are not those of what was parsed.

    """
    words = _Words(said)
    node = words.node(parsed)
    if words.next is not _END:
        raise ValueError(f"unexpected {words.next.text!r} at {words.next.span.start}")
    return node


class _Words:
    """The words of an expression, taken one after the other as the parser's tree has them."""

    def __init__(self, words: Sequence[Token]) -> None:
        self._words = words
        self._at = 0

    @property
    def next(self) -> Token:
        """The next word."""
        return self._words[self._at] if self._at < len(self._words) else _END

    def node(self, parsed: Any) -> Node:
        """Take the words of *parsed*, which says nothing of a plus before it."""
        if self.next.text == "+" and not isinstance(parsed, ast.NumberLiteral):
            first = self._take()
            inner = self.node(parsed)
            if isinstance(bare(inner), Text | Subquery) or getattr(bare(inner), "range", None) is not None:
                raise ValueError("unary expression only allowed on expressions of type scalar or vector")
            return Unary(self._since(first), first.text, inner)
        return getattr(self, f"_{type(parsed).__name__}")(parsed)  # type: ignore[no-any-return]  # each returns a node

    def _take(self, text: str | None = None) -> Token:
        word = self.next
        if word is _END or (text is not None and word.text.lower() != text):
            raise ValueError(f"expected {text or 'more'} at {word.span.start}, found {word.text!r}")
        self._at += 1
        return word

    def _took(self, *texts: str) -> Token | None:
        return self._take() if self.next.text.lower() in texts and self.next.kind in ("name", "sign") else None

    def _since(self, first: Token) -> Span:
        return first.span.to(self._words[self._at - 1].span)

    def _ParenExpr(self, parsed: Any) -> Node:  # noqa: N802 - named as the parser's class
        first = self._take("(")
        inner = self.node(parsed.expr)
        self._take(")")
        return Paren(self._since(first), inner)

    def _NumberLiteral(self, parsed: Any) -> Node:  # noqa: N802
        first = self.next
        while self._took("+", "-"):
            pass
        self._take()
        return Number(self._since(first), parsed.val)

    def _StringLiteral(self, parsed: Any) -> Node:  # noqa: N802
        return Text(self._take().span, parsed.val)

    def _UnaryExpr(self, parsed: Any) -> Node:  # noqa: N802
        first = self._take()
        inner = self.node(parsed.expr)
        return Unary(self._since(first), first.text, inner)

    def _VectorSelector(self, parsed: Any) -> Node:  # noqa: N802
        return self._selector(parsed, None)

    def _MatrixSelector(self, parsed: Any) -> Node:  # noqa: N802
        return self._selector(parsed.vector_selector, parsed.range.total_seconds())

    def _selector(self, parsed: Any, over: float | None) -> Node:
        first = self.next
        metric = parsed.name or ""
        named = self._take().span if first.kind == "name" else first.span
        matchers = self._matchers(parsed) if self.next.text == "{" else ()
        for matcher in matchers:
            if matcher.label == "__name__" and matcher.operator == "=" and not metric:
                metric, named = matcher.value, matcher.span
        if over is not None:
            self._take()
        pinned = self._modifiers()
        others = tuple(matcher for matcher in matchers if matcher.label != "__name__" or matcher.operator != "=")
        offset = parsed.offset.total_seconds() if isinstance(parsed.offset, timedelta) else 0.0
        return Selector(self._since(first), metric, others, named, over, offset, pinned)

    def _matchers(self, parsed: Any) -> tuple[Matcher, ...]:
        if parsed.matchers.or_matchers:
            raise ValueError("`or` between matchers is not Prometheus's: write two selectors with `or` between them")
        self._take("{")
        found = []
        for matcher in parsed.matchers.matchers:
            first = self._take()
            operator: Any = self._took("=", "!=", "=~", "!~")
            if operator:
                self._take()
            found.append(Matcher(matcher.name, operator.text if operator else "=", matcher.value, self._since(first)))
            self._took(",")
        self._took(",")
        self._take("}")
        return tuple(found)

    def _modifiers(self) -> bool:
        """Take offset and @ as often as they come; tell whether there was an @."""
        pinned = False
        while word := self._took("offset", "@"):
            self._took("-", "+")
            self._take()
            if word.text == "@":
                pinned = True
                if self._took("("):
                    self._take(")")
        return pinned

    def _SubqueryExpr(self, parsed: Any) -> Node:  # noqa: N802
        first = self.next
        inner = self.node(parsed.expr)
        self._take()
        self._modifiers()
        step = parsed.step.total_seconds() if parsed.step else None
        return Subquery(self._since(first), inner, parsed.range.total_seconds(), step)

    def _Call(self, parsed: Any) -> Node:  # noqa: N802
        first = self._take()
        self._take("(")
        args = []
        for arg in parsed.args:
            args.append(self.node(arg))
            self._took(",")
        self._take(")")
        return Call(self._since(first), first.text, tuple(args), first.span)

    def _AggregateExpr(self, parsed: Any) -> Node:  # noqa: N802
        first = self._take()
        kind, labels, grouping = self._grouping()
        self._take("(")
        param = None
        if parsed.param is not None:
            param = self.node(parsed.param)
            self._take(",")
        inner = self.node(parsed.expr)
        self._took(",")
        self._take(")")
        if not kind:
            kind, labels, grouping = self._grouping()
        by, without = (labels if kind == word else None for word in ("by", "without"))
        return Aggregate(
            self._since(first), first.text.lower(), inner, param, by, without, first.span, grouping or first.span
        )

    def _grouping(self) -> tuple[str, tuple[str, ...], Span | None]:
        word = self._took("by", "without")
        if word is None:
            return "", (), None
        labels = self._labels()
        return word.text.lower(), labels, self._since(word)

    def _labels(self) -> tuple[str, ...]:
        self._take("(")
        labels = []
        while not self._took(")"):
            label = self._take()
            labels.append(label.text.strip("\"'`") if label.kind == "text" else label.text)
            self._took(",")
        return tuple(labels)

    def _BinaryExpr(self, parsed: Any) -> Node:  # noqa: N802
        first = self.next
        left = self.node(parsed.lhs)
        operator = self._take()
        yields = self._took("bool") is not None
        kind = self._took("on", "ignoring")
        labels = self._labels() if kind else None
        group, include = self._group()
        while self._took("fill", "fill_left", "fill_right"):
            self._take("(")
            while not self._took(")"):
                self._take()
        right = self.node(parsed.rhs)
        on, ignoring = (labels if kind and kind.text.lower() == word else None for word in ("on", "ignoring"))
        return Binary(
            self._since(first),
            operator.text.lower(),
            left,
            right,
            yields,
            on,
            ignoring,
            group,
            include,
            operator.span,
        )

    def _group(self) -> tuple[Literal["left", "right"] | None, tuple[str, ...]]:
        word = self._took("group_left", "group_right")
        if word is None:
            return None, ()
        include = self._labels() if self.next.text == "(" else ()
        return "left" if word.text.lower() == "group_left" else "right", include
