"""Infers the shape of every part of an expression: an abstract interpreter of PromQL.

What is said of a result holds whatever the series' numbers are; what cannot be known is unknown, never guessed.
Source: Prometheus's documentation, "Operators" (vector matching, aggregation) and "Query functions".
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import singledispatch

from tocsin.promql.functions import applied, beyond, nameless
from tocsin.promql.interval import ANY, COUNT, RATIO, VOID, Interval, after, exactly, verdict
from tocsin.promql.labels import Labels
from tocsin.promql.matching import meets
from tocsin.promql.part import is_part
from tocsin.promql.shape import UNKNOWN, Kind, Nature, Presence, Shape, World
from tocsin.promql.tree import (
    MIRRORED,
    SETS,
    Aggregate,
    Binary,
    Call,
    Node,
    Number,
    Paren,
    Selector,
    Subquery,
    Text,
    Unary,
)
from tocsin.promql.units import PLAIN, Unit, named

Shapes = dict[Node, Shape]

_NO_LABELS = Labels({}, others=False)
_NUMBER = Shape("scalar", "gauge", _NO_LABELS, presence="always")
_CHOOSING = frozenset(("topk", "bottomk", "limitk", "limit_ratio"))


def infer(tree: Node, world: World) -> Shapes:
    """Return the shape of every part of *tree*, given the metrics of *world*."""
    found: dict[Node, Shape] = {}
    for node in reversed(list(tree.walk())):
        found[node] = _shape(node, found, world)
    return found


@singledispatch
def _shape(node: Node, found: Shapes, world: World) -> Shape:  # noqa: ARG001 - the others need both
    return UNKNOWN


@_shape.register
def _(node: Number, found: Shapes, world: World) -> Shape:  # noqa: ARG001
    return replace(_NUMBER, values=exactly(node.value), idle=math.isnan(node.value))


@_shape.register
def _(node: Text, found: Shapes, world: World) -> Shape:  # noqa: ARG001
    return replace(_NUMBER, kind="string")


@_shape.register
def _(node: Paren, found: Shapes, world: World) -> Shape:  # noqa: ARG001
    return found[node.expr]


@_shape.register
def _(node: Unary, found: Shapes, world: World) -> Shape:  # noqa: ARG001
    shape = found[node.expr]
    return nameless(replace(shape, values=-shape.values, nature="gauge")) if node.op == "-" else shape


@_shape.register
def _(node: Selector, found: Shapes, world: World) -> Shape:  # noqa: ARG001
    known = world.metrics.get(node.metric)
    if known is None and node.metric in world.bases:
        base = world.bases[node.metric]
        known = replace(base, nature="unknown", values=ANY, presence="never")
    if known is None:
        gone = world.complete and bool(node.metric)
        presence: Presence = "never" if gone else "maybe"
        known = replace(_by_name(node.metric), presence=presence)
    labels: Labels | None = known.labels
    for matcher in node.matchers:
        labels = labels.narrowed(matcher) if labels is not None else None
    kind: Kind = "vector" if node.range is None else "matrix"
    if labels is None:
        return replace(known, kind=kind, presence="never", metric=True)
    return replace(known, kind=kind, labels=labels, metric=True)


def _by_name(metric: str) -> Shape:
    """Return what the name of a metric alone tells of it: what it is measured in."""
    unit = named(metric)
    counts = metric.endswith(("_bucket", "_count")) and unit is not None
    from_ = frozenset((metric,) if metric else ())
    return replace(UNKNOWN, unit=PLAIN if counts else unit, measures=unit if counts else None, from_=from_)


@_shape.register
def _(node: Subquery, found: Shapes, world: World) -> Shape:  # noqa: ARG001
    return replace(found[node.expr], kind="matrix")


@_shape.register
def _(node: Call, found: Shapes, world: World) -> Shape:  # noqa: ARG001
    return applied(node, [found[arg] for arg in node.args])


@_shape.register
def _(node: Aggregate, found: Shapes, world: World) -> Shape:  # noqa: ARG001
    inner = found[node.expr]
    if node.op in _CHOOSING:
        return replace(inner, labels=inner.labels.thinned())
    labels = _grouped(node, inner.labels)
    shape = replace(nameless(inner), labels=labels, summed=True)
    if node.op in ("count", "count_values"):
        if node.op == "count_values" and isinstance(node.param, Text):
            labels = labels.put(node.param.value, None)
        return replace(shape, labels=labels, nature="gauge", values=Interval(1, math.inf), unit=PLAIN, idle=False)
    if node.op == "group":
        return replace(shape, nature="boolean", values=exactly(1), unit=None, idle=False)
    if node.op in ("stddev", "stdvar"):
        return replace(shape, nature="gauge", values=COUNT)
    if node.op in ("sum", "avg") and inner.nature == "estimate":
        shape = replace(shape, nature="gauge", bounds=None)
    if node.op == "sum":
        return replace(shape, values=_total(inner.values))
    if node.op == "quantile" and node.param is not None:
        shape = beyond(found[node.param], replace(shape, bounds=None))
    return replace(shape, nature="gauge") if inner.nature == "boolean" else shape


def _grouped(node: Aggregate, labels: Labels) -> Labels:
    if node.without is not None:
        return labels.dropped((*node.without, "__name__"))
    return labels.kept(node.by or ())


def _total(values: Interval) -> Interval:
    """Return what a sum of one or more such values can be."""
    if values.void:
        return VOID
    low = values.low if values.low >= 0 else -math.inf
    high = values.high if values.high <= 0 else math.inf
    return Interval(low, high)


@_shape.register
def _(node: Binary, found: Shapes, world: World) -> Shape:  # noqa: ARG001
    left, right = found[node.left], found[node.right]
    if node.op in SETS:
        return _set(node, left, right)
    one_scalar = "scalar" in (left.kind, right.kind)
    labels = _paired(node, left, right)
    presence = _both(node, left, right, one_scalar=one_scalar)
    kind: Kind = "scalar" if left.kind == right.kind == "scalar" else "vector"
    common = replace(UNKNOWN, kind=kind, labels=labels, presence=presence, from_=left.from_ | right.from_)
    if node.compares:
        return _compared(node, left, right, common)
    return _computed(node, left, right, common)


def _paired(node: Binary, left: Shape, right: Shape) -> Labels:
    """Return the labels of what comes of two sides."""
    if left.kind == "scalar" or right.kind == "scalar":
        side = right if left.kind == "scalar" else left
        return side.labels if node.filters else side.labels.dropped(("__name__",))
    many, one = (right, left) if node.group == "right" else (left, right)
    if node.group is not None:
        labels = many.labels
        for name in node.include:
            labels = labels.put(name, one.labels.values(name))
        return labels if node.filters else labels.dropped(("__name__",))
    if node.on is not None:
        return many.labels.kept(node.on)
    return many.labels.dropped((*(() if node.filters else ("__name__",)), *(node.ignoring or ())))


def _both(node: Binary, left: Shape, right: Shape, *, one_scalar: bool) -> Presence:
    if "never" in (left.presence, right.presence):
        return "never"
    if one_scalar:
        return left.presence if right.kind == "scalar" else right.presence
    if not meets(node, left.labels, right.labels):
        return "never"
    alone = not left.labels.others and not right.labels.others and not (left.labels.known or right.labels.known)
    return "always" if alone and left.presence == right.presence == "always" else "maybe"


def _compared(node: Binary, left: Shape, right: Shape, common: Shape) -> Shape:
    said = verdict(left.values, node.op, right.values)
    if node.yields or common.kind == "scalar":
        of_nan = node.op == "!="  # what a comparison with NaN gives
        values = exactly(float(of_nan)) if said is of_nan else RATIO
        return replace(common, nature="boolean", values=values, unit=PLAIN)
    kept, bound, op = (left, right, node.op)
    if left.kind == "scalar":
        kept, bound, op = right, left, MIRRORED[node.op]
    presence: Presence = "never" if said is False else common.presence if said else _maybe(common.presence)
    return replace(
        kept,
        labels=common.labels.thinned(),
        values=after(kept.values, op, bound.values),
        presence=presence,
        idle=False,
        from_=common.from_,
    )


def _maybe(presence: Presence) -> Presence:
    return "never" if presence == "never" else "maybe"


def _computed(node: Binary, left: Shape, right: Shape, common: Shape) -> Shape:
    values = _arithmetic(node.op, left.values, right.values)
    idle = left.idle or right.idle
    unit = None
    if node.op in ("+", "-", "%"):
        unit = left.unit if right.unit is None else right.unit if left.unit is None else left.unit
    elif node.op in ("*", "/"):
        unit = _product(node.op, left, right)
    if node.op == "/":
        idle = idle or (0 in right.values and right.nature in ("rate", "bucket rate"))
        if is_part(node.left, node.right):
            values = RATIO
    nature = _mixed(node.op, left, right)
    both = left.measures if nature == "bucket rate" else None
    summed = left.summed or right.summed
    bounds = left.bounds or right.bounds if nature == "bucket rate" else None
    return replace(
        common, nature=nature, values=values, idle=idle, unit=unit, measures=both, bounds=bounds, summed=summed
    )


def _mixed(op: str, left: Shape, right: Shape) -> Nature:
    """Return the nature of what arithmetic makes."""
    if right.kind == "scalar" and op in ("*", "/") and left.nature in ("rate", "bucket rate", "counter", "bucket"):
        return left.nature
    if left.kind == "scalar" and op == "*" and right.nature in ("rate", "bucket rate", "counter", "bucket"):
        return right.nature
    if op in ("+", "-") and left.nature == right.nature and left.nature in ("rate", "bucket rate", "counter"):
        return left.nature if op == "+" or left.nature != "counter" else "gauge"
    return "unknown" if "unknown" in (left.nature, right.nature) else "gauge"


def _product(op: str, left: Shape, right: Shape) -> Unit | None:
    """Return the unit of a product or quotient; a plain number leaves the dimension, and makes the scale unknown."""
    if right.kind == "scalar" and right.unit is None:
        return left.unit and left.unit.scaled()
    if left.kind == "scalar" and left.unit is None:
        if op == "*":
            return right.unit and right.unit.scaled()
        return right.unit and (PLAIN / right.unit).scaled()
    if left.unit is None or right.unit is None:
        return None
    return left.unit * right.unit if op == "*" else left.unit / right.unit


_ARITHMETIC: Mapping[str, Callable[[Interval, Interval], Interval]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
    "^": operator.pow,
}


def _arithmetic(op: str, left: Interval, right: Interval) -> Interval:
    if op not in _ARITHMETIC:
        return Interval(-math.pi, math.pi)  # atan2
    try:
        return _ARITHMETIC[op](left, right)
    except (OverflowError, ZeroDivisionError):
        return ANY


def _set(node: Binary, left: Shape, right: Shape) -> Shape:
    from_ = left.from_ | right.from_
    if node.op == "or":
        presence: Presence = (
            "never"
            if left.presence == right.presence == "never"
            else ("always" if "always" in (left.presence, right.presence) else "maybe")
        )
        if left.presence == "never":
            return replace(right, presence=presence, from_=from_)
        if right.presence == "never":
            return replace(left, presence=presence, from_=from_)
        return replace(
            left,
            nature=left.nature if left.nature == right.nature else "unknown",
            labels=left.labels.joined(right.labels),
            values=left.values.union(right.values),
            presence=presence,
            idle=left.idle or right.idle,
            unit=left.unit if left.unit == right.unit else None,
            from_=from_,
        )
    if node.op == "and" and (right.presence == "never" or not meets(node, left.labels, right.labels)):
        return replace(left, presence="never", from_=from_)
    kept = left.presence if node.op == "unless" and right.presence == "never" else _maybe(left.presence)
    return replace(left, presence=kept, from_=from_, labels=left.labels.thinned())
