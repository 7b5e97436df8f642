"""Intervals of numbers, and what arithmetic makes of them.

Source: interval arithmetic as in IEEE 1788, without its decorations: a result holds every value that two numbers of the
operands can give. NaN is no number here; whoever cares for it keeps it apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

from tocsin.promql.tree import MIRRORED

_INF = math.inf


@dataclass(frozen=True, slots=True)
class Interval:
    """The numbers from *low* up to *high*, both among them; none if *low* is above *high*."""

    low: float = -_INF
    high: float = _INF

    @property
    def void(self) -> bool:
        """Whether there is no number in it."""
        return self.low > self.high

    @property
    def single(self) -> bool:
        """Whether there is just one number in it."""
        return self.low == self.high

    def __contains__(self, number: float) -> bool:
        return self.low <= number <= self.high

    def __str__(self) -> str:
        if self.single:
            return f"always {self.low:g}"
        if math.isinf(self.low) or math.isinf(self.high):
            return f"at least {self.low:.6g}" if math.isfinite(self.low) else f"at most {self.high:.6g}"
        return f"from {self.low:.6g} to {self.high:.6g}"

    def union(self, other: Interval) -> Interval:
        """Return the smallest interval that holds both."""
        if self.void or other.void:
            return other if self.void else self
        return Interval(min(self.low, other.low), max(self.high, other.high))

    def meet(self, other: Interval) -> Interval:
        """Return what both hold."""
        return Interval(max(self.low, other.low), min(self.high, other.high))

    def mapped(self, rising: Callable[[float], float]) -> Interval:
        """Return what *rising*, a function that never falls, makes of it."""
        return self if self.void else Interval(rising(self.low), rising(self.high))

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __add__(self, other: Interval) -> Interval:
        return _of(self, other, _plus)

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __mul__(self, other: Interval) -> Interval:
        return _of(self, other, _times)

    def __truediv__(self, other: Interval) -> Interval:
        if self.void or other.void:
            return VOID
        if not (other.low <= 0 <= other.high):
            return _of(self, other, _over)
        if self.low >= 0 and other.low >= 0:
            return Interval(0 if other.high == _INF else self.low / other.high if other.high else 0, _INF)
        return ANY

    def __mod__(self, other: Interval) -> Interval:
        """The remainder has the sign of the dividend, as in Go."""
        most = max(abs(other.low), abs(other.high))
        return Interval(0 if self.low >= 0 else max(self.low, -most), 0 if self.high <= 0 else min(self.high, most))

    def __pow__(self, other: Interval) -> Interval:
        if self.void or other.void:
            return VOID
        if self.single and other.single:
            return _power(self.low, other.low)
        if other.single and other.low == 2:  # noqa: PLR2004 - a square
            far = max(abs(self.low), abs(self.high))
            return Interval(0 if 0 in self else min(self.low**2, self.high**2), far * far)
        return Interval(0, _INF) if self.low >= 0 else ANY


ANY = Interval()
VOID = Interval(1, 0)
COUNT = Interval(0, _INF)
"""What is never below 0."""

RATIO = Interval(0, 1)


def exactly(number: float) -> Interval:
    """Return the interval of one number; every number for NaN."""
    return ANY if math.isnan(number) else Interval(number, number)


def after(low: Interval, op: str, bound: Interval) -> Interval:
    """Return which of the numbers *low* remain behind a comparison with some number of *bound*."""
    if op in (">", ">="):
        return low.meet(Interval(bound.low if op == ">=" else _beside(bound.low, _INF), _INF))
    if op in ("<", "<="):
        return low.meet(Interval(-_INF, bound.high if op == "<=" else _beside(bound.high, -_INF)))
    return low.meet(bound) if op == "==" else low


def verdict(left: Interval, op: str, right: Interval) -> bool | None:
    """Return whether a comparison holds for all numbers of both sides, for none (False), or for some (None)."""
    if left.void or right.void:
        return None
    if op in ("<", "<="):
        return verdict(right, MIRRORED[op], left)
    if op == ">":
        return True if left.low > right.high else False if left.high <= right.low else None
    if op == ">=":
        return True if left.low >= right.high else False if left.high < right.low else None
    apart = left.meet(right).void
    same = left.single and left == right
    if op == "==":
        return False if apart else True if same else None
    return True if apart else False if same else None


def _beside(number: float, towards: float) -> float:
    return number if math.isinf(number) else math.nextafter(number, towards)


def _of(left: Interval, right: Interval, operate: Callable[[float, float], float]) -> Interval:
    if left.void or right.void:
        return VOID
    corners = [operate(a, b) for a, b in product((left.low, left.high), (right.low, right.high))]
    if any(math.isnan(corner) for corner in corners):
        return ANY
    return Interval(min(corners), max(corners))


def _plus(a: float, b: float) -> float:
    return a + b


def _times(a: float, b: float) -> float:
    return 0.0 if a == 0 or b == 0 else a * b


def _over(a: float, b: float) -> float:
    return 0.0 if math.isinf(b) else a / b


def _power(base: float, exponent: float) -> Interval:
    try:
        result = base**exponent
    except (OverflowError, ZeroDivisionError):
        return ANY
    return exactly(result) if isinstance(result, float | int) else ANY
