"""The days on which every alert is rehearsed: those on which it must ring, and those on which nobody must be called.

One more day is one more function in DAYS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tocsin.derive import Share
from tocsin.derive.clauses import unless_down
from tocsin.model import Down, Errors, Fault, Flapping, Scale, Shift, Slow, Vanish, seconds
from tocsin.proof.day import FLEET, Day, Instance, Stretch, after, steadily, under
from tocsin.proof.opening import openings
from tocsin.proof.rehearsal import Rehearsal, Rings
from tocsin.proof.stage import HOUR, MINUTE, SICK, SICK_NEIGHBOUR, Stage, utmost

A, B = FLEET
NEW_A, NEW_B = Instance("c"), Instance("d")

WAVES = (0.4, 0.8, 1.4, 1.8, 1.2, 0.6)
"""Times the mean traffic, from the quiet hours over the busy ones to quiet again."""
BUSY = 40.0
"""Times the few visits that a day is about, before it: so many that no window that reaches back there is spoilt."""
QUIET, RUSH = 0.4, 1.6
"""Times the mean traffic, which changes so much at once that a ratio over two different windows is no ratio."""
BEFORE = 6
"""Hours before opening at which something is broken already."""
WEEK = 7 * 24 * HOUR
LONG = 96
"""Steps for which an alert is watched under a fault that is for another, and before it."""
FEW, ENOUGH = 0.8, 1.5
"""Times the number of events that an alert needs to judge: too few, and enough."""
ONCE, TWICE = 1.2, 1.6
"""Times the window of the too few events: as long as that, and so long that they were enough in one twice as long."""


def rings(stage: Stage) -> Iterator[Rehearsal]:
    """Each fault that it is for comes, stays for as long as the alert may take, and goes: it rings, then is silent."""
    shown: set[Fault] = set()
    for ring in stage.rule.rings:
        pace = stage.measuring(ring)
        history, there = pace.whole(stage.history(ring)), pace.whole(seconds(ring.within)) + pace.step
        gone = history + there
        silent = seconds(ring.silent_within) if ring.silent_within else stage.longest + MINUTE
        expected = Rings(
            since=history,
            earliest=history + seconds(ring.not_before) - pace.step,
            latest=gone,
            silent_earliest=gone + seconds(ring.silent_not_before) - pace.step,
            silent_latest=gone + silent + pace.step,
            lasting=stage.lasting(ring.fault, pace),
        )
        usual = stage.just_enough(ring)
        during = usual * ring.visits
        recovered = after(ring.fault, stage.stretch(silent + 3 * pace.step, during * ring.ebb))
        calm = pace.whole(seconds(ring.calm)) if ring.calm else history
        busy = (stage.stretch(history - calm, usual * BUSY),) if ring.calm else ()
        before = (*busy, stage.stretch(calm, usual))
        stretches = (*before, *under(ring.fault, stage.stretch(there, during)), recovered)
        day = Day("its fault" if ring.fault not in shown else "its fault in a rush", stretches)
        shown.add(ring.fault)
        yield stage.rings(day, pace, ring.fault, expected.narrowed(stage.foreseen(day, pace, history)))


def near_misses(stage: Stage) -> Iterator[Rehearsal]:
    """Something is a little wrong for a long time, or an error budget is spent slowly: it is silent."""
    for fault in stage.rule.quiet:
        long = min(1.5 * stage.longest, 90 * stage.coarse.step) + seconds(stage.rule.lasting) + 2 * MINUTE
        history = stage.longest if isinstance(fault, Flapping) else stage.settled
        rush = stage.rule.evidence is not None and not isinstance(fault, Flapping)
        busy = (QUIET, RUSH, QUIET) if rush else (1.0,)
        milder = [each for visits in busy for each in under(fault, stage.stretch(long / len(busy), visits))]
        yield stage.silent("a milder fault", (stage.stretch(history), *milder, stage.stretch(stage.settled / 2)), fault)


def healthy(stage: Stage) -> Iterator[Rehearsal]:
    """Traffic rises and falls, and all is well."""
    length = max(2 * HOUR, min(stage.longest, 120 * stage.coarse.step))
    yield stage.silent("a healthy day", (Stretch(length / len(WAVES), visits) for visits in WAVES))


def deploy(stage: Stage) -> Iterator[Rehearsal]:
    """Two new instances take over, one after the other; each old one is gone when its successor has come."""
    fleets = ((A, B, NEW_A), (B, NEW_A), (B, NEW_A, NEW_B))
    stretches = (Stretch(stage.settled), *(Stretch(MINUTE, fleet=fleet) for fleet in fleets))
    yield stage.silent("a rolling deploy", (*stretches, Stretch(stage.settled, fleet=(NEW_A, NEW_B))))


def crash(stage: Stage) -> Iterator[Rehearsal]:
    """One instance after the other crashes, and counts from 0 again a minute later."""
    reborn_a, reborn_b = Instance(A.name, 1), Instance(B.name, 1)
    fleets = ((Instance(A.name, answers=False), B), (reborn_a, B), (reborn_a, Instance(B.name, answers=False)))
    stretches = (Stretch(stage.settled), *(Stretch(MINUTE, fleet=fleet) for fleet in fleets))
    yield stage.silent("crashes and restarts", (*stretches, Stretch(stage.settled, fleet=(reborn_a, reborn_b))))


def scaled_to_zero(stage: Stage) -> Iterator[Rehearsal]:
    """No instance is left for a while; that is for ServiceDown, unless the service may idle."""
    if any(isinstance(fault, Vanish) for fault in stage.rule.faults):
        return
    reborn = tuple(Instance(each.name, 1) for each in FLEET)
    stretches = (
        Stretch(stage.settled),
        Stretch(30 * stage.coarse.step, fleet=()),
        Stretch(stage.settled, fleet=reborn),
    )
    yield stage.silent("scaled to zero", stretches)


def night(stage: Stage) -> Iterator[Rehearsal]:
    """Nobody comes for hours, and then all come again."""
    quiet = 40 * stage.coarse.step
    yield stage.silent("closed over night", (Stretch(stage.settled), Stretch(quiet, 0.0), Stretch(stage.settled)))


def trickle(stage: Stage) -> Iterator[Rehearsal]:
    """Of the few requests that come, one fails in the way that the alert is for."""
    fault = stage.fault
    if stage.rule.evidence is None or not isinstance(fault, Errors | Slow | Shift | Scale):
        return
    moment = max(stage.coarse.step, 5 * MINUTE)
    rate = stage.evidence(utmost(fault), 1.0)
    if not rate:
        return
    visits = 1 / (rate * moment)
    calm = stage.stretch(stage.settled, visits)
    moments = under(utmost(fault), stage.stretch(moment, visits))
    yield stage.silent("one failure in a trickle", (calm, *moments, calm), fault)


def evidence(stage: Stage) -> Iterator[Rehearsal]:
    """Everything fails, of too few events to judge; and of just enough."""
    found, ring = stage.rule.evidence, next(iter(stage.rule.rings), None)
    if found is None or ring is None or stage.rule.criteria:
        return
    usual = found.count / (stage.evidence(ring.fault, 1.0) * seconds(found.window))
    lasting, pace = seconds(stage.rule.lasting), stage.coarse
    few, enough = usual * FEW, usual * ENOUGH
    window = seconds(found.window)
    times = TWICE if stage.part.windows[-1] <= window else ONCE
    long = stage.stretch(times * window + lasting, few)
    yield stage.silent("too few events", (stage.stretch(stage.settled, few), *under(ring.fault, long)), ring.fault)
    history = pace.whole(stage.settled)
    there = pace.whole(max(seconds(ring.within), 1.2 * seconds(found.window) + lasting)) + pace.step
    gone = history + there
    expected = Rings(history, history + lasting - pace.step, gone, gone, gone + pace.step)
    stretches = (Stretch(history, enough), *under(ring.fault, Stretch(there, enough)))
    yield stage.rings(Day("just enough events", stretches), pace, ring.fault, expected)


def counts(stage: Stage) -> Iterator[Rehearsal]:
    """After a busy day few come, and what fails of that is too little for a criterion to judge; or just enough."""
    for criterion in stage.rule.criteria:
        length, pace = seconds(criterion.counted_over), stage.counting(criterion)
        fault = steadily(criterion.fault)
        usual = criterion.enough / (stage.events(criterion, fault) * length)
        longest = seconds(criterion.windows[0])
        for name, times, lasts in (("too few events", FEW, TWICE), ("just enough events", ENOUGH, 1.0)):
            few = usual * times
            busy = pace.whole(max(0.0, stage.longest - longest))
            calm, there = pace.whole(longest), pace.whole(lasts * longest + seconds(stage.rule.lasting)) + 3 * pace.step
            stretches = (
                stage.stretch(busy, BUSY * few),
                stage.stretch(calm, few),
                *under(fault, stage.stretch(there, few)),
            )
            yield stage.told(Day(name, stretches), pace, fault, busy + calm)


def after_a_night(stage: Stage) -> Iterator[Rehearsal]:
    """Nobody came for hours, so that little of a long window is judged; then a mean is spoilt: the fast burn rings."""
    for criterion in stage.rule.criteria[:1]:
        if isinstance(criterion.share, Share):
            continue
        pace, longest = stage.coarse, seconds(criterion.windows[0])
        fault = steadily(criterion.fault)
        times = [pace.whole(time) for time in (stage.longest, longest / 2, longest / 4)]
        day, night, there = (stage.stretch(time, visits) for time, visits in zip(times, (1.0, 0.0, 1.0), strict=True))
        recovered = stage.stretch(seconds(criterion.windows[-1]) * 1.5)
        stretches = (day, night, *under(fault, there), recovered)
        yield stage.told(Day("a fault after a quiet night", stretches), pace, fault, times[0] + times[1])


def gap(stage: Stage) -> Iterator[Rehearsal]:
    """Prometheus scrapes nothing for two minutes; and once both instances answer too late."""
    stretches = [Stretch(stage.settled), Stretch(2 * MINUTE, scraped=False), Stretch(stage.settled)]
    if stage.coarse.step <= MINUTE:
        late = tuple(Instance(each.name, answers=False) for each in FLEET)
        stretches += [Stretch(stage.coarse.step, fleet=late), Stretch(10 * MINUTE)]
    yield stage.silent("a gap in the scrapes", stretches)


def neighbour(stage: Stage) -> Iterator[Rehearsal]:
    """Another service is slow and fails."""
    if stage.neighbour is None:
        return
    long = max(20 * MINUTE, min(stage.longest, 45 * stage.coarse.step))
    yield stage.silent(SICK_NEIGHBOUR, (Stretch(stage.settled), Stretch(long, beside=SICK)))


def service_down(stage: Stage) -> Iterator[Rehearsal]:
    """What rings unless its service is down falls silent when it goes down, which ServiceDown tells."""
    if unless_down(stage.service.name) not in stage.rule.expr or not stage.rule.rings:
        return
    ring, pace = stage.rule.rings[0], stage.coarse
    history, there = pace.whole(stage.settled), pace.whole(seconds(ring.within)) + pace.step
    down = history + there
    expected = Rings(history, history, down, down, down + 2 * pace.step)
    broken = under(ring.fault, Stretch(there, ring.visits))
    gone = under(Down(), Stretch(max(stage.longest / 4, 10 * MINUTE, 3 * pace.step)))
    stretches = (Stretch(history), *broken, *gone)
    yield stage.rings(Day("its service goes down", stretches), pace, ring.fault, expected)


def closing(stage: Stage) -> Iterator[Rehearsal]:
    """What rings is silent once the shop has closed, and what breaks after that calls nobody."""
    if stage.rule.during is None or not stage.rule.rings:
        return
    ring, pace = stage.rule.rings[0], stage.by_the_clock
    there = 2 * pace.whole(seconds(ring.within))
    for opens, closes in openings(stage.rule.during):
        close = pace.whole(closes - opens)
        calm = close - there
        expected = Rings(calm, calm, close, close, close + 2 * pace.step)
        stretches = (stage.stretch(calm), *under(ring.fault, stage.stretch(2 * there)))
        day = Day("the shop closes while it rings", stretches, pace.whole(opens))
        yield stage.rings(day, pace, ring.fault, expected)
    late = (stage.stretch(pace.whole(stage.open_for) + HOUR), *under(ring.fault, stage.stretch(there)))
    yield stage.silent("a fault after closing", late, ring.fault, pace)


def opened(stage: Stage) -> Iterator[Rehearsal]:
    """What broke before the shop opens calls somebody as soon as it is open, and not before."""
    if stage.rule.during is None or not stage.rule.rings:
        return
    ring, pace = stage.rule.rings[0], stage.by_the_clock
    broken = 2 * pace.whole(seconds(ring.within)) + BEFORE * HOUR
    calm = pace.whole(stage.settled)
    for opens, _ in openings(stage.rule.during):
        begins = opens - broken - calm
        begins = pace.whole(begins if begins > 0 else begins + WEEK)
        since, within = calm + broken, pace.whole(seconds(ring.within))
        lasting = seconds(stage.rule.lasting)
        end = since + within + pace.step
        expected = Rings(since, since + lasting - pace.step, end, end, end + pace.step)
        stretches = (stage.stretch(calm), *under(ring.fault, stage.stretch(broken + within + pace.step)))
        yield stage.rings(Day("the shop opens while it is broken", stretches, begins), pace, ring.fault, expected)


DAYS: tuple[Callable[[Stage], Iterator[Rehearsal]], ...] = (
    rings,
    near_misses,
    healthy,
    deploy,
    crash,
    scaled_to_zero,
    night,
    trickle,
    evidence,
    counts,
    after_a_night,
    gap,
    neighbour,
    service_down,
    closing,
    opened,
)


def of_an_alert(stage: Stage) -> Iterator[Rehearsal]:
    """Yield every rehearsal of an alert of its own."""
    for day in DAYS:
        yield from (each for each in day(stage) if each.day.name not in stage.skips)


def beside(stage: Stage, fault: Fault, within: float) -> Rehearsal:
    """Return the rehearsal of an alert under a *fault* that is there *within* seconds for another one."""
    history = stage.settled
    if not isinstance(fault, Down | Vanish):
        history = max(history, min(stage.longest, LONG * stage.coarse.step))
    long = min(within, 1.2 * stage.longest + 5 * MINUTE, LONG * stage.coarse.step)
    return stage.silent("a fault for another", (Stretch(history), *under(fault, Stretch(long))), fault)
