"""Proves a plan: holds every rehearsal of every alert, judges what comes of it, and fills the matrix."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from tocsin.derive import AlertRule, Plan
from tocsin.model import Fault, Flapping, Service, TocsinError, milliseconds
from tocsin.proof.days import of_an_alert
from tocsin.proof.matrix import Cell, crossings, nobody
from tocsin.proof.rehearsal import Reading, Rehearsal, judge
from tocsin.proof.rules import Book, Rule, read
from tocsin.proof.stage import Stage, utmost
from tocsin.proof.theatre import Notice, Theatre
from tocsin.targets import Site
from tocsin.targets.prometheus import groups


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a rehearsal, and what was wrong with it, if anything."""

    rehearsal: Rehearsal
    reading: Reading
    problem: str

    @property
    def after(self) -> float | None:
        """The seconds from the fault until the alert rang, 0 if it had done so before."""
        expected, firing = self.rehearsal.expected, self.reading.firing
        return None if expected is None or firing is None else max(0.0, firing - expected.since)

    @property
    def silent(self) -> float | None:
        """The seconds from the end of the fault until the alert was silent, 0 if it was so before."""
        expected, last = self.rehearsal.expected, self.reading.last
        if expected is None or last is None:
            return None
        return max(0.0, last + self.rehearsal.pace.step - expected.latest)


@dataclass(frozen=True, slots=True)
class Proof:
    """Everything that was rehearsed in so many *seconds*, what was *recalled* of it among that.

    *unheard* are faults, by service, on which nobody rings; *misrouted* alerts of which the wrong people are told, each
    with what is wrong. *notes* are what else is to be known of alerts, each with its name.
    """

    verdicts: tuple[Verdict, ...]
    cells: tuple[Cell, ...]
    unheard: tuple[tuple[str, Fault], ...]
    recalled: int = 0
    seconds: float = 0.0
    notes: tuple[tuple[str, str], ...] = ()
    misrouted: tuple[tuple[str, str], ...] = ()

    @property
    def rehearsals(self) -> int:
        """How many rehearsals it took."""
        return len(self.verdicts) + sum(not cell.meant for cell in self.cells)

    @property
    def problems(self) -> tuple[tuple[str, str], ...]:
        """What is wrong, each as a subject and a sentence's part."""
        days = Counter((each.rehearsal.subject, each.rehearsal.day.name) for each in self.verdicts)
        found = [
            (each.rehearsal.subject, f"{_day(each.rehearsal, days)}: {each.problem}")
            for each in self.verdicts
            if each.problem
        ]
        crossed = ((cell.alert, f"{cell.fault}: {cell.problem}") for cell in self.cells if cell.problem)
        return (*found, *crossed, *self.misrouted)

    @property
    def promised(self) -> tuple[str, ...]:
        """The alerts that must ring on something."""
        ringing = (each.rehearsal.subject for each in self.verdicts if each.rehearsal.expected is not None)
        return tuple(dict.fromkeys(ringing))

    @property
    def proved(self) -> tuple[str, ...]:
        """The alerts that must ring on something, and with which nothing is wrong."""
        wrong = {subject for subject, _ in self.problems}
        return tuple(subject for subject in self.promised if subject not in wrong)


def _day(rehearsal: Rehearsal, days: Mapping[tuple[str, str], int]) -> str:
    """Return what a day is called: by its fault too, if there are several of its name."""
    name = rehearsal.day.name
    return f"{name} ({rehearsal.fault})" if days[rehearsal.subject, name] > 1 else name


def book(plan: Plan, site: Site) -> Book:
    """Return the rules of a plan as they are written for a site."""
    owners = dict.fromkeys(group.owner for group in plan.groups)
    return Book([rule for owner in owners for rule in read(groups(plan, site, owner))])


def stages(plan: Plan, rules: Book, names: Iterable[str] = ()) -> list[Stage]:
    """Return a stage for each alert that rings on something, or for those of these names; see choose."""
    services = {service.name: service for service in plan.catalog.services}
    scrape = max(1, milliseconds(plan.scrape_interval) // 1000)
    found = []
    for rule in plan.alerts:
        if rule.rings:
            part = rules.cut(written(rules, rule))
            stage = Stage(rule, part, services[rule.service], _neighbour(plan, rule.service), scrape)
            found.append(replace(stage, else_wrong=_else_wrong(plan, stage)))
    return choose(found, names)


def _neighbour(plan: Plan, name: str) -> Service | None:
    """Return another service: the one with most objectives of the same names, which `service` alone tells apart."""
    objectives = {each.name: {objective.name for objective in each.objectives} for each in plan.catalog.services}
    others = [each for each in plan.catalog.services if each.name != name]
    return max(others, key=lambda each: len(objectives[each.name] & objectives[name]), default=None)


def choose(found: list[Stage], names: Iterable[str]) -> list[Stage]:
    """Return the stages of alerts with these names, subjects or services; all without any name.

    Raises:
        TocsinError: no alert has such a name.

    """
    called = [{stage.rule.name, stage.rule.subject, stage.rule.service} for stage in found]
    wanted = set(names)
    for name in sorted(wanted - set().union(*called)):
        known = ", ".join(dict.fromkeys(stage.rule.name for stage in found))
        raise TocsinError(f"No alert is called {name!r}: choose from {known}, or name a service.")
    return [stage for stage, own in zip(found, called, strict=True) if not wanted or wanted & own]


def _else_wrong(plan: Plan, stage: Stage) -> tuple[Fault, ...]:
    """Return the faults of a stage's service that its alert does not read, each as bad as can be."""
    faults = [utmost(rule.rings[0].fault) for rule in plan.alerts if rule.rings and rule.service == stage.rule.service]
    found: tuple[Fault, ...] = ()
    for fault in dict.fromkeys(faults):
        if not isinstance(fault, Flapping) and not stage.touched((*found, fault)):
            found = (*found, fault)
    return found


def written(rules: Book, rule: AlertRule) -> Rule:
    """Return an alert as it is written."""
    wanted = {"service": rule.service, **rule.labels}
    return next(each for each in rules.alerts if each.name == rule.name and wanted.items() <= each.labels.items())


def prove(theatre: Theatre, chosen: Sequence[Stage], everybody: Sequence[Stage], notice: Notice) -> Proof:
    """Rehearse the *chosen* alerts, each under its own faults and under those of all alerts of its service."""
    began, known = time.monotonic(), theatre.recalled
    own = [rehearsal for stage in chosen for rehearsal in of_an_alert(stage)]
    subjects = {stage.rule.subject for stage in chosen}
    by_service = [list(found) for _, found in groupby(everybody, key=lambda stage: stage.service.name)]
    crossed = [each for found in by_service for each in crossings(found) if each.rehearsal.subject in subjects]
    readings = theatre.hold([*own, *(each.rehearsal for each in crossed)], notice)
    verdicts = tuple(Verdict(each, reading, judge(each, reading)) for each, reading in zip(own, readings, strict=False))
    cells = (
        *(_meant(verdict) for verdict in verdicts if verdict.rehearsal.day.name == "its fault"),
        *(each.cell(reading) for each, reading in zip(crossed, readings[len(own) :], strict=True)),
    )
    heard = {(cell.service, cell.fault) for cell in cells if cell.after is not None}
    unheard = tuple(
        (found[0].service.name, fault)
        for found in by_service
        if all(stage.rule.subject in subjects for stage in found)
        for fault in nobody(found)
        if (found[0].service.name, fault) not in heard
    )
    return Proof(verdicts, cells, unheard, theatre.recalled - known, time.monotonic() - began)


def _meant(verdict: Verdict) -> Cell:
    rehearsal = verdict.rehearsal
    if rehearsal.fault is None:
        raise AssertionError(f"{rehearsal.subject} rings on no fault")
    return Cell(rehearsal.service.name, rehearsal.fault, rehearsal.subject, verdict.after, meant=True, allowed=True)
