"""What each function makes of what it is given.

Source: Prometheus's documentation, "Query functions".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from tocsin.promql.interval import ANY, COUNT, RATIO, Interval, exactly
from tocsin.promql.labels import Labels
from tocsin.promql.shape import UNKNOWN, Nature, Presence, Shape
from tocsin.promql.tree import Call, Node, Selector, Text, bare
from tocsin.promql.units import PLAIN, SECONDS, Unit

Rule = Callable[[Call, Sequence[Shape]], Shape]

RATES = frozenset(("rate", "irate", "increase"))
"""Functions that take counters alone."""
DELTAS = frozenset(("delta", "idelta", "deriv", "predict_linear", "holt_winters", "double_exponential_smoothing"))
"""Functions that take gauges alone."""

_NOW = Interval(1.5e9, 1e11)
"""Seconds since the Unix epoch, at any time that matters."""

_CALENDAR = {
    "minute": (0, 59),
    "hour": (0, 23),
    "day_of_week": (0, 6),
    "day_of_month": (1, 31),
    "day_of_year": (1, 366),
    "days_in_month": (28, 31),
    "month": (1, 12),
    "year": (1970, 10_000),
}
_OF_HISTOGRAMS = {
    "histogram_avg": ANY,
    "histogram_count": COUNT,
    "histogram_sum": ANY,
    "histogram_stddev": COUNT,
    "histogram_stdvar": COUNT,
}
_ROUNDING: dict[str, Callable[[float], float]] = {
    "ceil": lambda number: number if math.isinf(number) else math.ceil(number),
    "floor": lambda number: number if math.isinf(number) else math.floor(number),
}
_RISING: dict[str, Callable[[float], float]] = {
    "exp": lambda number: math.exp(number) if number < 700 else math.inf,  # noqa: PLR2004 - beyond is no float
    "sqrt": lambda number: math.sqrt(max(number, 0)),
    "ln": lambda number: math.log(number) if number > 0 else -math.inf,
    "log2": lambda number: math.log2(number) if number > 0 else -math.inf,
    "log10": lambda number: math.log10(number) if number > 0 else -math.inf,
    "sgn": lambda number: math.copysign(1, number) if number else 0.0,
    **_ROUNDING,
}


def applied(node: Call, args: Sequence[Shape]) -> Shape:
    """Return the shape of a call of *node*'s function on *args*."""
    rule = _RULES.get(node.function, _unknown)
    return rule(node, args)


def nameless(shape: Shape) -> Shape:
    """Return the shape of the same series without their metric's name."""
    return replace(shape, metric=False, labels=shape.labels.dropped(("__name__",)))


def _unknown(_: Call, args: Sequence[Shape]) -> Shape:
    vectors = [arg for arg in args if arg.kind in ("vector", "matrix")]
    from_ = frozenset().union(*(arg.from_ for arg in vectors))
    return replace(UNKNOWN, from_=from_)


def _vector(args: Sequence[Shape]) -> Shape:
    """Return the first argument that is made of series, as an instant vector."""
    found = next((arg for arg in args if arg.kind in ("vector", "matrix")), UNKNOWN)
    return replace(nameless(found), kind="vector")


def _rate(node: Call, args: Sequence[Shape]) -> Shape:
    shape = _vector(args)
    nature: Nature = "bucket rate" if shape.nature == "bucket" else "native" if shape.nature == "native" else "rate"
    unit = shape.unit
    if node.function != "increase" and unit is not None:
        unit = unit / SECONDS
    values = COUNT if shape.values.low >= 0 or shape.nature == "unknown" else ANY
    return replace(shape, nature=nature, values=values, presence=_weaker(shape), unit=unit)


def _delta(node: Call, args: Sequence[Shape]) -> Shape:
    shape = _vector(args)
    unit = shape.unit / SECONDS if shape.unit is not None and node.function == "deriv" else shape.unit
    return replace(shape, nature="gauge", values=ANY, unit=unit, presence=_weaker(shape))


def _kept(_: Call, args: Sequence[Shape]) -> Shape:
    return _vector(args)


def _quantile_over_time(_: Call, args: Sequence[Shape]) -> Shape:
    return beyond(args[0], _vector(args)) if args else UNKNOWN


def beyond(share: Shape, shape: Shape) -> Shape:
    """Return the shape of a quantile: *shape*, or anything where the *share* may be none from 0 to 1."""
    return shape if 0 <= share.values.low <= share.values.high <= 1 else replace(shape, values=ANY)


def _last(_: Call, args: Sequence[Shape]) -> Shape:
    """Return the shape of the same series, which keep even their name."""
    return replace(args[0], kind="vector") if args else UNKNOWN


def _summed(_: Call, args: Sequence[Shape]) -> Shape:
    shape = _vector(args)
    values = COUNT if shape.values.low >= 0 else Interval(-math.inf, 0) if shape.values.high <= 0 else ANY
    return replace(shape, nature="gauge", values=values)


def _counting(_: Call, args: Sequence[Shape]) -> Shape:
    return replace(_vector(args), nature="gauge", values=COUNT, unit=PLAIN, idle=False)


def _spread(_: Call, args: Sequence[Shape]) -> Shape:
    shape = _vector(args)
    return replace(shape, nature="gauge", values=COUNT)


def _present(_: Call, args: Sequence[Shape]) -> Shape:
    return replace(_vector(args), nature="boolean", values=exactly(1), unit=None, idle=False)


def _absent(node: Call, args: Sequence[Shape]) -> Shape:
    shape = _vector(args)
    labels = Labels(dict(absent_labels(node.args[0])), others=False) if node.args else Labels({}, others=False)
    presence: Presence = "never" if shape.presence == "always" else "always" if shape.presence == "never" else "maybe"
    return Shape("vector", "boolean", labels, exactly(1), presence, from_=shape.from_)


def absent_labels(node: Node) -> list[tuple[str, frozenset[str]]]:
    """Return the labels that absent() can give its result: those that the selector asks for by equality.

    Whether it gives one that is asked for twice depends on their order, and on the version of Prometheus.
    """
    inner = bare(node)
    if not isinstance(inner, Selector):
        return []
    asked = [matcher.label for matcher in inner.matchers]
    return [
        (matcher.label, frozenset((matcher.value,) if asked.count(matcher.label) == 1 else (matcher.value, "")))
        for matcher in inner.matchers
        if matcher.operator == "=" and matcher.value
    ]


def _scalar_of(values: Interval, unit: Unit | None = None, nature: Nature = "gauge") -> Rule:
    return lambda _node, _args: Shape("scalar", nature, Labels({}, others=False), values, "always", unit=unit)


def _vector_of(_: Call, args: Sequence[Shape]) -> Shape:
    given = args[0] if args else UNKNOWN
    return replace(given, kind="vector", labels=Labels({}, others=False), presence="always", metric=False)


def _to_scalar(_: Call, args: Sequence[Shape]) -> Shape:
    shape = _vector(args)
    return replace(shape, kind="scalar", labels=Labels({}, others=False), presence="always", idle=True)


def _timestamp(_: Call, args: Sequence[Shape]) -> Shape:
    return replace(_vector(args), nature="timestamp", values=_NOW, unit=SECONDS, idle=False)


def _calendar(node: Call, args: Sequence[Shape]) -> Shape:
    values = Interval(*map(float, _CALENDAR[node.function]))
    if not args:
        return Shape("vector", "gauge", Labels({}, others=False), values, "always", unit=PLAIN)
    return replace(_vector(args), nature="gauge", values=values, unit=PLAIN)


def _rising(node: Call, args: Sequence[Shape]) -> Shape:
    shape = _vector(args)
    keeps = node.function in _ROUNDING
    values = shape.values.mapped(_RISING[node.function])
    return replace(shape, nature="gauge", values=values, unit=shape.unit if keeps else None)


def _rounded(_: Call, args: Sequence[Shape]) -> Shape:
    shape = _vector(args)
    coarse = max(abs(args[1].values.low), abs(args[1].values.high)) if len(args) > 1 else 1.0
    wider = Interval(shape.values.low - coarse, shape.values.high + coarse)
    return replace(shape, nature="gauge", values=wider.meet(COUNT) if shape.values.low >= 0 else wider)


def _absolute(_: Call, args: Sequence[Shape]) -> Shape:
    shape = _vector(args)
    low, high = shape.values.low, shape.values.high
    far = max(abs(low), abs(high))
    return replace(shape, values=Interval(0 if low <= 0 <= high else min(abs(low), abs(high)), far))


def _clamped(node: Call, args: Sequence[Shape]) -> Shape:
    shape, *bounds = _vector(args), *args[1:]
    values = shape.values
    if node.function != "clamp_max" and bounds:
        values = Interval(max(values.low, bounds[0].values.low), max(values.high, bounds[0].values.high))
    if node.function != "clamp_min" and bounds:
        most = bounds[-1].values
        values = Interval(min(values.low, most.low), min(values.high, most.high))
    if any(bound.idle for bound in bounds):
        values = ANY
    crossed = len(bounds) > 1 and bounds[0].values.high > bounds[1].values.low
    return replace(shape, values=values, presence=_weaker(shape) if crossed else shape.presence)


def _quantile(_: Call, args: Sequence[Shape]) -> Shape:
    buckets = next((arg for arg in args if arg.kind == "vector"), UNKNOWN)
    shape = nameless(buckets)
    labels = shape.labels.dropped(("le",))
    values = ANY
    if buckets.bounds:
        values = Interval(min(0.0, buckets.bounds[0]), buckets.bounds[-1])
    presence: Presence = "never" if buckets.labels.impossible("le") and buckets.nature != "native" else shape.presence
    estimate = Shape(
        "vector",
        "estimate",
        labels,
        values,
        presence,
        idle=True,
        unit=shape.measures,
        bounds=buckets.bounds,
        from_=shape.from_,
        summed=True,
    )
    return beyond(args[0], estimate) if args else estimate


def _fraction(_: Call, args: Sequence[Shape]) -> Shape:
    shape = _vector(args)
    labels = shape.labels.dropped(("le",))
    return replace(shape, nature="gauge", labels=labels, values=RATIO, unit=PLAIN, idle=True)


def _of_histograms(node: Call, args: Sequence[Shape]) -> Shape:
    values = _OF_HISTOGRAMS[node.function]
    return replace(_vector(args), nature="gauge", values=values, unit=None)


def _label_replace(node: Call, args: Sequence[Shape]) -> Shape:
    shape = replace(args[0], kind="vector") if args else UNKNOWN
    target = node.args[1] if len(node.args) > 1 else None
    if not isinstance(target, Text):
        return shape
    return replace(shape, labels=shape.labels.put(target.value, None))


def _sorted(_: Call, args: Sequence[Shape]) -> Shape:
    return args[0] if args else UNKNOWN


def _weaker(shape: Shape) -> Presence:
    return "never" if shape.presence == "never" else "maybe"


def _trigonometric(_: Call, args: Sequence[Shape]) -> Shape:
    return replace(_vector(args), nature="gauge", values=ANY, unit=None)


_RULES: dict[str, Rule] = {
    **dict.fromkeys(RATES, _rate),
    **dict.fromkeys(DELTAS, _delta),
    **dict.fromkeys(("avg_over_time", "min_over_time", "max_over_time"), _kept),
    "quantile_over_time": _quantile_over_time,
    "last_over_time": _last,
    "first_over_time": _last,
    "sum_over_time": _summed,
    **dict.fromkeys(("count_over_time", "changes", "resets"), _counting),
    **dict.fromkeys(("stddev_over_time", "stdvar_over_time", "mad_over_time"), _spread),
    "present_over_time": _present,
    "absent": _absent,
    "absent_over_time": _absent,
    "time": _scalar_of(_NOW, SECONDS, "timestamp"),
    "pi": _scalar_of(exactly(math.pi), PLAIN),
    "vector": _vector_of,
    "scalar": _to_scalar,
    "timestamp": _timestamp,
    **dict.fromkeys(_CALENDAR, _calendar),
    **dict.fromkeys(_RISING, _rising),
    "round": _rounded,
    "abs": _absolute,
    **dict.fromkeys(("clamp", "clamp_min", "clamp_max"), _clamped),
    "histogram_quantile": _quantile,
    "histogram_fraction": _fraction,
    **dict.fromkeys(_OF_HISTOGRAMS, _of_histograms),
    **dict.fromkeys(("label_replace", "label_join"), _label_replace),
    **dict.fromkeys(("sort", "sort_desc", "sort_by_label", "sort_by_label_desc"), _sorted),
    **dict.fromkeys(
        ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "deg", "rad"),
        _trigonometric,
    ),
}
