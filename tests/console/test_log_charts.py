"""Answers as charts, in the boards' colours."""

from __future__ import annotations

from tests.console.places import ROOT
from tocsin.console.boards.palette import LIGHT
from tocsin.console.logs import charts
from tocsin.console.logs.completion import KEYWORDS, words
from tocsin.console.logs.view import Chart, Series
from tocsin.derive.questions import QUESTIONS
from tocsin.logs.functions import FUNCTIONS
from tocsin.model import COLUMNS


def minutes(*numbers: int) -> tuple[str, ...]:
    return tuple(f"2026-11-25T04:{number:02}:00.000000Z" for number in numbers)


def test_times_are_times_with_a_gap_where_a_step_is_missing() -> None:
    chart = Chart(True, minutes(0, 1, 2, 3, 5), (Series("n", (1, 2, None, 4, 5)),))  # noqa: FBT003 - over time
    drawn = charts.drawn(chart, LIGHT)
    assert drawn.options["xAxis"]["type"] == "time"
    [line] = drawn.options["series"]
    start = 1795579200000
    assert line["type"] == "line"
    assert [at - start for at, _ in line["data"]] == [0, 60000, 120000, 180000, 240000, 300000]
    assert [value for _, value in line["data"]] == [1, 2, None, 4, None, 5]


def test_times_without_a_step_have_no_gaps() -> None:
    chart = Chart(True, minutes(0, 1, 7, 30), (Series("n", (1, 2, 3, 4)),))  # noqa: FBT003 - over time
    [line] = charts.drawn(chart, LIGHT).options["series"]
    assert [value for _, value in line["data"]] == [1, 2, 3, 4]


def test_few_times_and_words_are_bars_and_the_chart_is_as_high_as_they_need() -> None:
    few = Chart(True, minutes(0, 1), (Series("ERROR", (1, 2)), Series("n", (3, None))))  # noqa: FBT003 - over time
    drawn = charts.drawn(few, LIGHT)
    assert [each["type"] for each in drawn.options["series"]] == ["bar", "bar"]
    assert drawn.options["yAxis"]["data"] == ["2026-11-25 04:00", "2026-11-25 04:01"]
    assert [row.name for row in drawn.legend] == ["ERROR", "n"]
    many = Chart(False, tuple(map(str, range(50))), (Series("n", tuple(range(50))),))  # noqa: FBT003 - words
    assert charts.height(many) > 10 * 50 > charts.height(few)


def test_a_severity_has_the_colour_of_what_it_means() -> None:
    chart = Chart(False, ("a",), (Series("till", (1,)), Series("ERROR", (1,))))  # noqa: FBT003 - words
    drawn = charts.drawn(chart, LIGHT)
    assert [each["color"] for each in drawn.options["series"]] == [LIGHT.series[0], LIGHT.names["red"]]


def test_the_editor_completes_every_function_table_and_column() -> None:
    offered = words()
    assert {each["name"] for each in offered["functions"]} == set(FUNCTIONS)
    assert [each["name"] for each in offered["columns"]] == [column.name for column in COLUMNS]
    assert [each["name"] for each in offered["tables"]] == ["logs", *(question.name for question in QUESTIONS)]
    assert set(offered["keywords"]) == set(KEYWORDS) - set(FUNCTIONS)


def test_the_editor_loads_nothing_from_elsewhere() -> None:
    script = (ROOT / "src/tocsin/console/static/modules/sql.js").read_text()
    assert "://" not in script
    assert script.count("import ") == 1
