"""Scenarios: what is promised of alerts that others wrote, and how the services behave that they watch."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.model.duration import milliseconds
from tocsin.model.errors import DeclarationError
from tocsin.model.fault import Fault
from tocsin.model.foreign import ForeignService
from tocsin.model.passage import Place

FALSE_ALARMS = (
    "a healthy day",
    "a rolling deploy",
    "crashes and restarts",
    "scaled to zero",
    "closed over night",
    "a gap in the scrapes",
)
"""The days on which nobody may be called, whatever an alert is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What an *alert* promises of a *service*: it rings on each of *rings_on* within a time, and on no *quiet_on*.

    See Alert for the times and *also*; once a fault is gone it is silent within *silent_within*, if that is said.
    """

    alert: str
    service: str
    place: Place
    rings_on: tuple[Fault, ...] = ()
    quiet_on: tuple[Fault, ...] = ()
    within: str = ""
    not_before: str = "0s"
    silent_within: str = ""
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.rings_on and not self.within:
            raise DeclarationError(f"{self.alert}: say within which time it must ring, like `within: 10m`.")
        if self.within and milliseconds(self.within) <= milliseconds(self.not_before):
            raise DeclarationError(f"{self.alert} cannot ring within {self.within}, and not before {self.not_before}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenarios:
    """Everything that a file says: its services, and what is promised of alerts."""

    file: str
    services: tuple[ForeignService, ...]
    promised: tuple[Scenario, ...]
    scrape: int = 15
    """Seconds between two scrapes."""
