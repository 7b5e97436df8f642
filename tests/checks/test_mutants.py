"""How many of the bugs that are planted into right rules are found, and by which checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from services.catalog import CATALOG
from tests.checks.mutators import MUTATORS, Mutator
from tests.checks.pages import RUNBOOK, plan_of_checkout
from tocsin.checks import Case, from_plan, judge
from tocsin.checks.case import Rule
from tocsin.derive import Plan, derive
from tocsin.model import Observation

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many mutants there were of a kind, which were found by what, and which were not."""

    planted: int
    by: Counter[str]
    lost: tuple[str, ...]


def tally(mutate: Mutator, cases: dict[str, Case]) -> Tally:
    by: Counter[str] = Counter()
    lost, planted = [], 0
    for rule, case in originals(cases):
        for mutant in mutate(rule, case):
            planted += 1
            found = problems(mutant, case) - problems(rule, case)
            by.update(found)
            if not found:
                lost.append(f"{rule.name}: {mutant.expression.text}")
    return Tally(planted, by, tuple(lost))


def problems(rule: Rule, case: Case) -> set[str]:
    return {problem.check for problem in judge(replace(case, rules=(rule,), boards=()))}


def originals(cases: dict[str, Case]) -> Iterator[tuple[Rule, Case]]:
    """Yield each rule of a name once, since those of other services differ from it by a label alone."""
    seen = set()
    for case in cases.values():
        for rule in case.rules:
            if rule.name not in seen and not rule.name.startswith("tocsin:"):
                seen.add(rule.name)
                yield rule, case


def table(tallies: dict[str, Tally]) -> str:
    """Return the tallies as a table of Markdown."""
    lines = ["| the bug | planted | found | by |", "|---|---|---|---|"]
    for mutate in MUTATORS:
        told = tallies[mutate.__name__]
        checks = ", ".join(sorted(told.by, key=lambda check: (-told.by[check], check))[:3])
        said = (mutate.__doc__ or "").rstrip(".")
        lines.append(f"| {said} | {told.planted} | {told.planted - len(told.lost)} | {checks} |")
    return "\n".join(lines)


def case_of(plan: Plan) -> Case:
    pages = {f"{rule.service}/{rule.runbook}" for rule in plan.alerts} | {rule.runbook for rule in plan.alerts}
    return from_plan(plan, Observation(runbooks=dict.fromkeys(pages, RUNBOOK)))


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    return {"services": case_of(derive(CATALOG)), "checkout": case_of(plan_of_checkout())}


@pytest.fixture(scope="module")
def tallies(cases: dict[str, Case]) -> dict[str, Tally]:
    return {mutate.__name__: tally(mutate, cases) for mutate in MUTATORS}


def test_no_kind_of_bug_escapes(tallies: dict[str, Tally]) -> None:
    assert [kind for kind, told in tallies.items() if told.planted == len(told.lost)] == []


def test_of_a_hundred_planted_bugs_ninety_five_are_found(tallies: dict[str, Tally]) -> None:
    planted = sum(told.planted for told in tallies.values())
    lost = [f"{kind} {each}" for kind, told in tallies.items() for each in told.lost]
    assert len(lost) <= planted * 0.05, lost


def test_the_table_in_the_docs_is_what_was_counted(tallies: dict[str, Tally]) -> None:
    page = (ROOT / "docs" / "checking-figures.md").read_text()
    assert table(tallies) in page
