"""A stage: one alert, the service that it watches, and how long things take for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tocsin.derive import AlertRule, Ring
from tocsin.model import Counter, Down, Errors, Fault, Flapping, Selector, Service, Slow, Vanish, seconds
from tocsin.proof.course import moving
from tocsin.proof.day import Day, Stretch, under
from tocsin.proof.motion import motion
from tocsin.proof.opening import opening
from tocsin.proof.rehearsal import Pace, Rehearsal, Rings
from tocsin.proof.rules import Slice

COARSEST = 1800
"""Seconds between two samples at most."""
FINE, COARSE = 10, 5
"""Samples in the shortest window: where times are measured, and where only silence is expected."""
WITHOUT = 300.0
"""Seconds in which so many samples lie for an alert without any window."""

MINUTE, HOUR = 60.0, 3600.0

SOON = 1.25
"""Times the events that an alert needs, which are there when it may ring."""

SICK_NEIGHBOUR = "a sick neighbour"
"""The day on which a neighbour is sick; to whom it does not happen, no neighbour is on any other day."""
SICK = (Errors(1.0), Slow(60.0, 0.95))
"""What is wrong with a neighbour on a day on which that must not matter."""


@dataclass(frozen=True, slots=True)
class Stage:
    """An alert as it is *promised* by its rule, and as it is written in its *part* of all rules.

    *skips* names days that do not happen to it. *else_wrong* are faults of its service that change nothing of what it
    reads.
    """

    rule: AlertRule
    part: Slice
    service: Service
    neighbour: Service | None
    scrape: int
    skips: frozenset[str] = frozenset()
    else_wrong: tuple[Fault, ...] = ()

    def pace(self, samples: int, window: float = 0.0) -> Pace:
        """Return the pace at which the shortest window, of those from *window* on, holds so many samples.

        Rules that read recordings alone are evaluated less often than their raw series are sampled.
        """
        raw, recorded = self.part.raw_windows, self.part.recorded_windows
        sample = self._rounded((_shortest(raw, window) if raw else WITHOUT) / samples, self.scrape)
        step = self._rounded(_shortest(recorded, window) / samples, sample) if recorded else sample
        return Pace(sample, step)

    @staticmethod
    def _rounded(time: float, unit: int) -> int:
        return max(unit, int(min(COARSEST, time) // unit) * unit)

    @property
    def fine(self) -> Pace:
        """The pace at which times are measured."""
        return self.pace(FINE)

    @property
    def coarse(self) -> Pace:
        """The pace at which only silence is expected."""
        return self.pace(COARSE)

    @property
    def longest(self) -> float:
        """The seconds over which the alert looks back, and for which its condition must hold."""
        return (self.part.windows[-1] if self.part.windows else 0.0) + seconds(self.rule.lasting)

    @property
    def settled(self) -> float:
        """The seconds of health before and after an event: too few for the longest windows, which is the stricter."""
        return max(10 * MINUTE, min(self.longest, 30 * self.coarse.step)) + self.part.offset

    @property
    def begins(self) -> float:
        """When its days begin: with its opening hours, where it has them."""
        return opening(self.rule.during)[0] if self.rule.during else 0.0

    @property
    def fault(self) -> Fault | None:
        """The fault that the alert is for."""
        return self.rule.rings[0].fault if self.rule.rings else None

    def stretch(self, time: float, visits: float = 1.0) -> Stretch:
        """Return a stretch in which all is well with what the alert reads, and nothing else is."""
        return Stretch(time, visits, self.else_wrong, beside=() if SICK_NEIGHBOUR in self.skips else SICK)

    def touched(self, faults: tuple[Fault, ...]) -> bool:
        """Tell whether faults change anything that the alert reads."""
        wanted = frozenset(self.part.raw)
        return any(isinstance(fault, Down | Vanish) for fault in faults) or moving(
            self.service, 1.0, faults, wanted
        ) != moving(self.service, 1.0, (), wanted)

    def silent(self, name: str, stretches: Iterable[Stretch], fault: Fault | None = None) -> Rehearsal:
        """Return a day on which the alert must not ring."""
        return self._rehearsal(Day(name, tuple(stretches), self.begins), self.coarse, fault)

    def rings(self, day: Day, pace: Pace, fault: Fault, expected: Rings) -> Rehearsal:
        """Return a day on which it must ring, as *expected*, which counts from the day's beginning."""
        at = self.begins
        moved = Rings(*(time + at for time in expected.times))
        return replace(self._rehearsal(replace(day, begins=at), pace, fault), expected=moved)

    def _rehearsal(self, day: Day, pace: Pace, fault: Fault | None) -> Rehearsal:
        promised = {"severity": self.rule.severity, "team": self.rule.team}
        return Rehearsal(
            subject=self.rule.subject,
            part=self.part,
            service=self.service,
            neighbour=self.neighbour,
            day=day,
            pace=pace,
            fault=fault,
            promised={name: value for name, value in promised.items() if value},
        )

    def history(self, ring: Ring) -> float:
        """Return the seconds of health before a ring's fault, so many that no longer window is empty in its stead."""
        return max(10 * MINUTE, min(self.longest, 4 * seconds(ring.within))) + self.part.offset

    def just_enough(self, ring: Ring) -> float:
        """Return so few visits, times the usual ones, that an objective's alert has just enough events when it rings.

        Its times are those of ratios, which are the same with few visits and with many. Enough are there a little
        before it may ring: what would ring too soon is not held back.
        """
        found = self.rule.evidence
        if found is None or "slo" not in self.rule.labels or seconds(found.window) < seconds(ring.not_before):
            return 1.0
        events = self.evidence(ring.fault, ring.visits) * seconds(ring.not_before)
        return min(1.0, SOON * found.count / events) if events and not self.steady(ring.fault) else 1.0

    def steady(self, fault: Fault) -> bool:
        """Tell whether what the alert counts goes on when fewer visitors come."""
        return self.evidence(fault, 0.5) > 0.9 * self.evidence(fault, 1.0)

    def evidence(self, fault: Fault, visits: float) -> float:
        """Return how many of the events that the alert counts happen in a second under a fault."""
        found = self.rule.evidence
        if found is None:
            return 0.0
        (stretch,) = list(under(fault, Stretch(1.0, visits)))[:1]
        return self._events(found.of, stretch) - (self._events(found.less, stretch) if found.less else 0.0)

    def _events(self, of: Counter | Selector, stretch: Stretch) -> float:
        selector = of if isinstance(of, Selector) else Selector(of)
        own = dict(self.service.target)
        moving = motion(self.service, stretch.visits, stretch.faults)
        return sum(
            each.value
            for each in moving.get(selector.signal.name + selector.suffix, ())
            if selector.selects({**own, **dict(each.labels)})
        )


def _shortest(windows: Iterable[float], least: float) -> float:
    """Return the shortest window of those that are long enough, or the longest of those that are not."""
    found = sorted(windows)
    return next((window for window in found if window >= least), found[-1])


def utmost(fault: Fault) -> Fault:
    """Return a fault that spoils everything that it spoils a share of."""
    match fault:
        case Errors():
            return replace(fault, ratio=1.0)
        case Slow():
            return replace(fault, share=1.0)
        case Flapping(fault=inner):
            return utmost(inner)
        case _:
            return fault
