"""The matrix of faults and alerts: what rings on what, after which time, and which faults nobody hears."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tocsin.model import Beats, Down, Fault, Flow, Level, Shift, Silence, Spread, Vanish, seconds
from tocsin.proof.days import beside
from tocsin.proof.rehearsal import Reading, Rehearsal
from tocsin.proof.stage import Stage


@dataclass(frozen=True, slots=True)
class Cell:
    """Whether, and after how many seconds, an alert rings on a fault; *meant* tells that it is for it."""

    service: str
    fault: Fault
    alert: str
    after: float | None
    meant: bool
    allowed: bool

    @property
    def problem(self) -> str:
        """What is wrong: it rings, and whoever is for this fault does not say that it may."""
        return "" if self.meant or self.allowed or self.after is None else "rings too, and is not declared in `also`"


@dataclass(frozen=True, slots=True)
class Crossing:
    """A rehearsal of one alert under a fault that is for another, *owner*; None for a fault that is for nobody."""

    rehearsal: Rehearsal
    owner: Stage | None
    stage: Stage
    fault: Fault

    def cell(self, reading: Reading) -> Cell:
        """Return the cell that this reading fills; what is evaluated seldom rings up to a step later than it might."""
        rule = self.stage.rule
        also = self.owner.rule.also if self.owner else ()
        begins = self.rehearsal.day.begins + self.rehearsal.day.stretches[0].seconds
        return Cell(
            service=rule.service,
            fault=self.fault,
            alert=rule.subject,
            after=None if reading.firing is None else max(0.0, reading.firing - begins) + self.rehearsal.pace.step,
            meant=False,
            allowed=self.owner is None or rule.name in also or rule.subject in also,
        )


def crossings(stages: Sequence[Stage]) -> Iterator[Crossing]:
    """Yield what the alerts of one service do on the faults that are for others, and on those that are for nobody."""
    seen: set[Fault] = set()
    for owner in stages:
        for ring in owner.rule.rings[:1]:
            if ring.fault in seen:
                continue
            seen.add(ring.fault)
            for stage in stages:
                if ring.fault not in stage.rule.faults and _worth(owner, stage) and stage.touched((ring.fault,)):
                    yield Crossing(beside(stage, ring.fault, seconds(ring.within)), owner, stage, ring.fault)
    for fault in nobody(stages):
        for stage in stages:
            if stage.touched((fault,)):
                yield Crossing(beside(stage, fault, math.inf), None, stage, fault)


def nobody(stages: Sequence[Stage]) -> Iterator[Fault]:
    """Yield the ways in which a service may break that no alert is for: each of its signals falls silent."""
    meant = {fault for stage in stages for fault in stage.rule.faults}
    candidates: list[Fault] = [Down(), Vanish()]
    for profile in stages[0].service.behaviour:
        match profile:
            case Flow() | Spread() | Beats():
                candidates.append(Silence(profile.signal))
            case Level():
                candidates.append(Shift(profile.signal, 0))
    yield from (fault for fault in dict.fromkeys(candidates) if fault not in meant)


def _worth(owner: Stage, stage: Stage) -> bool:
    """Tell whether a crossing says anything: burn rates of what the same faults spoil are known to ring together."""
    return "slo" not in owner.rule.labels or stage.rule.subject not in owner.rule.also
