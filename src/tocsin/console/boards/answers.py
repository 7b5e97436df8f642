"""What Prometheus answered to a panel's queries, named as the panel's legend wants it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tocsin.console.boards.models import Question
from tocsin.console.metrics import Line

_HOLE = re.compile(r"\{\{\s*(.+?)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Series:
    """A series of a panel, with its name; a moment's value is a line of one point."""

    name: str
    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]

    @property
    def values(self) -> tuple[float, ...]:
        """The values without their times, and without those that are none."""
        return tuple(value for _, value in self.points if value == value)  # noqa: PLR0124 - NaN differs from itself

    def reduced(self, calculation: str) -> float:
        """Return the one value that Grafana's *calculation* makes of the series; NaN of none."""
        values = self.values
        if not values:
            return float("nan")
        return {
            "max": max(values),
            "min": min(values),
            "mean": sum(values) / len(values),
            "sum": sum(values),
            "first": values[0],
            "firstNotNull": values[0],
        }.get(calculation, values[-1])


CALCULATIONS = {
    "last": "Last",
    "lastNotNull": "Last",
    "max": "Max",
    "min": "Min",
    "mean": "Mean",
    "sum": "Total",
    "first": "First",
    "firstNotNull": "First",
}
"""Grafana's calculations that are known, and the heads of their columns."""


def series(question: Question, lines: Iterable[Line]) -> tuple[Series, ...]:
    """Return the series of one query's answer, by name."""
    found = (Series(_name(question, line.labels), line.labels, line.points) for line in lines)
    return tuple(sorted(found, key=lambda each: each.name))


def _name(question: Question, labels: Mapping[str, str]) -> str:
    if question.legend and question.legend != "__auto":
        return _HOLE.sub(lambda hole: labels.get(hole[1], ""), question.legend).strip() or question.legend
    shown = {name: value for name, value in labels.items() if name != "__name__"}
    if question.legend == "__auto" and len(shown) == 1:
        return next(iter(shown.values()))
    inner = ", ".join(f'{name}="{value}"' for name, value in sorted(shown.items()))
    return f"{labels.get('__name__', '')}{{{inner}}}" if inner else labels.get("__name__", "") or question.expr


def common_labels(found: Iterable[Series]) -> dict[str, str]:
    """Return the labels that all series share."""
    sets = [set(each.labels.items()) for each in found]
    return dict(set.intersection(*sets)) if sets else {}
