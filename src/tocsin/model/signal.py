"""Signals: the metrics that a service promises to expose."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import ClassVar, Literal

from tocsin.model.errors import DeclarationError
from tocsin.model.naming import TARGET_LABELS, require_label, require_metric

OTHER = "other"
"""What a closed label counts a value as that is not in its set."""

_ACROSS = ("sum", "max", "min", "latest")


@dataclass(frozen=True, slots=True)
class Matcher:
    """How a label is compared in a selector: one of =, !=, =~ and !~, and with what."""

    operator: Literal["=", "!=", "=~", "!~"]
    value: str

    def holds(self, value: str) -> bool:
        """Tell whether a label's value is what is asked for; regular expressions are read as Python reads them."""
        found = re.fullmatch(self.value, value) is not None if self.operator.endswith("~") else self.value == value
        return found != self.operator.startswith("!")

    def __str__(self) -> str:
        escaped = self.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'{self.operator}"{escaped}"'


def matching(pattern: str) -> Matcher:
    """Match a label against a regular expression (RE2, anchored on both ends)."""
    return Matcher("=~", pattern)


def not_matching(pattern: str) -> Matcher:
    """Match a label that a regular expression (RE2, anchored on both ends) does not match."""
    return Matcher("!~", pattern)


def other_than(value: str) -> Matcher:
    """Match a label that is not *value*."""
    return Matcher("!=", value)


@dataclass(frozen=True, slots=True)
class Label:
    """A label; with *values* its set is closed, without them it is open up to *limit* values.

    Closed sets start at 0 in the service, and a value outside of the set is counted as `other`.
    """

    name: str
    values: tuple[str, ...] = ()
    limit: int = 200

    def __post_init__(self) -> None:
        require_label(self.name, f"Label {self.name!r}")
        if isinstance(self.values, str):
            raise DeclarationError(f"Label {self.name!r}: its values must be a tuple of texts, not one text.")
        if len(set(self.values)) != len(self.values):
            raise DeclarationError(f"Label {self.name!r} lists a value twice: remove one.")
        if self.limit < 1:
            raise DeclarationError(f"Label {self.name!r}: its limit must be at least 1.")

    @property
    def closed(self) -> bool:
        """Whether every value is known."""
        return bool(self.values)

    @property
    def domain(self) -> tuple[str, ...]:
        """Every value that a closed label may take in an exposition, `other` among them."""
        return self.values if not self.values or OTHER in self.values else (*self.values, OTHER)


@dataclass(frozen=True, slots=True)
class Signal:
    """A metric with its help text and labels; declare a Counter, Gauge or Histogram."""

    kind: ClassVar[str] = "untyped"

    name: str
    help: str
    labels: tuple[Label, ...] = ()

    def __post_init__(self) -> None:
        require_metric(self.name)
        if not self.help.strip():
            raise DeclarationError(f"{self.name} has no help text: say in one sentence what it counts or measures.")
        names = [label.name for label in self.labels]
        if len(set(names)) != len(names):
            raise DeclarationError(f"{self.name} declares a label twice: remove one.")

    @property
    def closed(self) -> bool:
        """Whether every series of this signal is known before the service runs."""
        return all(label.closed for label in self.labels)

    @property
    def series_names(self) -> tuple[str, ...]:
        """The names under which this signal stands in an exposition."""
        return (self.name,)

    def where(self, **labels: str | Matcher) -> Selector:
        """Select the series of this signal whose labels match.

        Raises:
            DeclarationError: a label, or a value of a closed label, was never declared.

        """
        return Selector(self).where(**labels)

    def __str__(self) -> str:
        return self.name


class Counter(Signal):
    """A number that only grows, and starts again at 0 when the process does."""

    __slots__ = ()
    kind = "counter"

    def __post_init__(self) -> None:
        Signal.__post_init__(self)
        if not self.name.endswith("_total"):
            raise DeclarationError(f"The counter {self.name} must end with _total, as Prometheus's conventions ask.")


@dataclass(frozen=True, slots=True)
class Gauge(Signal):
    """A number that goes up and down; *across* says what several workers of one service expose together.

    The sum, max or min of what each living worker has set, or what any worker has set latest, even if it has ended
    since: the time of the last success is a fact that outlives who saw it.
    """

    kind = "gauge"

    across: Literal["sum", "max", "min", "latest"] = field(default="sum", kw_only=True)

    def __post_init__(self) -> None:
        Signal.__post_init__(self)
        if self.name.endswith("_total"):
            raise DeclarationError(f"The gauge {self.name} must not end with _total: only counters do.")
        if self.across not in _ACROSS:
            raise DeclarationError(
                f"{self.name} has across={self.across!r}: choose sum, max, min or latest for its workers."
            )


@dataclass(frozen=True, slots=True)
class Histogram(Signal):
    """Observations counted in buckets; *buckets* are upper bounds, finite and increasing (+Inf is added)."""

    kind = "histogram"

    buckets: tuple[float, ...] = field(kw_only=True)

    def __post_init__(self) -> None:
        Signal.__post_init__(self)
        if self.name.endswith(("_total", "_bucket", "_count", "_sum")):
            raise DeclarationError(
                f"The histogram {self.name} must end with its unit, not with a suffix of its own series."
            )
        require_buckets(self)

    @property
    def bounds(self) -> tuple[tuple[float, str], ...]:
        """The bounds of its buckets, each with how its label `le` spells it; +Inf is left out."""
        return tuple((bound, le(bound)) for bound in self.buckets)

    @property
    def series_names(self) -> tuple[str, ...]:
        """The names under which this histogram stands in an exposition."""
        return (f"{self.name}_bucket", f"{self.name}_sum", f"{self.name}_count")

    @property
    def bucket(self) -> Selector:
        """The cumulative bucket series, one for each `le`."""
        return Selector(self).bucket

    @property
    def sum(self) -> Selector:
        """The series of the sum of all observations."""
        return Selector(self).sum

    @property
    def count(self) -> Selector:
        """The series of the number of observations."""
        return Selector(self).count

    def at_most(self, bound: float) -> Selector:
        """The bucket series of the observations up to *bound*, which must be a bucket."""
        return Selector(self).at_most(bound)


def require_buckets(histogram: Histogram) -> None:
    """Refuse buckets that are none, infinite or out of order."""
    name, buckets = histogram.name, histogram.buckets
    if not buckets or not all(math.isfinite(bound) for bound in buckets):
        raise DeclarationError(f"{name} needs at least one bucket, and finite ones only (+Inf is added).")
    for lower, upper in pairwise(buckets):
        if lower >= upper:
            raise DeclarationError(f"{name}: its buckets must increase, but {upper:g} comes after {lower:g}.")


def le(bound: float) -> str:
    """Spell a bucket's bound as OpenMetrics and Prometheus 3 do: 1 is "1.0", a million is "1e+06" (Go's format g)."""
    spelled = repr(float(bound))
    if not math.isfinite(bound) or -4 <= (number := Decimal(spelled)).adjusted() < 6:  # noqa: PLR2004 - Go's bounds
        return "+Inf" if bound == math.inf else spelled
    mantissa, exponent = f"{number.normalize():e}".split("e")
    return f"{mantissa}e{int(exponent):+03d}"


@dataclass(frozen=True, slots=True)
class Selector:
    """Some series of a signal; its text is a PromQL instant vector selector."""

    signal: Signal
    matchers: tuple[tuple[str, Matcher], ...] = ()
    suffix: str = ""

    def where(self, **labels: str | Matcher) -> Selector:
        """Narrow the selection further; see Signal.where."""
        matchers = dict(self.matchers)
        for name, value in labels.items():
            matcher = value if isinstance(value, Matcher) else Matcher("=", value)
            self._require(name, matcher)
            matchers[name] = matcher
        return Selector(self.signal, tuple(sorted(matchers.items())), self.suffix)

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Tell whether a series with these labels is selected; a label that is not there is empty."""
        return all(matcher.holds(labels.get(name, "")) for name, matcher in self.matchers)

    @property
    def bucket(self) -> Selector:
        """The cumulative bucket series of the selected histogram."""
        return self._part("_bucket")

    @property
    def sum(self) -> Selector:
        """The series of the sum of the selected histogram's observations."""
        return self._part("_sum")

    @property
    def count(self) -> Selector:
        """The series of the number of the selected histogram's observations."""
        return self._part("_count")

    def at_most(self, bound: float) -> Selector:
        """The bucket series up to *bound* of the selected histogram.

        Raises:
            DeclarationError: no bucket ends at *bound*, so the question has no exact answer.

        """
        histogram = self._histogram()
        if float(bound) not in histogram.buckets:
            raise DeclarationError(
                f"{histogram.name} has no bucket that ends at {bound:g}: add {bound:g} to its buckets, "
                f"or ask for one of {', '.join(f'{known:g}' for known in histogram.buckets)}."
            )
        matchers = tuple(sorted((*self.matchers, ("le", Matcher("=", le(bound))))))
        return Selector(self.signal, matchers, "_bucket")

    def _part(self, suffix: str) -> Selector:
        return Selector(self._histogram(), self.matchers, suffix)

    def _histogram(self) -> Histogram:
        if not isinstance(self.signal, Histogram):
            raise DeclarationError(
                f"{self.signal.name} is a {self.signal.kind}: only a histogram has buckets, a sum and a count."
            )
        return self.signal

    def _require(self, name: str, matcher: Matcher) -> None:
        if name in TARGET_LABELS:
            return
        declared = {label.name: label for label in self.signal.labels}
        if name not in declared:
            known = ", ".join((*declared, *TARGET_LABELS))
            raise DeclarationError(f"{self.signal.name} has no label {name!r}: it has {known}.")
        label = declared[name]
        if matcher.operator in ("=", "!=") and label.closed and matcher.value not in label.domain:
            raise DeclarationError(
                f"{self.signal.name} never has {name}={matcher.value!r}: its values are {', '.join(label.domain)}."
            )

    def __str__(self) -> str:
        name = f"{self.signal.name}{self.suffix}"
        inside = ",".join(f"{label}{matcher}" for label, matcher in self.matchers)
        return f"{name}{{{inside}}}" if inside else name
