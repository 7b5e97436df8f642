"""What is known of an expression's result before anybody evaluates it, and of the metrics that it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tocsin.promql.interval import ANY, Interval
from tocsin.promql.labels import Labels
from tocsin.promql.units import Unit

Nature = Literal[
    "counter",  # what only grows and falls back at a restart: a counter, a histogram's count and sum
    "bucket",  # the same, of a histogram's buckets
    "rate",  # how fast a counter grows
    "bucket rate",
    "gauge",
    "quantile",  # of a summary, which nothing can be made of any more
    "estimate",  # a quantile of a histogram, told from its buckets
    "timestamp",
    "native",  # a native histogram, or a rate of one
    "boolean",
    "unknown",
]
Kind = Literal["scalar", "vector", "matrix", "string"]
Presence = Literal["always", "maybe", "never"]
"""Whether there is a result at all."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known of a result.

    *values* are those that it can have beside NaN, *idle* tells that it is NaN when nothing happens, *measures* the
    unit of what a histogram observes and *bounds* the finite bounds of its buckets, or of those that an estimate is
    told from. *summed* tells that several series were made one, *from_* which metrics it was made of.
    """

    kind: Kind = "vector"
    nature: Nature = "unknown"
    labels: Labels = field(default_factory=Labels)
    values: Interval = ANY
    presence: Presence = "maybe"
    idle: bool = False
    unit: Unit | None = None
    measures: Unit | None = None
    bounds: tuple[float, ...] | None = None
    summed: bool = False
    from_: frozenset[str] = frozenset()
    metric: bool = False
    """Whether it still bears a metric's name."""


UNKNOWN = Shape()


@dataclass(frozen=True, slots=True)
class World:
    """The metrics there are, by the names of their series; *complete* tells that there are no others.

    *bases* are the names of histograms, of which there are only series with a suffix. *scrape* is the interval of
    scrapes in seconds, 0 if nobody knows it.
    """

    metrics: Mapping[str, Shape] = field(default_factory=dict)
    bases: Mapping[str, Shape] = field(default_factory=dict)
    complete: bool = False
    scrape: float = 0.0
