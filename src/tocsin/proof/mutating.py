"""Holds the rehearsals of a plan by rules that are broken on purpose, until one of them notices."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from tocsin import promql
from tocsin.derive import Plan
from tocsin.proof.alike import World
from tocsin.proof.days import of_an_alert
from tocsin.proof.matrix import Crossing, crossings
from tocsin.proof.mutants import Edit, Mutant, mutants, text
from tocsin.proof.rehearsal import Reading, Rehearsal, judge
from tocsin.proof.routing import edits, misrouted
from tocsin.proof.rules import Book, Slice, selectors
from tocsin.proof.stage import Stage
from tocsin.proof.theatre import Notice, Theatre

ROUTES = "alertmanager.yml"
"""The subject of what becomes of routes."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one *edit* of the *text* of a *subject*: what *caught* it, or nothing if it survived.

    *readers* are the alerts that were rehearsed.
    """

    operator: str
    subject: str
    text: str
    edit: Edit
    readers: tuple[str, ...]
    caught: str

    @property
    def change(self) -> str:
        """What was changed, in words."""
        old = self.text[self.edit.span.start : self.edit.span.end].strip()
        return f"`{old}` becomes `{self.edit.text}`" if self.edit.text else f"`{old}` is removed"


@dataclass(frozen=True, slots=True)
class Mutation:
    """What became of all mutants."""

    outcomes: tuple[Outcome, ...]

    @property
    def survivors(self) -> tuple[Outcome, ...]:
        """Those that nothing noticed."""
        return tuple(outcome for outcome in self.outcomes if not outcome.caught)

    @property
    def score(self) -> float:
        """The share of the mutants that were caught."""
        return 1 - len(self.survivors) / len(self.outcomes) if self.outcomes else 1.0

    @property
    def operators(self) -> Iterator[tuple[str, int, int]]:
        """Each way to break a rule, with how many of its mutants were caught, and of how many."""
        whole = Counter(outcome.operator for outcome in self.outcomes)
        alive = Counter(outcome.operator for outcome in self.survivors)
        return ((name, whole[name] - alive[name], whole[name]) for name in whole)


@dataclass(frozen=True, slots=True)
class _Trial:
    """A rehearsal, of a crossing or of an alert's own; *name* is the same for alerts that are alike."""

    name: tuple[str, str, int]
    rehearsal: Rehearsal
    crossing: Crossing | None = None

    @property
    def order(self) -> tuple[bool, bool, float]:
        """What tells much comes first, and of that what takes little."""
        day, pace = self.rehearsal.day, self.rehearsal.pace
        return (self.rehearsal.expected is None, self.rehearsal.fault is None, (day.ends - day.begins) / pace.step)

    def by(self, part: Slice) -> _Trial:
        """Return it as it is held by other rules."""
        return replace(self, rehearsal=replace(self.rehearsal, part=part))

    def problem(self, reading: Reading) -> str:
        """Return what is noticed, or nothing."""
        if reading.refused:
            return reading.refused
        said = judge(self.rehearsal, reading) if self.crossing is None else self.crossing.cell(reading).problem
        return f"{self.rehearsal.subject}, {self.rehearsal.day.name}: {said}" if said else ""


class _Experience:
    """Which trials caught what was alike before: objectives have the same rules, so their mutants die alike."""

    def __init__(self) -> None:
        self._caught: Counter[tuple[object, ...]] = Counter()

    def sorted(self, mutant: Mutant, trials: Iterable[_Trial]) -> list[_Trial]:
        """Return *trials* with those first that are likely to catch a mutant."""

        def order(trial: _Trial) -> tuple[object, ...]:
            alike, roughly = (self._caught[kind] for kind in _kinds(mutant, trial))
            return (-alike, -roughly, trial.order)

        return sorted(trials, key=order)

    def learn(self, mutant: Mutant, trial: _Trial) -> None:
        """Remember what caught a mutant."""
        self._caught.update(_kinds(mutant, trial))


def _kinds(mutant: Mutant, trial: _Trial) -> tuple[tuple[object, ...], tuple[object, ...]]:
    """Return what a mutant is like, closely and roughly, with the trial."""
    name = mutant.original.name
    return (name, mutant.operator, mutant.number, trial.name), (name, trial.name)


class Hunt:
    """Hunts the mutants of all rules that some *chosen* alerts read."""

    def __init__(self, theatre: Theatre, rules: Book, chosen: Sequence[Stage], everybody: Sequence[Stage]) -> None:
        self._theatre = theatre
        self._rules = rules
        self._stages = list(chosen)
        self._everybody = everybody
        self._experience = _Experience()
        self._trials = {stage.rule.subject: tuple(_own(stage)) for stage in chosen}

    @cached_property
    def mutants(self) -> tuple[Mutant, ...]:
        """Every mutant; a recording that reads no series is the same in all rehearsals, which have no say in it.

        What selects the same as before, without one of its matchers, is none.
        """
        read = {id(rule): rule for stage in self._stages for rule in stage.part.rules}
        world = World(tuple(dict.fromkeys(stage.service for stage in self._everybody)), self._rules)
        found = (each for rule in read.values() if rule.alerts or selectors(rule.expr) for each in mutants(rule))
        return tuple(each for each in found if each.operator != "matcher" or not world.alike(each))

    def run(self, notice: Notice) -> Mutation:
        """Return what becomes of every mutant.

        Raises:
            TocsinError: promtool cannot be run.

        """
        found: dict[int, Outcome] = {}
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as cores:
            runs = {cores.submit(self._outcome, mutant): number for number, mutant in enumerate(self.mutants)}
            try:
                for run in as_completed(runs):
                    found[runs[run]] = run.result()
                    notice(len(found), len(runs))
            finally:
                cores.shutdown(wait=False, cancel_futures=True)
                self._theatre.remember()
        return Mutation(tuple(found[number] for number in range(len(found))))

    def _outcome(self, mutant: Mutant) -> Outcome:
        readers = [stage for stage in self._stages if any(rule is mutant.original for rule in stage.part.rules)]
        refused = promql.syntax_problem(mutant.rule.expr)
        return Outcome(
            operator=mutant.operator,
            subject=_subject(mutant, readers),
            text=text(mutant.original, mutant.edit.part),
            edit=mutant.edit,
            readers=tuple(stage.rule.subject for stage in readers),
            caught=refused.message if refused else self._caught(mutant, readers),
        )

    def _caught(self, mutant: Mutant, readers: Sequence[Stage]) -> str:
        """Return what notices a mutant, asking ever more rehearsals at once."""
        book = self._rules.changed(mutant.original, mutant.rule)
        parts = {
            stage.rule.subject: book.cut(mutant.rule if stage.part.alert is mutant.original else stage.part.alert)
            for stage in readers
        }
        own = (trial.by(parts[subject]) for subject in parts for trial in self._trials[subject])
        trials_own = self._experience.sorted(mutant, own)
        for trials in _growing(trials_own, lambda: self._crossed(mutant, readers, parts)):
            readings = self._theatre.attend([trial.rehearsal for trial in trials])
            for trial, reading in zip(trials, readings, strict=True):
                if problem := trial.problem(reading):
                    self._experience.learn(mutant, trial)
                    return problem
        return ""

    def _crossed(self, mutant: Mutant, readers: Sequence[Stage], parts: Mapping[str, Slice]) -> list[_Trial]:
        """Return the trials under faults for others; without a matcher a rule may be touched by more of them."""
        return [
            _Trial(("", "", number), crossing.rehearsal, crossing).by(parts[stage.rule.subject])
            for stage in readers
            for number, crossing in enumerate(self._crossings(stage, parts, wider=mutant.operator == "matcher"))
        ]

    def _crossings(self, stage: Stage, parts: Mapping[str, Slice], *, wider: bool) -> Iterator[Crossing]:
        seen = replace(stage, part=parts[stage.rule.subject]) if wider else stage
        beside = [seen if each is stage else each for each in self._everybody if each.service is stage.service]
        return (crossing for crossing in crossings(beside) if crossing.stage is seen)


def _subject(mutant: Mutant, readers: Sequence[Stage]) -> str:
    """Return what a person calls a rule: an alert's subject, or a recording below the first alert that reads it."""
    subject = readers[0].rule.subject
    return subject if mutant.original.alerts else f"{subject}/{mutant.original.name}"


def routed(amtool: Path, plan: Plan, configuration: str) -> Mutation:
    """Return what becomes of Alertmanager's configuration with each of its routes broken.

    Raises:
        TocsinError: amtool cannot be run.

    """

    def outcome(edit: Edit) -> Outcome:
        wrong = next(misrouted(amtool, plan, edit.apply(configuration)), None)
        return Outcome("route", ROUTES, configuration, edit, (), ": ".join(wrong) if wrong else "")

    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as cores:
        return Mutation(tuple(cores.map(outcome, edits(configuration))))


def _own(stage: Stage) -> Iterator[_Trial]:
    """Yield an alert's own rehearsals."""
    seen: Counter[str] = Counter()
    for rehearsal in of_an_alert(stage):
        yield _Trial((stage.rule.name, rehearsal.day.name, seen[rehearsal.day.name]), rehearsal)
        seen[rehearsal.day.name] += 1


def _growing(first: Sequence[_Trial], then: Callable[[], Sequence[_Trial]]) -> Iterator[Sequence[_Trial]]:
    """Yield the *first* trials one, then two, four and more at once, and *then* all others."""
    at, size = 0, 1
    while at < len(first):
        yield first[at : at + size]
        at, size = at + size, size * 2
    yield then()
