"""Why a service is sick, in a few words that a person takes in at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tocsin.console.boards import units
from tocsin.console.overview.signals import Signal
from tocsin.model import PERIOD, Latency, Objective, Service, seconds

MOST = 3
"""Reasons that are given."""

_ERRORS = 0.01


def reasons(
    service: Service, signals: Iterable[Signal], left: Mapping[str, float], burns: Mapping[str, float]
) -> tuple[str, ...]:
    """Return what is wrong, the plainest first.

    *left* maps each objective to the share of its budget that is left, *burns* to how many times faster than promised
    it is being spent.
    """
    values = {signal.name: signal.value for signal in signals}
    return (*_seen(service, values), *_budgets(service.objectives, left, burns))[:MOST]


def _seen(service: Service, values: Mapping[str, float | None]) -> Iterator[str]:
    errors, late = values.get("Errors"), values.get("P95")
    if errors is not None and errors > _ERRORS:
        yield f"errors {units.spelled(errors, 'percentunit')} of requests"
    promised = [each.below for each in service.objectives if isinstance(each, Latency) and each.of is None]
    if late is not None and promised and late > min(promised):
        yield f"P95 {units.spelled(late, 's')}, promised under {units.spelled(min(promised), 's')}"


def _budgets(objectives: Iterable[Objective], left: Mapping[str, float], burns: Mapping[str, float]) -> Iterator[str]:
    """Yield the budgets that are gone or soon will be, the first to go first."""
    going: list[tuple[float, str]] = []
    for objective in objectives:
        share, burn = left.get(objective.name), burns.get(objective.name, 0.0)
        if share is not None and share <= 0:
            going.append((0.0, f"{objective.name} budget gone"))
        elif share is not None and burn > 1:
            rest = share * seconds(PERIOD) / burn
            going.append((rest, f"{objective.name} budget gone in {_soon(rest)}"))
    yield from (words for _, words in sorted(going))


def _soon(rest: float) -> str:
    """Spell a time to come in one unit."""
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if rest >= size:
            return f"{rest / size:.0f} {name}"
    return "under 1 min"
