"""What of a chart is sent again: what has changed, and with it exactly what is to be seen."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tocsin.console.boards.changes import Change, beginning, change

POINTS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)).map(list), max_size=8)
LEAVES = st.one_of(st.integers(0, 3), st.text("ab", max_size=2), st.lists(st.integers(0, 2), max_size=2))
OPTIONS = st.recursive(LEAVES, lambda inner: st.dictionaries(st.sampled_from("xyz"), inner, max_size=3), max_leaves=6)
DATA = st.one_of(POINTS, st.lists(st.fixed_dictionaries({"value": st.integers(0, 2)}), max_size=2))
SERIES = st.fixed_dictionaries({"name": st.text("ab", max_size=1)}, optional={"data": DATA, "color": OPTIONS})
CHARTS = st.fixed_dictionaries({"series": st.lists(SERIES, max_size=3)}, optional={"xAxis": OPTIONS, "grid": OPTIONS})


def as_set(before: Mapping[str, Any], changed: Change) -> dict[str, Any]:
    """Return the options after static/charts.js has set a change."""
    after = copy.deepcopy(dict(before))
    series = after.pop("series")
    of_series = changed.options.get("series", {})
    for number, points in enumerate(changed.points):
        merge(series[number], of_series.get(str(number), {}))
        if points is not None:
            drop, keep, add = points
            series[number]["data"] = (series[number].get("data") or [])[drop : drop + keep] + add
    merge(after, {name: value for name, value in changed.options.items() if name != "series"})
    return {**after, "series": series}


def merge(into: dict[str, Any], options: Mapping[str, Any]) -> None:
    for name, value in options.items():
        if isinstance(value, Mapping) and isinstance(into.get(name), dict):
            merge(into[name], value)
        else:
            into[name] = value


@given(CHARTS, CHARTS)
def test_a_change_turns_what_was_into_what_is(before: dict[str, Any], after: dict[str, Any]) -> None:
    changed = change(before, after)
    if changed is not None:
        assert as_set(before, changed) == after


@given(CHARTS)
def test_a_chart_begins_without_points_and_is_told_them(options: dict[str, Any]) -> None:
    bare, first = beginning(options)
    assert not any(isinstance(point, list) for each in bare["series"] for point in each.get("data", []))
    assert as_set(bare, first) == options


@given(st.lists(st.tuples(st.integers(), st.integers()).map(list), min_size=3, unique_by=lambda point: point[0]))
def test_of_a_line_that_went_on_only_its_new_points_are_sent(points: list[list[int]]) -> None:
    changed = change({"series": [{"data": points[:-1]}]}, {"series": [{"data": points[1:]}]})
    assert changed == Change({}, ((1, len(points) - 2, [points[-1]]),))


def test_what_cannot_be_set_piece_by_piece_is_set_whole() -> None:
    one = {"series": [{"name": "a", "data": []}], "yAxis": {"max": 1}}
    assert change(one, {**one, "series": []}) is None
    assert change(one, {**one, "yAxis": {}}) is None
    assert change(one, {"series": [{"name": "a", "data": [{":color": "() => 1"}]}], "yAxis": {"max": 1}}) is None
    assert change(one, {**one, "yAxis": {"max": 1, ":formatter": "value => value"}}) is None
