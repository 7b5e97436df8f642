"""What an alert waits for: the comparisons that let it ring, and how long each takes at least."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tocsin.checks.case import Expression
from tocsin.promql.functions import RATES
from tocsin.promql.tree import MIRRORED, Aggregate, Binary, Call, Node, Selector, Subquery, bare

_LAST = re.compile(r"last.*time|time.*last")
_MOVING = RATES | {"changes", "delta", "idelta", "deriv", "count_over_time"}


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison that keeps series whose *value* stands in relation *op* to *bound*; None where nobody knows it."""

    node: Binary
    value: Node
    op: str
    bound: float | None


def conditions(expression: Expression) -> Iterator[Condition]:
    """Yield the comparisons on any of which an alert can ring, those that only restrict it left out."""
    waiting = [expression.tree] if expression.tree is not None else []
    while waiting:
        node = bare(waiting.pop())
        if isinstance(node, Aggregate):
            waiting.append(node.expr)
        elif isinstance(node, Binary) and node.op in ("and", "unless"):
            waiting.append(node.left)
        elif isinstance(node, Binary) and node.op == "or":
            waiting.extend((node.right, node.left))
        elif isinstance(node, Binary) and node.filters:
            yield _condition(expression, node)


def _condition(expression: Expression, node: Binary) -> Condition:
    left, right = expression.shapes[node.left], expression.shapes[node.right]
    if left.kind == "scalar" and right.kind != "scalar":
        bound = left.values.low if left.values.single else None
        return Condition(node, node.right, MIRRORED[node.op], bound)
    return Condition(node, node.left, node.op, right.values.low if right.values.single else None)


def moving(condition: Condition) -> Call | None:
    """Return the function of time whose fall the condition waits for, as in `sum(increase(y[1h])) < 3`."""
    if condition.op not in ("==", "<", "<=") or condition.bound is None:
        return None
    if condition.op == "==" and condition.bound != 0:
        return None
    node = bare(condition.value)
    while not isinstance(node, Call):
        if isinstance(node, Aggregate) and node.op in ("sum", "max", "min", "avg"):
            node = bare(node.expr)
        elif isinstance(node, Binary) and node.op in ("*", "/") and not selectors(node.right):
            node = bare(node.left)
        else:
            return None
    return node if node.function in _MOVING else None


def age(condition: Condition) -> Node | None:
    """Return the time of a last event whose age the condition waits for: `time() - last_run_timestamp_seconds > 9`."""
    node = bare(condition.value)
    if condition.op not in (">", ">=") or condition.bound is None:
        return None
    if not isinstance(node, Binary) or node.op != "-":
        return None
    now = bare(node.left)
    if not isinstance(now, Call) or now.function != "time":
        return None
    named = any(_LAST.search(selector.metric) for selector in selectors(node.right))
    return node.right if named else None


def window(node: Node) -> float:
    """Return the longest stretch of time that an expression looks back over, in seconds."""
    ranges = [each.range for each in node.walk() if isinstance(each, Selector | Subquery)]
    return max((found for found in ranges if found is not None), default=0.0)


def soonest(expression: Expression) -> float:
    """Return how long the first condition takes to hold at least, in seconds: what stops is seen a window later."""
    delays = [_delay(condition) for condition in conditions(expression)]
    return min(delays, default=0.0)


def _delay(condition: Condition) -> float:
    if condition.bound is not None and age(condition) is not None:
        return condition.bound
    still = moving(condition)
    idle = still is not None and condition.bound == 0 and condition.op in ("==", "<=")
    return window(still) if still is not None and idle else 0.0


def selectors(node: Node) -> list[Selector]:
    """Return every selector below *node*."""
    return [each for each in node.walk() if isinstance(each, Selector)]
