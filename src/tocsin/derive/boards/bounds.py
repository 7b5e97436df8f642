"""The bounds that an objective draws into a panel."""

from __future__ import annotations

from tocsin.derive.board import Bounds
from tocsin.model import Latency, Mean, Objective, Service


def of(objective: Objective) -> Bounds:
    """Return the bounds of a picture of what an objective is about: a time, a mean, or a ratio of bad events."""
    match objective:
        case Latency():
            return Bounds(critical=objective.below)
        case Mean():
            return Bounds(critical=objective.at_least, below=True)
        case _:
            return Bounds(critical=objective.budget)


def named(service: Service, name: str) -> Bounds:
    """Return the bounds of a service's objective, none where no name is given."""
    return next((of(objective) for objective in service.objectives if objective.name == name), Bounds())
