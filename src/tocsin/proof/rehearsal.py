"""A rehearsal: a day, the rules that look at it, and what must come of it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from tocsin.model import Fault, Service
from tocsin.proof.course import series
from tocsin.proof.day import Day
from tocsin.proof.rules import Slice

SILENT = None
"""What is expected of an alert that must not ring at all."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two samples, and between two evaluations of the rules: a multiple of the former."""

    sample: int
    step: int

    def whole(self, time: float) -> float:
        """Return the whole number of steps that is nearest to a time, in seconds."""
        return max(1, round(time / self.step)) * self.step


@dataclass(frozen=True, slots=True)
class Rings:
    """When an alert must ring and be silent again, each as the earliest and the latest second of a day.

    Its fault begins *since* a second, and is seen there from the next sample on. It is pending for *lasting* before it
    rings, where that is known: a time from the least to the most.
    """

    since: float
    earliest: float
    latest: float
    silent_earliest: float
    silent_latest: float
    lasting: tuple[float, float] = (0.0, math.inf)

    def narrowed(self, other: Rings | None) -> Rings:
        """Return what fulfils another expectation too."""
        if other is None:
            return self
        return replace(
            self,
            earliest=max(self.earliest, other.earliest),
            latest=min(self.latest, other.latest),
            silent_earliest=max(self.silent_earliest, other.silent_earliest),
            silent_latest=min(self.silent_latest, other.silent_latest),
        )

    def moved(self, by: float) -> Rings:
        """Return the same, so many seconds later."""
        return replace(
            self,
            since=self.since + by,
            earliest=self.earliest + by,
            latest=self.latest + by,
            silent_earliest=self.silent_earliest + by,
            silent_latest=self.silent_latest + by,
        )


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A *day* in the life of a *service*, beside a *neighbour*, seen by the rules of a *part* at a *pace*.

    *expected* is what must come of it, and *promised* the labels that the alert must have, whatever its rule says.
    *fault* is what it is about; a day without one is a day on which nobody must be called.
    """

    subject: str
    part: Slice
    service: Service
    neighbour: Service | None
    day: Day
    pace: Pace
    expected: Rings | None = SILENT
    fault: Fault | None = None
    promised: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def series(self) -> dict[str, str]:
        """The input series, as promtool reads them."""
        return series(self.service, self.neighbour, self.day, self.pace.sample, self.part.raw)

    @property
    def key(self) -> str:
        """What two rehearsals have in common of which the same must come."""
        whole = (_digest(self.part), _digest(self.service), _digest(self.neighbour), self.day, self.pace, self.look)
        return hashlib.sha256(repr(whole).encode()).hexdigest()

    @property
    def look(self) -> float:
        """When the messages of the alert are read, in seconds."""
        return self.day.ends if self.expected is None else self.expected.latest - self.pace.step


@lru_cache(maxsize=4096)
def _digest(thing: Slice | Service | None) -> str:
    return hashlib.sha256(repr(thing).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of a rehearsal: when the alert was first pending, first firing and last firing, and what it said.

    *refused* is why promtool would not evaluate the rules, if it did not.
    """

    pending: float | None = None
    firing: float | None = None
    last: float | None = None
    labels: tuple[tuple[str, str], ...] = ()
    annotations: tuple[tuple[str, str], ...] = ()
    refused: str = ""


def judge(rehearsal: Rehearsal, reading: Reading) -> str:
    """Return what is wrong with what came of a rehearsal, or nothing."""
    return next(_problems(rehearsal, reading), "")


def _problems(rehearsal: Rehearsal, reading: Reading) -> Iterator[str]:
    expected = rehearsal.expected
    if expected is None:
        if reading.firing is not None:
            yield f"it rings {span(reading.firing - rehearsal.day.begins)} into the day, and must not"
        return
    since = expected.since
    if reading.firing is None or reading.last is None:
        yield f"it does not ring within {span(expected.latest - rehearsal.pace.step - since)}"
        return
    if reading.firing < since:
        yield f"it rings {span(since - reading.firing)} before anything is wrong"
    elif reading.firing < expected.earliest:
        yield (
            f"it rings after {span(reading.firing - since)}, sooner than the {span(expected.earliest - since)} "
            "before which it must not"
        )
    elif reading.firing > expected.latest:
        yield f"it rings after {span(reading.firing - since)}, not within {span(expected.latest - since)}"
    silent = reading.last + rehearsal.pace.step
    if silent > expected.silent_latest:
        yield f"it still rings {span(silent - expected.silent_latest)} after it should be silent"
    elif silent < expected.silent_earliest:
        yield f"it is silent {span(expected.silent_earliest - silent)} too soon"
    yield from _pending(expected, reading.firing, reading.pending)
    yield from _messages(rehearsal, reading)


def _pending(expected: Rings, firing: float, pending: float | None) -> Iterator[str]:
    least, most = expected.lasting
    was = 0.0 if pending is None else firing - pending
    if was < least:
        yield f"it is pending for {span(was)} before it rings, not for {span(least)}"
    elif was > most:
        yield f"it is pending for {span(was)} before it rings, not for {span(most)} at most"


def _messages(rehearsal: Rehearsal, reading: Reading) -> Iterator[str]:
    rule = rehearsal.part.alert
    said = dict(reading.labels)
    for name, value in {"alertname": rule.name, **rule.labels, **rehearsal.promised}.items():
        if "{{" not in value and said.get(name) != value:
            yield f"its label {name} is {said.get(name, '')!r}, not {value!r}"
    told = dict(reading.annotations)
    for name, value in rule.annotations.items():
        if not told.get(name) or "<no value>" in told[name] or ("{{" not in value and told[name] != value):
            yield f"its annotation {name} says {told.get(name, '')!r}"


def span(seconds: float) -> str:
    """Spell a time for people: 45 s, 12 min, 3.5 h, 2.1 d."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length or (unit == "min" and seconds >= length):
            return f"{seconds / length:.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds:g} s"
