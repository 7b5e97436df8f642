"""Behaviour: how the signals of a service move on a healthy day, each as the sum over all of its instances."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from tocsin.model.distribution import Distribution
from tocsin.model.duration import milliseconds
from tocsin.model.errors import DeclarationError
from tocsin.model.signal import Counter, Gauge, Histogram, Selector, Signal


@dataclass(frozen=True, slots=True)
class Profile:
    """How some series of a signal move; declare one of its kinds."""

    of: Signal | Selector

    @property
    def signal(self) -> Signal:
        """The signal that moves."""
        return self.of.signal if isinstance(self.of, Selector) else self.of

    @property
    def labels(self) -> dict[str, str]:
        """The labels of the one series (or of a histogram's) that moves."""
        return {name: each.value for name, each in self.of.matchers} if isinstance(self.of, Selector) else {}

    def require(self, kind: type[Signal]) -> None:
        """Refuse a signal that is of another kind, or a selection that leaves open which series it means.

        Raises:
            DeclarationError: it is one of these.

        """
        signal = self.signal
        name = type(self).__name__
        if not isinstance(signal, kind):
            raise DeclarationError(f"{name}({signal.name}): it needs a {kind.kind}, and {signal.name} is none.")
        matchers = self.of.matchers if isinstance(self.of, Selector) else ()
        given = {label for label, each in matchers if each.operator == "="}
        missing = [label.name for label in signal.labels if label.name not in given]
        if missing or len(given) != len(matchers):
            raise DeclarationError(
                f"{name}({self.of}): name one series, with a value of {', '.join(missing) or 'each label'}."
            )


@dataclass(frozen=True, slots=True)
class Flow(Profile):
    """Events are counted, so many a second; *steady* ones come whether or not anybody visits the service."""

    of: Counter | Selector
    per_second: float
    steady: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        self.require(Counter)
        _require_rate(self, self.per_second)


@dataclass(frozen=True, slots=True)
class Spread(Profile):
    """Observations are made, so many a second: half of them up to *p50*, 95 of 100 up to *p95*, none above *at_most*.

    They are spread log-normally, as times of answers mostly are. *steady* ones need no visitors.
    """

    of: Histogram | Selector
    per_second: float
    p50: float = field(kw_only=True)
    p95: float = field(kw_only=True)
    at_most: float = field(default=math.inf, kw_only=True)
    steady: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        self.require(Histogram)
        _require_rate(self, self.per_second)
        if not 0 < self.p50 <= self.p95 <= self.at_most:
            raise DeclarationError(f"Spread({self.of}): it needs 0 < p50 <= p95 <= at_most.")

    @property
    def distribution(self) -> Distribution:
        """How the observations are spread."""
        return Distribution(self.p50, self.p95, self.at_most)


@dataclass(frozen=True, slots=True)
class Level(Profile):
    """A gauge stands at a value, in every instance."""

    of: Gauge | Selector
    value: float

    def __post_init__(self) -> None:
        self.require(Gauge)


@dataclass(frozen=True, slots=True)
class Beats(Profile):
    """A gauge is set to the present time, in seconds since the epoch, every so often, whether or not anybody visits."""

    of: Gauge | Selector
    every: str = field(kw_only=True)

    def __post_init__(self) -> None:
        self.require(Gauge)
        if not milliseconds(self.every):
            raise DeclarationError(f"Beats({self.of}): the time between two beats must be above 0.")


def _require_rate(profile: Profile, per_second: float) -> None:
    if not 0 <= per_second < math.inf:
        raise DeclarationError(f"{type(profile).__name__}({profile.of}): per_second must be 0 or more.")
