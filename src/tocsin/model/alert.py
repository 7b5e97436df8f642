"""Alerts: what should wake or tell somebody, why, and the fault it is for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tocsin.model.duration import milliseconds
from tocsin.model.errors import DeclarationError
from tocsin.model.fault import Fault
from tocsin.model.hours import Hours
from tocsin.model.naming import require_alert, words
from tocsin.model.signal import Counter, Selector

Severity = Literal["critical", "warning"]
"""`critical` pages somebody now; `warning` is read in working hours."""

SEVERITIES: tuple[Severity, ...] = ("critical", "warning")


@dataclass(frozen=True, slots=True)
class Events:
    """At least *count* events of a counter within *window*: below that, there is too little to judge."""

    of: Counter | Selector
    count: int
    window: str

    def __post_init__(self) -> None:
        if self.count < 1:
            raise DeclarationError(f"Events of {self.of}: the count must be at least 1.")
        milliseconds(self.window)


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert: PromQL that holds when something is wrong, and the fault that it is for.

    *lasting* is how long it must hold. On each fault of *rings_on* it promises to ring *within* a time, and not sooner
    than *not_before*; on those of *quiet_on*, which are milder, never. *also* names alerts that may ring with it.
    A warning is silent while its service is down, since ServiceDown says so already, and any alert outside of *during*.
    """

    name: str
    when: str = field(kw_only=True)
    severity: Severity = field(kw_only=True)
    because: str = field(kw_only=True)
    within: str = field(kw_only=True)
    runbook: str = field(kw_only=True)
    rings_on: Fault | tuple[Fault, ...] = field(default=(), kw_only=True)
    quiet_on: Fault | tuple[Fault, ...] = field(default=(), kw_only=True)
    not_before: str = field(default="0s", kw_only=True)
    also: tuple[str, ...] = field(default=(), kw_only=True)
    summary: str = field(default="", kw_only=True)
    lasting: str = field(default="0s", kw_only=True)
    at_least: Events | None = field(default=None, kw_only=True)
    during: Hours | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        require_alert(self.name)
        if self.severity not in SEVERITIES:
            raise DeclarationError(
                f"{self.name}: its severity {self.severity!r} must be one of {', '.join(SEVERITIES)}."
            )
        if not self.when.strip() or not self.because.strip():
            raise DeclarationError(
                f"{self.name}: give the PromQL of `when`, and in `because` what it means for customers."
            )
        if milliseconds(self.within) <= milliseconds(self.lasting):
            raise DeclarationError(f"{self.name} cannot ring within {self.within}: it must last {self.lasting} first.")
        if milliseconds(self.within) <= milliseconds(self.not_before):
            raise DeclarationError(f"{self.name} cannot ring within {self.within}, and not before {self.not_before}.")
        if isinstance(self.also, str):
            raise DeclarationError(f"{self.name}: `also` must be a tuple of alerts' names, not one text.")

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults on which this alert must ring."""
        return self.rings_on if isinstance(self.rings_on, tuple) else (self.rings_on,)

    @property
    def near_misses(self) -> tuple[Fault, ...]:
        """The faults that are too mild for this alert."""
        return self.quiet_on if isinstance(self.quiet_on, tuple) else (self.quiet_on,)

    @property
    def headline(self) -> str:
        """The summary, or the name in words where none was given."""
        return self.summary or words(self.name)
