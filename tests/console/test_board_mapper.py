from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from tests.console.boards import WINDOW, panel, series
from tocsin.console.boards import heat, lines, mapper, units
from tocsin.console.boards.answers import Series
from tocsin.console.boards.drawn import Chart, Drawn, LegendRow, Nothing, Numbers, Plain, Prose, Rows
from tocsin.console.boards.models import KINDS
from tocsin.console.boards.palette import DARK, LIGHT
from tocsin.console.markdown import Block, Run
from tocsin.console.metrics import Away, Exemplar

TWO = (series("checkout", 0.1, 0.2, 0.9, service="checkout"), series("search", 0.3, 0.1, 0.0, service="search"))
BUCKETS = tuple(series(le, *counts, le=le) for le, counts in {"0.1": (1, 2), "0.5": (4, 2), "+Inf": (5, 7)}.items())


def drawn(kind: str, found: tuple[Series, ...] | Away = TWO, **more: Any) -> Drawn:
    return mapper.drawn(panel(kind, **more), found, WINDOW, LIGHT, choices={})


def chart(kind: str, found: tuple[Series, ...] = TWO, **more: Any) -> Chart:
    content = drawn(kind, found, **more).content
    assert isinstance(content, Chart)
    return content


def test_time_series_are_lines_with_last_and_max_in_the_legend() -> None:
    made = chart("timeseries")
    assert [each["data"] for each in made.options["series"]] == snapshot(
        [[[1000000, 0.1], [1015000, 0.2], [1030000, 0.9]], [[1000000, 0.3], [1015000, 0.1], [1030000, 0.0]]]
    )
    assert made.columns == ("Last", "Max")
    assert made.legend == (
        LegendRow("checkout", LIGHT.series[0], ("90%", "90%")),
        LegendRow("search", LIGHT.series[1], ("0%", "30%")),
    )
    assert made.zooms


def test_a_threshold_that_is_to_be_seen_is_a_dashed_line() -> None:
    defaults = {
        "thresholds": {"steps": [{"value": None, "color": "green"}, {"value": 0.5, "color": "red"}]},
        "custom": {"thresholdsStyle": {"mode": "dashed"}},
    }
    made = chart("timeseries", fieldConfig={"defaults": defaults})
    assert made.options["series"][0]["markLine"]["data"] == snapshot(
        [{"yAxis": 0.5, "lineStyle": {"color": "#b91c1c", "type": "dashed", "width": 1.2}}]
    )


def test_what_is_missing_between_two_points_is_a_gap() -> None:
    points = ((1_000.0, 1.0), (1_015.0, math.nan), (1_060.0, 2.0))
    assert lines.pairs(points, 15.0) == [[1_000_000, 1.0], [1_015_000, None], [1_030_000, None], [1_060_000, 2.0]]


def test_a_number_has_the_colour_of_its_threshold() -> None:
    content = drawn("stat").content
    assert isinstance(content, Numbers)
    assert [(each.text, each.colour) for each in content.each] == [
        ("90%", LIGHT.names["red"]),
        ("0%", LIGHT.names["green"]),
    ]
    assert all(each.spark for each in content.each)


def test_a_gauge_has_a_dial_for_each_series() -> None:
    dials = chart("gauge").options["series"]
    assert [(each["data"], each["detail"]["formatter"], each["min"], each["max"]) for each in dials] == snapshot(
        [([{"value": 0.9, "name": "checkout"}], "90%", 0.0, 1.0), ([{"value": 0.0, "name": "search"}], "0%", 0.0, 1.0)]
    )


def test_bars_have_their_values_at_their_ends() -> None:
    made = chart("bargauge").options
    assert made["yAxis"]["data"] == ["checkout", "search"]
    assert [(each["value"], each["label"]["formatter"]) for each in made["series"][0]["data"]] == [
        (0.9, "90%"),
        (0.0, "0%"),
    ]


def test_shares_are_of_what_is_more_than_nothing_and_largest_first() -> None:
    found = (series("few", 1.0), series("many", 3.0), series("none", 0.0))
    made = chart("piechart", found, fieldConfig={"defaults": {"unit": "short"}})
    assert [row.name for row in made.legend] == ["many", "few"]
    assert [row.values for row in made.legend] == [("3", "75%"), ("1", "25%")]


def test_a_cell_of_a_heatmap_is_what_fell_between_two_bounds() -> None:
    made = chart("heatmap", BUCKETS, options={"yAxis": {"unit": "s"}})
    assert made.options["yAxis"]["data"] == ["≤ 100 ms", "≤ 500 ms", "more"]
    assert made.options["series"][0]["data"] == [[0, 0, 1.0], [1, 0, 2.0], [0, 1, 3.0], [0, 2, 1.0], [1, 2, 5.0]]
    assert len(made.options["xAxis"]["data"]) == 5


@given(st.lists(st.lists(st.floats(0, 1e9), min_size=3, max_size=3), min_size=1, max_size=6))
def test_cells_of_growing_buckets_add_up_to_the_last_of_them(counts: list[list[float]]) -> None:
    growing = [sorted(column) for column in zip(*counts, strict=True)]
    buckets = [
        (float(bound), {float(at): count for at, count in enumerate(row)})
        for bound, row in enumerate(zip(*growing, strict=True))
    ]
    parts = heat.between(buckets)
    for at in (0.0, 1.0, 2.0):
        assert sum(part[at] for _, part in parts) == pytest.approx(buckets[-1][1][at])


def test_a_heatmap_without_buckets_says_so() -> None:
    assert drawn("heatmap").content == Nothing(
        "A heatmap is drawn of buckets, which have the label le; the answer has none.", away=True
    )


def test_a_table_names_and_orders_its_columns_as_it_is_told() -> None:
    told = [
        {"id": "filterFieldsByName", "options": {"include": {"names": ["service", "Value"]}}},
        {"id": "organize", "options": {"indexByName": {"Value": 0}, "renameByName": {"service": "Service"}}},
    ]
    found = (series("a", 1.0, service="checkout", instance="x"),)
    assert drawn("table", found, transformations=told).content == Rows(
        ("Value", "Service"), (("100%", "checkout"),), frozenset({0})
    )


def test_a_text_is_markdown_whose_html_stays_text() -> None:
    words = "**Call** [them](https://them.example) <b>now</b>"
    assert drawn("text", (), options={"mode": "markdown", "content": words}).content == Prose(
        (
            Block(
                "text",
                (
                    (
                        Run("Call", "strong"),
                        Run(" "),
                        Run("them", link="https://them.example"),
                        Run(" <b>now</b>"),
                    ),
                ),
            ),
        )
    )


@pytest.mark.parametrize(("mode", "remarks"), [("html", ("its HTML",)), ("code", ())])
def test_a_text_that_is_no_markdown_stands_as_it_is(mode: str, remarks: tuple[str, ...]) -> None:
    made = drawn("text", (), options={"mode": mode, "content": "<b>bold</b>"})
    assert (made.content, made.remarks) == (Plain("<b>bold</b>"), remarks)


def test_a_kind_that_cannot_be_drawn_says_so_in_the_panel() -> None:
    content = drawn("geomap").content
    assert content == Nothing("The console cannot draw a panel of the kind geomap: see it in Grafana.")


@pytest.mark.parametrize("kind", sorted(KINDS - {"text"}))
def test_no_answer_and_no_data_are_said(kind: str) -> None:
    assert drawn(kind, Away("It is away.")).content == Nothing("It is away.", away=True)
    assert drawn(kind, ()).content == Nothing("No data in this span.")
    quiet = {"defaults": {"noValue": "Nothing rings."}}
    assert drawn(kind, (), fieldConfig=quiet).content == Nothing("Nothing rings.")


def test_series_beyond_those_that_are_drawn_are_told_of() -> None:
    many = tuple(series(f"{number:02}", 1.0) for number in range(lines.MOST + 2))
    assert drawn("timeseries", many).remarks == ("2 of its series",)


def test_marks_close_to_each_other_are_one() -> None:
    first, second, third = (lines.Mark(at, what) for at, what in ((10.0, "a"), (12.0, "b"), (30.0, "c")))
    assert lines.gathered([first, second, third], 5.0) == {10.0: [first, second], 30.0: [third]}


def test_marks_say_what_rang_in_red_and_how_many_started_in_blue() -> None:
    starts = (lines.Mark(1_010.0, "till started"), lines.Mark(1_011.0, "shelf started"))
    rang = lines.Mark(1_055.0, "Down", "red")
    made = lines.chart(panel("timeseries"), TWO, WINDOW, LIGHT, marks=(*starts, rang))
    said = [(each["label"]["formatter"], each["lineStyle"]["color"]) for each in marked(made)]
    assert said == [("2 started", LIGHT.names["blue"]), ("Down", LIGHT.names["red"])]


def marked(made: Chart) -> list[dict[str, Any]]:
    return [each for each in made.options["series"][0]["markLine"]["data"] if "xAxis" in each]


def test_a_request_of_a_sampled_trace_is_a_dot_that_leads_to_it_and_the_slowest_are_named() -> None:
    traces = [f"{number:032x}" for number in range(5)]
    dots = [Exemplar(1_010.0 + number, 0.1 * number, trace) for number, trace in enumerate(traces)]
    made = lines.chart(panel("timeseries", fieldConfig={"defaults": {"unit": "s"}}), TWO, WINDOW, LIGHT, dots=dots)
    drawn = made.options["series"][-1]
    assert (drawn["type"], drawn["data"][1]) == ("scatter", {"value": [1_011_000, 0.1], "name": traces[1]})
    assert made.traces == (("400 ms", traces[4]), ("300 ms", traces[3]), ("200 ms", traces[2]))


def test_an_axis_with_a_soft_end_at_nothing_begins_there() -> None:
    for soft, scale in ({"axisSoftMin": 0}, False), ({}, True):
        config = {"defaults": {"unit": "cores", "custom": soft}}
        (axis,) = chart("timeseries", fieldConfig=config).options["yAxis"]
        assert axis["scale"] is scale


@pytest.mark.parametrize(
    ("unit", "most", "ticks"),
    [
        ("bool", 1.0, {"min": 0, "max": 1, "interval": 1}),
        ("bytes", 150 * 1024**2, {"interval": 50 * 1024**2, "max": 150 * 1024**2}),
        ("s", 290.0, {"interval": 120.0, "max": 360.0}),
    ],
)
def test_an_axis_is_round_in_units_that_are_not_counted_in_tens(unit: str, most: float, ticks: dict[str, Any]) -> None:
    config = {"defaults": {"unit": unit}}
    (axis,) = chart("timeseries", (series("till", 0.0, most),), fieldConfig=config).options["yAxis"]
    assert {name: axis[name] for name in ticks} == ticks


def scripts(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            if str(key).startswith(":"):
                yield str(key), value
            yield from scripts(value)
    elif isinstance(node, list):
        for each in node:
            yield from scripts(each)


SCRIPTS = {*(units.script(unit) for unit in units.KNOWN), heat.CLOCK}


@given(
    kind=st.sampled_from(sorted(KINDS)),
    text=st.text() | st.just(":formatter"),
    values=st.lists(st.floats(), max_size=4),
)
def test_no_text_of_a_dashboard_or_an_answer_becomes_a_script(kind: str, text: str, values: list[float]) -> None:
    found = (series(text, *values, le="1", service=text), series(text, *values, le="+Inf"))
    for colours in (LIGHT, DARK):
        made = mapper.drawn(
            panel(kind, title=text, fieldConfig={"defaults": {"unit": text}}, options={"yAxis": {"unit": text}}),
            found,
            WINDOW,
            colours,
            choices={},
            marks=(lines.Mark(1_010.0, text),),
        ).content
        if isinstance(made, Chart):
            assert {script for _, script in scripts(dict(made.options))} <= SCRIPTS
