"""What is drilled: the alerts whose fault a drill can bring about, which of them side by side, and which are left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tocsin.derive import AlertRule, Plan, Reading, Route
from tocsin.model import Fault, TocsinError, duration
from tocsin.stack.breakage import hindrance, touched

LONGEST = 3600.0
"""Seconds that a drilled alert may have to look back, before they are divided by the speed."""


@dataclass(frozen=True, slots=True)
class Case:
    """An alert, the fault that it is for, and the route on which its message must come.

    *reads* are the metrics that it reads, *reach* the seconds that it looks back.
    """

    rule: AlertRule
    fault: Fault
    route: Route
    reads: frozenset[str] = frozenset()
    reach: float = 0.0


@dataclass(frozen=True, slots=True)
class Left:
    """An alert that is not drilled, and why."""

    rule: AlertRule
    because: str


@dataclass(frozen=True, slots=True)
class Selection:
    """The alerts that are drilled, and those that are left to `tocsin prove`."""

    cases: tuple[Case, ...]
    left: tuple[Left, ...]


def select(plan: Plan, names: Iterable[str] = (), *, speed: int = 1) -> Selection:
    """Return the alerts of these names: `ServiceDown`, `voice-commerce/ServiceDown`, or `voice-commerce` for a service.

    Without names it is every alert. The durations of *plan* were divided by *speed*.

    Raises:
        TocsinError: no alert has such a name, or none of those that have it can be drilled.

    """
    reading = Reading(plan)
    judged = {rule.subject: _judged(plan, reading, rule, speed) for rule in plan.alerts}
    chosen = dict.fromkeys(subject for name in names for subject in _named(plan, name, judged)) or judged
    found = [judged[subject] for subject in chosen]
    return Selection(
        tuple(each for each in found if isinstance(each, Case)), tuple(each for each in found if isinstance(each, Left))
    )


def batches(cases: Iterable[Case]) -> list[tuple[Case, ...]]:
    """Put together what one service may suffer at a time: the same fault, or faults of which no other alert reads.

    Who looks back furthest comes first, before anything else is in its windows.
    """
    found: list[list[Case]] = []
    for case in sorted(cases, key=lambda case: case.reach, reverse=True):
        for batch in found:
            if all(_beside(case, other) for other in batch):
                batch.append(case)
                break
        else:
            found.append([case])
    return [tuple(batch) for batch in found]


def _named(plan: Plan, name: str, judged: dict[str, Case | Left]) -> Iterator[str]:
    rules = [
        rule
        for rule in plan.alerts
        if name in (rule.name, rule.subject, rule.service, f"{rule.service}/{rule.name}") and rule.faults
    ]
    if not rules:
        known = ", ".join(dict.fromkeys(rule.name for rule in plan.alerts if rule.faults))
        raise TocsinError(f"No alert is called {name!r}: choose from {known}.")
    reasons = [each.because for rule in rules if isinstance(each := judged[rule.subject], Left)]
    if len(reasons) == len(rules):
        raise TocsinError(f"{name} is left to `tocsin prove`, because {reasons[0]}.")
    return (rule.subject for rule in rules)


def _judged(plan: Plan, reading: Reading, rule: AlertRule, speed: int) -> Case | Left:
    if not rule.faults:
        return Left(rule, "no fault is declared that it is for")
    if (reach := reading.reach(rule.expr) * speed) > LONGEST:
        whole = round(reach / 60) * 60_000  # what division by the speed took is less than a minute
        return Left(rule, f"it looks back {duration(whole)}, and a drill {duration(int(LONGEST * 1000))} at most")
    fault = next((fault for fault in rule.faults if not hindrance(fault)), None)
    if fault is None:
        return Left(rule, hindrance(rule.faults[0]))
    labels = {"alertname": rule.name, "severity": rule.severity, "team": rule.team, "service": rule.service}
    route = next(route for route in plan.routes if route.labels.items() <= labels.items())
    return Case(rule, fault, route, reading.metrics(rule.expr), reach)


def _beside(one: Case, other: Case) -> bool:
    if one.rule.service != other.rule.service:
        return False
    if one.fault == other.fault:
        return True
    ones, others = touched(one.fault), touched(other.fault)
    if ones is None or others is None:
        return False
    return not (ones & others or ones & other.reads or others & one.reads)
