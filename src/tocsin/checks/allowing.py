"""Which comments allow a problem."""

from __future__ import annotations

from collections.abc import Iterable

from tocsin.checks.problem import Problem
from tocsin.model import Allowance, Place

_OWN = "check/"
"""Checks of the comments themselves, which no comment can turn off."""


def allowing(problem: Problem, place: Place | None, allowances: Iterable[Allowance]) -> list[Allowance]:
    """Return the comments that allow *problem* at *place*."""
    if place is None or problem.check.startswith(_OWN):
        return []
    return [each for each in allowances if each.check == problem.check and each.covers(place)]
