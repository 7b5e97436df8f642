"""Panels and rows that stand once for each value of a variable.

Source: Grafana's documentation, "Configure repeating panels" and "Configure repeating rows".
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from tocsin.console.boards.models import PanelModel, Section
from tocsin.console.boards.variables import USE, Choice

_COLUMNS = 24

Choices = Mapping[str, Choice]


@dataclass(frozen=True, slots=True)
class Laid:
    """A panel in its place, and the variables that have one value in it."""

    panel: PanelModel
    scope: Choices


def sections(found: Iterable[Section], choices: Choices) -> Iterator[tuple[str, bool, tuple[Laid, ...]]]:
    """Yield the title of each section, whether it is closed, and its panels."""
    for section in found:
        for scope in _scopes(section.repeat, choices):
            yield _titled(section.title, {**choices, **scope}), section.closed, tuple(_panels(section, choices, scope))


def _scopes(name: str, choices: Choices) -> tuple[Choices, ...]:
    """Return what a repetition by the variable *name* lets it be, one after the other."""
    choice = choices.get(name)
    values = () if choice is None else choice.values if choice.all_chosen else choice.chosen
    return tuple({name: replace(choice, chosen=(value,))} for value in values if choice is not None) or ({},)


def _panels(section: Section, choices: Choices, outer: Choices) -> Iterator[Laid]:
    """Yield the panels in reading order; what is repeated pushes down what is below it."""
    down = 0
    for panel in section.panels:
        scopes = _scopes(panel.repeat, choices)
        beside = min(panel.beside, len(scopes))
        lines = math.ceil(len(scopes) / beside) if beside and panel.repeat else len(scopes)
        for index, inner in enumerate(scopes):
            scope = {**outer, **inner}
            place = replace(panel.place, y=panel.place.y + down)
            if panel.repeat and beside:
                width = _COLUMNS // beside
                x, y = index % beside * width, place.y + index // beside * place.height
                place = replace(place, x=x, y=y, width=width)
            elif panel.repeat:
                place = replace(place, y=place.y + index * place.height)
            yield Laid(replace(panel, place=place, title=_titled(panel.title, {**choices, **scope})), scope)
        down += (lines - 1) * panel.place.height


def _titled(title: str, choices: Choices) -> str:
    """Return a title with the values of the variables in it."""

    def value(use: re.Match[str]) -> str:
        name = use[1] or use[2] or use[4]
        choice = choices.get(name)
        return use[0] if choice is None else "All" if choice.all_chosen else " + ".join(choice.chosen)

    return USE.sub(value, title)
