"""Faults: the ways in which a service breaks, each a change of its healthy behaviour."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tocsin.model.errors import DeclarationError
from tocsin.model.signal import Counter, Selector, Signal


@dataclass(frozen=True, slots=True)
class Fault:
    """A way to break; declare one of its kinds."""


@dataclass(frozen=True, slots=True)
class Down(Fault):
    """Every instance refuses to answer: the scrape fails."""


@dataclass(frozen=True, slots=True)
class Vanish(Fault):
    """The target is gone from Prometheus's list, and its series end."""


@dataclass(frozen=True, slots=True)
class Errors(Fault):
    """This share of the requests is answered with status 500, or of other events is counted as *bad*."""

    ratio: float
    bad: Counter | Selector | None = None

    def __post_init__(self) -> None:
        if not 0 < self.ratio <= 1:
            raise DeclarationError(f"Errors({self.ratio:g}): the ratio must lie above 0 and not above 1.")


@dataclass(frozen=True, slots=True)
class Slow(Fault):
    """Every request takes this many seconds longer."""

    seconds: float

    def __post_init__(self) -> None:
        if not 0 < self.seconds < math.inf:
            raise DeclarationError(f"Slow({self.seconds:g}): the delay must be a positive number of seconds.")


@dataclass(frozen=True, slots=True)
class Silence(Fault):
    """The signal is exposed but no longer moves."""

    signal: Signal


@dataclass(frozen=True, slots=True)
class Shift(Fault):
    """The signal's observations move to this mean."""

    signal: Signal
    mean: float


@dataclass(frozen=True, slots=True)
class Scale(Fault):
    """The signal counts this many times its healthy rate."""

    signal: Signal
    factor: float

    def __post_init__(self) -> None:
        if not 0 <= self.factor < math.inf:
            raise DeclarationError(f"Scale({self.signal.name}, {self.factor:g}): the factor must be 0 or more.")
