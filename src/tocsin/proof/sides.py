"""The comparisons of an alert's expression, and the queries that tell what is compared."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tocsin import promql
from tocsin.promql import Selector
from tocsin.promql.tree import MIRRORED, SETS, Aggregate, Binary, Call, Node, Number, Paren, Unary, bare

COUNTERS = ("_total", "_count", "_sum", "_bucket")
"""How the names of those series end that only grow."""
TIMES = ("_timestamp_seconds", "_time_seconds")
"""How the names of those end whose values are times."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison: what it is called, the queries of its *value* and of its *bound*, and whether it speaks *against*.

    A query has one result at most: of several series the worst.
    """

    name: str
    operator: str
    value: str
    bound: str
    against: bool


def compared(expr: str) -> tuple[Compared, ...]:
    """Return the comparisons of which an expression is made, from left to right."""
    return tuple(_compared(promql.parse(expr), expr, against=False))


def _compared(node: Node, expr: str, *, against: bool) -> Iterator[Compared]:
    node = bare(node)
    if isinstance(node, Aggregate) and node.param is None:  # it gives something where what it aggregates does
        inner = bare(node.expr)
        if isinstance(inner, Binary) and (inner.op in SETS or inner.filters):
            node = inner
    if isinstance(node, Binary) and node.op in SETS:
        yield from _compared(node.left, expr, against=against)
        yield from _compared(node.right, expr, against=against != (node.op == "unless"))
    elif isinstance(node, Binary) and node.filters:
        left, right, operator = node.left, node.right, node.op
        if _constant(left):
            left, right, operator = right, left, MIRRORED[operator]
        worst = "min" if operator.startswith("<") else "max"
        bound = _text(right, expr) if _scalar(right) else f"{worst}({_text(right, expr)})"
        value = _text(left, expr) if _scalar(left) else f"{worst}({_text(left, expr)})"
        yield Compared(_text(left, expr), operator, value, bound, against)
    else:
        yield Compared(_text(node, expr), ">", f"count({_text(node, expr)}) or vector(0)", "0", against)


def _constant(node: Node) -> bool:
    return all(isinstance(each, Number | Unary | Paren | Binary) for each in node.walk())


def _scalar(node: Node) -> bool:
    found = bare(node)
    return _constant(found) or (isinstance(found, Call) and found.function in {"scalar", "time", "pi"})


def _text(node: Node, expr: str) -> str:
    node = bare(node)
    return expr[node.span.start : node.span.end]


def inputs(selectors: Iterable[Selector], sample: int) -> tuple[tuple[str, str, str], ...]:
    """Return what comes in, each with its name, its unit and its query; rates are over four samples at least."""
    ranges: dict[str, list[float]] = {}
    for each in selectors:
        ranges.setdefault(_spelled(each), []).append(each.range or 0.0)
    return tuple((name, *_query(name, max(4 * sample, min(found)))) for name, found in ranges.items())


def _query(name: str, window: float) -> tuple[str, str]:
    metric = name.partition("{")[0]
    if metric.endswith(COUNTERS):
        return "per second", f"sum(rate({name}[{window:g}s]))"
    if metric.endswith(TIMES):
        return "seconds ago", f"time() - max({name})"
    return "", f"sum({name})"


def _spelled(selector: Selector) -> str:
    matchers = (
        f"{each.label}{each.operator}{json.dumps(each.value, ensure_ascii=False)}" for each in selector.matchers
    )
    return f"{selector.metric}{{{', '.join(matchers)}}}"
