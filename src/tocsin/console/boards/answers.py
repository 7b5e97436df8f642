"""What Prometheus answered to a panel's queries, named as the panel's legend wants it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tocsin.console.boards.models import PanelModel, Question, styled
from tocsin.console.metrics import Line

_HOLE = re.compile(r"\{\{\s*(.+?)\s*\}\}")
_LABEL = re.compile(r"\$\{__field\.labels\.(\w+)\}")


@dataclass(frozen=True, slots=True)
class Series:
    """A series of a panel, with its name; a moment's value is a line of one point."""

    name: str
    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]
    field: str = ""
    """What an override calls it, where it is shown under another name."""

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


def shown(panel: PanelModel, found: Iterable[Series]) -> tuple[Series, ...]:
    """Return the series that are to be seen, under the names that the panel gives them."""
    return tuple(
        replace(each, name=_displayed(own.display, each), field=each.name) if own.display else each
        for each in found
        if not (own := styled(panel, each.name)).unseen
    )


def style(panel: PanelModel, each: Series) -> PanelModel:
    """Return the panel as it shows one series."""
    return styled(panel, each.field or each.name)


def _displayed(name: str, each: Series) -> str:
    return _LABEL.sub(lambda use: each.labels.get(use[1], ""), name.replace("${__field.name}", each.name))


def common_labels(found: Iterable[Series]) -> dict[str, str]:
    """Return the labels that all series share."""
    sets = [set(each.labels.items()) for each in found]
    return dict(set.intersection(*sets)) if sets else {}
