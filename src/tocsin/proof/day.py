"""Days: stretches of time in each of which nothing about a service changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tocsin.model import Down, Fault, Flapping, Vanish, seconds


@dataclass(frozen=True, slots=True)
class Instance:
    """A process of a service; its counters begin at 0 with each *life*. One that does not answer is scraped in vain."""

    name: str
    life: int = 0
    answers: bool = True


FLEET = (Instance("a"), Instance("b"))
"""The instances of every service, unless a day says otherwise."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some *seconds* with so many times the usual *visits*, under *faults*, by the instances of a *fleet*.

    *beside* are faults of a neighbour. Where it is not *scraped*, Prometheus is looking elsewhere.
    """

    seconds: float
    visits: float = 1.0
    faults: tuple[Fault, ...] = ()
    fleet: tuple[Instance, ...] = FLEET
    beside: tuple[Fault, ...] = ()
    scraped: bool = True


@dataclass(frozen=True, slots=True)
class Day:
    """Stretches, one after the other, *begins* seconds after the epoch; before that there is nothing."""

    name: str
    stretches: tuple[Stretch, ...] = field(default=())
    begins: float = 0.0

    @property
    def ends(self) -> float:
        """Its end, in seconds after the epoch."""
        return self.begins + sum(stretch.seconds for stretch in self.stretches)


def under(fault: Fault, stretch: Stretch) -> Iterator[Stretch]:
    """Yield *stretch* under a fault."""
    match fault:
        case Down():
            yield replace(stretch, fleet=tuple(replace(each, answers=False) for each in stretch.fleet))
        case Vanish():
            yield replace(stretch, fleet=())
        case Flapping():
            yield from _flapping(fault, stretch)
        case _:
            yield replace(stretch, faults=(*stretch.faults, fault))


def steadily(fault: Fault) -> Fault:
    """Return what comes and goes as it is while it is there."""
    return fault.fault if isinstance(fault, Flapping) else fault


def after(fault: Fault, stretch: Stretch) -> Stretch:
    """Return *stretch* when a fault is over: who was down or gone begins a new life."""
    if isinstance(fault, Down | Vanish):
        return replace(stretch, fleet=tuple(replace(each, life=each.life + 1) for each in stretch.fleet))
    return stretch


def _flapping(fault: Flapping, stretch: Stretch) -> Iterator[Stretch]:
    left, there = stretch.seconds, True
    while left > 0:
        part = replace(stretch, seconds=min(left, seconds(fault.there if there else fault.away)))
        yield from under(fault.fault, part) if there else (part,)
        left -= part.seconds
        there = not there
