"""What a replayed rehearsal shows, as plain data: what came in, what the alert compares, and when it was what."""

from __future__ import annotations

from dataclasses import dataclass

Points = tuple[tuple[float, float | None], ...]
"""Pairs of seconds after the fault and a value, None where there is none."""


@dataclass(frozen=True, slots=True)
class Input:
    """What came in of some series: their sum, in *unit*; of times their age."""

    name: str
    unit: str
    points: Points


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A comparison of an alert's expression: the worst *points* of what is compared, and its *bounds*.

    An *against* one keeps the alert silent where it holds. What is there or not, and compared with nothing, is counted.
    """

    name: str
    operator: str
    points: Points
    bounds: Points
    against: bool = False

    @property
    def held(self) -> tuple[float, ...]:
        """The seconds at which the comparison held."""
        return tuple(
            at
            for (at, value), (_, bound) in zip(self.points, self.bounds, strict=True)
            if value is not None and bound is not None and _OPERATIONS[self.operator](value, bound)
        )


_OPERATIONS = {
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    "==": lambda value, bound: value == bound,
    "!=": lambda value, bound: value != bound,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A rehearsal of an *alert* under a *fault*, replayed; all times are seconds after the fault began.

    The fault is over at *until*. The alert's condition must hold for *lasting* seconds; it was first *pending*, then
    first *firing* and *last* firing, where it was. *after* is what the matrix tells, which adds the *step* between two
    evaluations where a rehearsal is evaluated too seldom to measure.
    """

    alert: str
    fault: str
    expression: str
    lasting: float
    step: float
    until: float
    pending: float | None
    firing: float | None
    last: float | None
    after: float | None
    inputs: tuple[Input, ...]
    sides: tuple[Side, ...]
