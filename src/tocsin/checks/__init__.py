"""JUDGES: one module for each check; its docstring is its page of documentation. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tocsin.checks import missing_fault, missing_runbook, missing_secret, syntax, undeclared
from tocsin.checks.problem import Problem
from tocsin.derive import Plan
from tocsin.model import Observation

Check = Callable[[Plan, Observation], Iterator[Problem]]

CHECKS: dict[str, Check] = {
    module.ID: module.check for module in (syntax, undeclared, missing_fault, missing_runbook, missing_secret)
}

__all__ = ["CHECKS", "Check", "Problem", "judge"]


def judge(plan: Plan, observation: Observation) -> tuple[Problem, ...]:
    """Return everything that is wrong with a plan, given what was seen of the world."""
    return tuple(problem for check in CHECKS.values() for problem in check(plan, observation))
