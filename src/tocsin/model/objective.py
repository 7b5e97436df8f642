"""Objectives: how good is good enough, over 30 days.

The vocabulary is that of the SRE Workbook, chapter 2: an SLI is the ratio of good events to all events,
and the error budget is what the objective leaves over.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tocsin.model.errors import DeclarationError
from tocsin.model.naming import require_host
from tocsin.model.signal import Counter, Histogram, Selector

PERIOD = "30d"
"""The period over which every objective is judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A promise about a ratio of good events; declare one of its kinds.

    `min_failures` bad events must lie within a burn rate's long window before it rings,
    so that one failure among few requests pages nobody.
    """

    name: str
    ratio: float
    because: str
    runbook: str = ""
    min_failures: int = 5

    def __post_init__(self) -> None:
        require_host(self.name, "objective's")
        if not 0 < self.ratio < 1:
            raise DeclarationError(
                f"The objective {self.name!r} promises {self.ratio:g}: a ratio lies between 0 and 1, like 0.999."
            )
        if self.min_failures < 1:
            raise DeclarationError(f"The objective {self.name!r}: min_failures must be at least 1.")

    @property
    def budget(self) -> float:
        """The share of events that may be bad, without the noise of binary fractions."""
        return round(1 - self.ratio, 12)


@dataclass(frozen=True, slots=True)
class Availability(Objective):
    """The share of HTTP requests that are not answered with a status of 500 or above."""

    ratio: float
    name: str = field(default="availability", kw_only=True)
    because: str = field(default="Requests fail for reasons that are ours.", kw_only=True)


@dataclass(frozen=True, slots=True)
class Latency(Objective):
    """The share of HTTP requests, or of the observations of another histogram, that take at most *below* seconds."""

    ratio: float
    below: float = field(kw_only=True)
    of: Histogram | None = field(default=None, kw_only=True)
    name: str = field(default="latency", kw_only=True)
    because: str = field(default="People wait longer than we promised.", kw_only=True)

    def __post_init__(self) -> None:
        Objective.__post_init__(self)
        if self.below <= 0:
            raise DeclarationError(f"The objective {self.name!r}: below must be a positive number of seconds.")
        if self.of is not None:
            self.of.at_most(self.below)


@dataclass(frozen=True, slots=True)
class Ratio(Objective):
    """The share of events, by any two counters, that are not bad."""

    bad: Counter | Selector = field(kw_only=True)
    total: Counter | Selector = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Mean(Objective):
    """The share of 5-minute slices with traffic in which a histogram's mean is at least a value.

    A mean is no ratio of events; counting slices of time makes one of it (SRE Workbook, chapter 2,
    on windows-based SLIs).
    Slices with fewer than *min_events* observations are left out.
    """

    signal: Histogram
    at_least: float = field(kw_only=True)
    ratio: float = field(default=0.95, kw_only=True)
    min_events: int = field(default=5, kw_only=True)
    name: str = field(default="quality", kw_only=True)
    because: str = field(default="What we answer is worse than we promised.", kw_only=True)
