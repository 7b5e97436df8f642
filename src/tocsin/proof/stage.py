"""A stage: one alert, the service that it watches, and how long things take for it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tocsin.derive import AlertRule, Criterion, Ring, Share
from tocsin.model import (
    PROBE,
    Down,
    Errors,
    Fault,
    Flapping,
    Flow,
    Scale,
    Service,
    Signal,
    Slow,
    Spread,
    Unreachable,
    Vanish,
    seconds,
)
from tocsin.proof import oracle
from tocsin.proof.course import moving
from tocsin.proof.day import Day, Stretch, under
from tocsin.proof.opening import opening
from tocsin.proof.oracle import counted
from tocsin.proof.rehearsal import Pace, Rehearsal, Rings
from tocsin.proof.rules import Slice

COARSEST = 1800
"""Seconds between two samples at most."""
FINE, FORESEEN, COARSE = 10, 8, 5
"""Samples in the shortest window: where times are measured, where they are foreseen, where only silence is expected."""
OFTEN = 12
"""Evaluations in the window in which events are counted."""
CLOCK = 180
"""Seconds between two evaluations on a day about opening hours, at least."""
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
        sample = _rounded(min(COARSEST, (_shortest(raw, window) if raw else WITHOUT) / samples), self.scrape)
        step = _rounded(min(COARSEST, _shortest(recorded, window) / samples), sample) if recorded else sample
        return Pace(sample, step)

    def measuring(self, ring: Ring) -> Pace:
        """Return the pace at which the times of a ring are measured, roughly if another one is stricter."""
        if isinstance(ring.fault, Flapping):
            return self.pace(FINE)
        roughly = ring.visits == 1 and any(other.visits != 1 for other in self.rule.rings)
        samples = COARSE if roughly else FORESEEN if self.rule.criteria else FINE
        return self.pace(samples, seconds(ring.window) if ring.window else 0.0)

    def counting(self, criterion: Criterion) -> Pace:
        """Return the pace at which the long window of a criterion is evaluated often enough to see events run short."""
        pace = self.pace(COARSE, seconds(criterion.windows[-1]))
        return replace(pace, step=_rounded(seconds(criterion.windows[0]) / OFTEN, pace.step))

    @property
    def by_the_clock(self) -> Pace:
        """The pace at which opening hours begin and end."""
        pace = self.coarse
        return replace(pace, step=_rounded(CLOCK, pace.step))

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
    def open_for(self) -> float:
        """How many seconds it is open on that day."""
        opens, closes = opening(self.rule.during) if self.rule.during else (0.0, 0.0)
        return closes - opens

    @property
    def fault(self) -> Fault | None:
        """The fault that the alert is for."""
        return self.rule.rings[0].fault if self.rule.rings else None

    def stretch(self, time: float, visits: float = 1.0) -> Stretch:
        """Return a stretch in which all is well with what the alert reads, and nothing else is.

        Of what comes without *visits* so many times as much comes too, where the alert counts that.
        """
        beside = () if SICK_NEIGHBOUR in self.skips else SICK
        busy = tuple(Scale(signal, visits) for signal in self._steady) if visits != 1 else ()
        return Stretch(time, visits, (*self.else_wrong, *busy), beside=beside)

    @property
    def _steady(self) -> tuple[Signal, ...]:
        """The signals that the alert judges and that do not depend on visits."""
        judged = {name for each in self.rule.criteria for name in each.signals}
        if self.rule.evidence is not None:
            judged |= self.rule.evidence.signals
        steady = (each for each in self.service.behaviour if isinstance(each, Flow | Spread) and each.steady)
        return tuple(dict.fromkeys(each.signal for each in steady if each.signal.name in judged))

    def touched(self, faults: tuple[Fault, ...]) -> bool:
        """Tell whether faults change anything that the alert reads."""
        wanted = frozenset(self.part.raw)
        probed = any(each.metric == PROBE.name for each in wanted)
        gone = (Down, Vanish, Unreachable) if probed else (Down, Vanish)
        return any(isinstance(fault, gone) for fault in faults) or moving(self.service, 1.0, faults, wanted) != moving(
            self.service, 1.0, (), wanted
        )

    def silent(
        self, name: str, stretches: Iterable[Stretch], fault: Fault | None = None, pace: Pace | None = None
    ) -> Rehearsal:
        """Return a day on which the alert must not ring."""
        return self._rehearsal(Day(name, tuple(stretches), self.begins), pace or self.coarse, fault)

    def foreseen(self, day: Day, pace: Pace, since: float) -> Rings | None:
        """Return when the alert must ring and be silent again, by its criteria; None if it must not ring at all."""
        ringing = oracle.ringing(self.rule.criteria, self.rule.lasting, self.service, day, pace)
        if True not in ringing:
            return None
        first = ringing.index(True) * pace.step
        silent = (len(ringing) - ringing[::-1].index(True)) * pace.step
        step = pace.step
        return Rings(since, max(since, first - step), first + 2 * step, silent - step, silent + step)

    def rings(self, day: Day, pace: Pace, fault: Fault, expected: Rings) -> Rehearsal:
        """Return a day on which it must ring, as *expected*, which counts from the day's beginning."""
        begins = day.begins or self.begins
        return replace(self._rehearsal(replace(day, begins=begins), pace, fault), expected=expected.moved(begins))

    def told(self, day: Day, pace: Pace, fault: Fault, since: float) -> Rehearsal:
        """Return a day on which the alert must ring, or not, as its criteria tell."""
        foreseen = self.foreseen(day, pace, since)
        return self._rehearsal(day, pace, fault) if foreseen is None else self.rings(day, pace, fault, foreseen)

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
        enough = self.longest if ring.calm else min(self.longest, 4 * ring.visits * seconds(ring.within))
        return max(10 * MINUTE, enough) + self.part.offset

    def lasting(self, fault: Fault, pace: Pace) -> tuple[float, float]:
        """Return for how long the alert is pending before it rings on a fault, at least and at most."""
        lasting = seconds(self.rule.lasting)
        return (lasting, math.inf if isinstance(fault, Flapping) else math.ceil(lasting / pace.step) * pace.step)

    def events(self, criterion: Criterion, fault: Fault) -> float:
        """Return how many of the events that a criterion wants enough of happen in a second under a fault."""
        share = criterion.share
        if not isinstance(share, Share):
            return counted(self.service, Stretch(1.0), share.of.count)
        (stretch,) = under(fault, Stretch(1.0))
        return counted(self.service, stretch, share.bad, share.less)

    def just_enough(self, ring: Ring) -> float:
        """Return so few visits, times the usual ones, that an objective's alert has just enough events when it rings.

        Its times are those of ratios, which are the same with few visits and with many. Enough are there a little
        before it may ring: what would ring too soon is not held back.
        """
        found = self.rule.evidence
        if found is None or "slo" not in self.rule.labels or seconds(found.window) < seconds(ring.not_before):
            return 1.0
        events = self.evidence(ring.fault, ring.visits) * seconds(ring.not_before)
        return min(1.0, SOON * found.count / events) if events else 1.0

    def evidence(self, fault: Fault, visits: float) -> float:
        """Return how many of the events that the alert counts happen in a second under a fault."""
        found = self.rule.evidence
        if found is None:
            return 0.0
        (stretch,) = list(under(fault, self.stretch(1.0, visits)))[:1]
        return counted(self.service, stretch, found.of, found.less)


def _rounded(time: float, unit: int) -> int:
    return max(unit, int(time // unit) * unit)


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
