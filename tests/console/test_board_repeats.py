"""Panels and rows that stand once for each value of a variable."""

from __future__ import annotations

from typing import Any

import pytest

from tests.console.boards import dashboard, tree
from tocsin.console.boards.models import Variable
from tocsin.console.boards.repeats import Laid, sections
from tocsin.console.boards.variables import ALL, Choice, chosen

SERVICE = Variable(name="service", label="Service", kind="query", several=True, all=True)


def laid(*panels: dict[str, Any], wanted: tuple[str, ...] = (ALL,)) -> list[tuple[str, tuple[Laid, ...]]]:
    choices: dict[str, Choice] = {"service": chosen(SERVICE, ("a", "b", "c"), wanted)}
    return [(title, each) for title, _, each in sections(dashboard(*panels).sections, choices)]


def places(found: tuple[Laid, ...]) -> list[tuple[str, int, int, int]]:
    return [(each.panel.title, each.panel.place.x, each.panel.place.y, each.panel.place.width) for each in found]


@pytest.mark.parametrize(
    ("how", "placed"),
    [
        ({"maxPerRow": 2}, [("Of a", 0, 0, 12), ("Of b", 12, 0, 12), ("Of c", 0, 8, 12), ("Below", 0, 16, 12)]),
        ({}, [("Of a", 0, 0, 8), ("Of b", 8, 0, 8), ("Of c", 16, 0, 8), ("Below", 0, 8, 12)]),
        (
            {"repeatDirection": "v"},
            [("Of a", 0, 0, 12), ("Of b", 0, 8, 12), ("Of c", 0, 16, 12), ("Below", 0, 24, 12)],
        ),
    ],
)
def test_a_repeated_panel_stands_once_for_each_value_and_pushes_down_what_is_below(how: Any, placed: Any) -> None:
    below = tree("stat", title="Below", gridPos={"x": 0, "y": 8, "w": 12, "h": 8})
    ((_, found),) = laid(tree("stat", title="Of $service", repeat="service", **how), below)
    assert places(found) == placed
    assert [each.scope["service"].chosen for each in found[:-1]] == [("a",), ("b",), ("c",)]


def test_only_what_is_chosen_is_repeated_and_without_values_a_panel_stands_once() -> None:
    ((_, found),) = laid(tree("stat", title="Of ${service}", repeat="service"), wanted=("b",))
    assert places(found) == [("Of b", 0, 0, 24)]
    ((_, found),) = laid(tree("stat", repeat="nothing"))
    assert [each.scope for each in found] == [{}]


def test_a_repeated_row_has_its_panels_for_each_value() -> None:
    row = {"type": "row", "title": "On $service", "repeat": "service", "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}}
    found = laid(row, tree("stat", title="Of $service", gridPos={"x": 0, "y": 1, "w": 12, "h": 8}))
    assert [(title, places(each)) for title, each in found] == [
        (f"On {value}", [(f"Of {value}", 0, 0, 12)]) for value in ("a", "b", "c")
    ]
