"""Faults: the ways in which a service breaks, each a change of its healthy behaviour."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tocsin.model.duration import milliseconds
from tocsin.model.errors import DeclarationError
from tocsin.model.signal import Counter, Histogram, Selector, Signal


@dataclass(frozen=True, slots=True)
class Fault:
    """A way to break; declare one of its kinds."""


@dataclass(frozen=True, slots=True)
class Down(Fault):
    """Every instance refuses to answer: the scrape fails."""

    def __str__(self) -> str:
        return "no instance answers"


@dataclass(frozen=True, slots=True)
class Vanish(Fault):
    """The target is gone from Prometheus's list, and its series end."""

    def __str__(self) -> str:
        return "no instance is there"


@dataclass(frozen=True, slots=True)
class Unreachable(Fault):
    """The public URL is not answered though the service is well: its certificate, its name or the way in is broken."""

    def __str__(self) -> str:
        return "the public URL does not answer"


@dataclass(frozen=True, slots=True)
class Errors(Fault):
    """This share of the requests is answered with status 500, or of the events *of* is counted as *bad*."""

    ratio: float
    bad: Counter | Selector | None = None
    of: Counter | Selector | None = None

    def __post_init__(self) -> None:
        if not 0 < self.ratio <= 1:
            raise DeclarationError(f"Errors({self.ratio:g}): the ratio must lie above 0 and not above 1.")
        if (self.bad is None) != (self.of is None):
            raise DeclarationError(f"Errors({self.ratio:g}): give both what is bad and of what, or neither.")

    def __str__(self) -> str:
        if self.bad is None:
            return f"{percent(self.ratio)} of the requests fail"
        return f"{percent(self.ratio)} of {self.of} end in {self.bad}"


@dataclass(frozen=True, slots=True)
class Slow(Fault):
    """This share of the requests, or of the observations *of* another histogram, takes this many seconds longer.

    If what the histogram observes is no time in seconds, its observations are greater by so much, in its own unit.
    """

    seconds: float
    share: float = 1.0
    of: Histogram | Selector | None = None

    def __post_init__(self) -> None:
        if not 0 < self.seconds < math.inf:
            raise DeclarationError(f"Slow({self.seconds:g}): the delay must be a positive number of seconds.")
        if not 0 < self.share <= 1:
            raise DeclarationError(f"Slow({self.seconds:g}): the share must lie above 0 and not above 1.")

    def __str__(self) -> str:
        return f"{percent(self.share)} of the {self.of or 'requests'} {self.how}"

    @property
    def how(self) -> str:
        """How what is slow differs: in seconds, or in the unit of the histogram."""
        signal = self.of.signal if isinstance(self.of, Selector) else self.of
        if signal is None or signal.name.endswith("_seconds"):
            return f"take {self.seconds:g} s longer"
        return f"are {self.seconds:g} greater"


def _whole(signal: object, kind: str) -> None:
    if not isinstance(signal, Signal):
        raise DeclarationError(f"{kind}({signal}): this fault befalls a whole signal: name it without where(...).")


@dataclass(frozen=True, slots=True)
class Silence(Fault):
    """The signal is exposed but no longer moves."""

    signal: Signal

    def __post_init__(self) -> None:
        _whole(self.signal, "Silence")

    def __str__(self) -> str:
        return f"{self.signal} stands still"


@dataclass(frozen=True, slots=True)
class Shift(Fault):
    """The signal's observations move to this mean."""

    signal: Signal
    mean: float

    def __post_init__(self) -> None:
        _whole(self.signal, "Shift")

    def __str__(self) -> str:
        return f"{self.signal} moves to {self.mean:g}"


@dataclass(frozen=True, slots=True)
class Scale(Fault):
    """The signal counts this many times its healthy rate."""

    signal: Signal
    factor: float

    def __post_init__(self) -> None:
        _whole(self.signal, "Scale")
        if not 0 <= self.factor < math.inf:
            raise DeclarationError(f"Scale({self.signal.name}, {self.factor:g}): the factor must be 0 or more.")

    def __str__(self) -> str:
        return f"{self.signal} counts {self.factor:g} times as fast"


@dataclass(frozen=True, slots=True)
class Flapping(Fault):
    """The *fault* comes and goes: it is there for one time, and away for another, over and over."""

    fault: Fault
    there: str
    away: str

    def __post_init__(self) -> None:
        if isinstance(self.fault, Flapping):
            raise DeclarationError("Flapping: its fault must be of another kind.")
        if not milliseconds(self.there) or not milliseconds(self.away):
            raise DeclarationError("Flapping: the times for which its fault is there and away must be above 0.")

    def __str__(self) -> str:
        return f"{self.fault}, for {self.there} and not for {self.away} in turn"


def percent(ratio: float) -> str:
    """Spell a share for people, with every digit that was meant: 99.95 % must not become 100 %."""
    return f"{ratio * 100:.10g} %"
