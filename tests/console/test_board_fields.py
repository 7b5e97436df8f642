"""Overrides, value mappings and repetition: what Grafana's JSON says of single fields and values of a variable."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.console.boards import WINDOW, panel, series
from tocsin.console.boards import mapper
from tocsin.console.boards.answers import Series
from tocsin.console.boards.drawn import Chart, Drawn, Numbers, Rows
from tocsin.console.boards.fields import mapped
from tocsin.console.boards.palette import LIGHT

OK = series("ok", 0.2, 0.4, service="checkout")
BAD = series("bad", 3.0, 2.0, service="search")
WORDS = {"type": "value", "options": {"0": {"text": "Down", "color": "red"}, "1": {"text": "Up", "color": "green"}}}


def override(matcher: str, wanted: str, **properties: Any) -> dict[str, Any]:
    said = [{"id": key.replace("__", "."), "value": value} for key, value in properties.items()]
    return {"matcher": {"id": matcher, "options": wanted}, "properties": said}


def drawn(kind: str, *found: Series, overrides: Any = (), mappings: Any = (), **more: Any) -> Drawn:
    config = {"defaults": {"unit": "short", "mappings": list(mappings)}, "overrides": list(overrides)}
    return mapper.drawn(panel(kind, fieldConfig=config, **more), found, WINDOW, LIGHT, choices={})


def chart(*found: Series, **more: Any) -> Chart:
    content = drawn("timeseries", *found, **more).content
    assert isinstance(content, Chart)
    return content


@pytest.mark.parametrize(
    ("matcher", "wanted", "changed"),
    [
        ("byName", "bad", ["bad"]),
        ("byRegexp", "/^B/i", ["bad"]),
        ("byRegexp", "a.|o", ["bad", "ok"]),
        ("byRegexp", "(", []),
        ("byType", "number", ["bad", "ok"]),
        ("byType", "time", []),
    ],
)
def test_an_override_is_of_the_series_that_its_matcher_finds(matcher: str, wanted: str, changed: list[str]) -> None:
    made = chart(BAD, OK, overrides=[override(matcher, wanted, unit="reqps")])
    assert [row.name for row in made.legend if "req/s" in row.values[0]] == changed


def test_an_override_gives_a_series_a_colour_and_a_name_and_the_later_one_wins() -> None:
    made = chart(
        BAD,
        OK,
        overrides=[
            override("byType", "number", color={"mode": "fixed", "fixedColor": "green"}),
            override(
                "byName",
                "bad",
                color={"mode": "fixed", "fixedColor": "semi-dark-red"},
                displayName="Bad of ${__field.labels.service}",
            ),
        ],
    )
    assert [(row.name, row.colour) for row in made.legend] == [
        ("Bad of search", LIGHT.names["red"]),
        ("ok", LIGHT.names["green"]),
    ]
    assert [each["color"] for each in made.options["series"]] == [LIGHT.names["red"], LIGHT.names["green"]]


def test_a_series_on_the_right_has_an_axis_of_its_own_there() -> None:
    made = chart(BAD, OK, overrides=[override("byName", "ok", custom__axisPlacement="right", unit="percentunit")])
    assert [each["yAxisIndex"] for each in made.options["series"]] == [0, 1]
    left, right = made.options["yAxis"]
    assert right["position"] == "right"
    assert "'%'" in right["axisLabel"][":formatter"]
    assert "'%'" not in left["axisLabel"][":formatter"]


def test_a_series_may_be_bars_or_points_or_be_left_out() -> None:
    made = chart(
        BAD,
        OK,
        series("gone", 1.0),
        overrides=[
            override("byName", "bad", custom__drawStyle="bars"),
            override("byName", "ok", custom__drawStyle="points", custom__lineWidth=3),
            override("byName", "gone", custom__hideFrom={"viz": True, "legend": True, "tooltip": True}),
        ],
    )
    bars, points = made.options["series"]
    assert bars["type"] == "bar"
    assert (points["type"], points["showSymbol"], points["lineStyle"]["width"]) == ("line", True, 0)


def test_an_override_reaches_numbers_dials_bars_shares_and_columns() -> None:
    worded = [override("byName", "bad", unit="s", displayName="Worst")]
    numbers = drawn("stat", BAD, overrides=worded).content
    assert isinstance(numbers, Numbers)
    assert [(each.name, each.text) for each in numbers.each] == [("Worst", "2 s")]
    for kind in ("gauge", "bargauge", "piechart"):
        assert "2 s" in str(drawn(kind, BAD, overrides=worded).content)
        assert "Worst" in str(drawn(kind, BAD, overrides=worded).content)
    columns = [override("byName", "Value", unit="s"), override("byName", "service", displayName="Service")]
    assert drawn("table", BAD, overrides=columns).content == Rows(
        ("Service", "Value"), (("search", "2 s"),), frozenset({1})
    )


def test_an_override_that_is_not_drawn_is_named() -> None:
    made = drawn(
        "timeseries",
        OK,
        overrides=[
            override("byFrameRefID", "A", unit="s"),
            override("byName", "ok", custom__lineStyle={"fill": "dash"}),
        ],
    )
    assert made.remarks == ("its overrides byFrameRefID", "its overrides of custom.lineStyle")


RANGE = {"type": "range", "options": {"from": 1, "to": 2, "result": {"text": "Some", "color": "orange"}}}
OPEN = {"type": "range", "options": {"from": 10, "to": None, "result": {"text": "Many"}}}
REGEX = {"type": "regex", "options": {"pattern": "^(check)out$", "result": {"text": "$1 $2"}}}
EMPTY = {"type": "special", "options": {"match": "nan", "result": {"text": "Silent"}}}
FALSE = {"type": "special", "options": {"match": "false", "result": {"text": "No"}}}


@pytest.mark.parametrize(
    ("mapping", "value", "said"),
    [
        (WORDS, 0.0, ("Down", "red")),
        (WORDS, 0.5, None),
        (WORDS, "1", ("Up", "green")),
        (RANGE, 1.0, ("Some", "orange")),
        (RANGE, 2.1, None),
        (OPEN, math.inf, ("Many", "")),
        (OPEN, math.nan, None),
        (REGEX, "checkout", ("check $2", "")),
        (REGEX, 3.0, None),
        (EMPTY, math.nan, ("Silent", "")),
        (EMPTY, 0.0, None),
        (FALSE, 0.0, ("No", "")),
        (FALSE, 1.0, None),
    ],
)
def test_a_value_is_mapped_to_words_and_a_colour(mapping: Any, value: float | str, said: Any) -> None:
    read = panel("stat", fieldConfig={"defaults": {"mappings": [mapping]}})
    assert mapped(read.mappings, value) == said


def test_words_stand_in_numbers_dials_cells_and_legends_in_place_of_values() -> None:
    up = series("till", 0.0, 1.0, service="till")
    numbers = drawn("stat", up, mappings=[WORDS]).content
    assert isinstance(numbers, Numbers)
    assert [(each.text, each.colour) for each in numbers.each] == [("Up", LIGHT.names["green"])]
    gauge = drawn("gauge", up, mappings=[WORDS]).content
    assert isinstance(gauge, Chart)
    assert gauge.options["series"][0]["detail"]["formatter"] == "Up"
    assert chart(up, mappings=[WORDS]).legend[0].values == ("Up", "Up")
    renamed = {"type": "value", "options": {"till": {"text": "The till"}}}
    assert drawn("table", up, mappings=[WORDS, renamed]).content == Rows(
        ("service", "Value"), (("The till", "Up"),), frozenset({1})
    )


def test_a_mapping_of_another_kind_is_named() -> None:
    assert drawn("stat", OK, mappings=[{"type": "colour"}]).remarks == ("its value mappings colour",)


def test_a_legend_is_sorted_by_the_column_that_the_panel_names() -> None:
    legend = {"showLegend": True, "calcs": ["lastNotNull"], "sortBy": "Last *", "sortDesc": True}
    made = chart(OK, series("none"), BAD, options={"legend": legend})
    assert [row.name for row in made.legend] == ["bad", "ok", "none"]
