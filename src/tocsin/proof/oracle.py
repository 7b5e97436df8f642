"""The oracle: when an alert must ring on a day, by what it promises and by what happens; no rule is read.

What happens is counted sample by sample, as Prometheus sees it, so that what is told is exact but for a step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from tocsin.derive import Criterion, Slices
from tocsin.model import Counter, Selector, Service, milliseconds
from tocsin.proof.course import samples
from tocsin.proof.day import Day, Stretch
from tocsin.proof.motion import motion
from tocsin.proof.rehearsal import Pace


def counted(service: Service, stretch: Stretch, of: Counter | Selector, less: Selector | None = None) -> float:
    """Return how many events a second all instances of a service count together, those of *less* left out."""
    if less is not None:
        return counted(service, stretch, of) - counted(service, stretch, less)
    selector = of if isinstance(of, Selector) else Selector(of)
    own = dict(service.target)
    return sum(
        each.value
        for each in motion(service, stretch.visits, stretch.faults).get(selector.signal.name + selector.suffix, ())
        if selector.selects({**own, **dict(each.labels)})
    )


def ringing(criteria: Sequence[Criterion], lasting: str, service: Service, day: Day, pace: Pace) -> list[bool]:
    """Tell for each evaluation of a day whether one of some criteria has held for so long."""
    seen = _Seen(service, day, pace)
    held = [any(each) for each in zip(*(seen.holds(criterion) for criterion in criteria), strict=True)]
    needed = -(-milliseconds(lasting) // (1000 * pace.step))
    since = accumulate(held, lambda steps, holds: steps + 1 if holds else 0, initial=0)
    return [steps > needed for steps in list(since)[1:]]


class _Seen:
    """A day of a service, as it is seen at a pace."""

    def __init__(self, service: Service, day: Day, pace: Pace) -> None:
        self._service = service
        self._stretches = [(each, samples(each, pace.sample)) for each in day.stretches]
        self._pace = pace

    def holds(self, criterion: Criterion) -> Iterator[bool]:
        """Tell for each evaluation whether a criterion holds."""
        share = criterion.share
        if isinstance(share, Slices):
            yield from self._slices(criterion, share)
            return
        bad, total = self._grown(share.bad, share.less), self._grown(share.total)
        parts = [
            [
                lost > criterion.above * all_ and all_ > 0
                for lost, all_ in zip(self._over(bad, window), self._over(total, window), strict=True)
            ]
            for window in criterion.windows
        ]
        enough = [lost >= criterion.count for lost in self._over(bad, criterion.windows[0])]
        yield from (all(each) for each in zip(*parts, enough, strict=True))

    def _slices(self, criterion: Criterion, share: Slices) -> Iterator[bool]:
        total = self._over(self._grown(share.of.sum), share.length)
        count = self._over(self._grown(share.of.count), share.length)
        judged = [number >= share.count for number in count]
        bad = [
            there and of_all < share.at_least * number
            for there, of_all, number in zip(judged, total, count, strict=True)
        ]
        lost, all_ = (list(accumulate(each, initial=0)) for each in (bad, judged))
        for at in range(len(bad)):
            yield all(self._above(criterion, lost, all_, at, window) for window in criterion.windows)

    def _above(self, criterion: Criterion, lost: list[int], all_: list[int], at: int, window: str) -> bool:
        begin = max(0, at - milliseconds(window) // (1000 * self._pace.step))
        judged = all_[at + 1] - all_[begin]
        return lost[at + 1] - lost[begin] > criterion.above * judged

    def _grown(self, of: Counter | Selector, less: Selector | None = None) -> list[float]:
        """Return what a counter has counted at each sample, without what another has."""
        growth: list[float] = []
        for stretch, number in self._stretches:
            growth += [counted(self._service, stretch, of, less) * self._pace.sample] * number
        return list(accumulate(growth))

    def _over(self, grown: list[float], window: str) -> list[float]:
        """Return by how much it has grown over a window, at each evaluation."""
        length = milliseconds(window) // (1000 * self._pace.sample)
        step = self._pace.step // self._pace.sample
        return [grown[at] - grown[max(0, at - length)] for at in range(0, len(grown), step)]
