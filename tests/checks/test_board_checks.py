from __future__ import annotations

import json

import pytest

from tests.checks.pages import board, catalog_of, code, plain
from tocsin.checks import CHECKS, Problem, from_plan
from tocsin.derive import derive
from tocsin.model import Observation, SeenMetric

METRICS = {
    metric.name: metric
    for metric in (
        SeenMetric(name="wait_seconds", kind="histogram", bounds=(1.0, 2.0), series=5),
        SeenMetric(name="served_total", kind="counter", labels={"code": frozenset(("200", "500"))}, series=2),
        SeenMetric(name="busy_seconds_total", kind="counter", series=1),
        SeenMetric(name="sent_bytes_total", kind="counter", series=1),
        SeenMetric(name="disk_used_ratio", kind="gauge", series=1),
        SeenMetric(name="requests_total", kind="counter", labels={"route": frozenset(map(str, range(40)))}, series=40),
    )
}


def found(check: str, expr: str, unit: str = "", kind: str = "timeseries", title: str = "A panel") -> list[Problem]:
    panel = {
        "title": title,
        "type": kind,
        "targets": [{"expr": expr}],
        "fieldConfig": {"defaults": {"unit": unit}},
    }
    return [*CHECKS[check](board(json.dumps({"title": "Board", "panels": [panel]}), METRICS))]


@pytest.mark.parametrize(
    ("expr", "unit", "wrong"),
    [
        ("histogram_quantile(0.9, sum by (le) (rate(wait_seconds_bucket[5m])))", "s", False),
        ("histogram_quantile(0.9, sum by (le) (rate(wait_seconds_bucket[5m])))", "ms", True),
        ("1000 * histogram_quantile(0.9, sum by (le) (rate(wait_seconds_bucket[5m])))", "ms", False),
        ("sum(rate(wait_seconds_sum[5m])) / sum(rate(wait_seconds_count[5m]))", "s", False),
        ("sum(rate(wait_seconds_sum[5m])) / sum(rate(wait_seconds_count[5m]))", "percentunit", True),
        ("sum(rate(served_total[5m]))", "reqps", False),
        ("sum(rate(served_total[5m]))", "s", True),
        ("sum(rate(served_total[5m])) * 60", "cpm", False),
        ("sum(rate(served_total[5m]))", "cpm", True),
        ("sum(increase(served_total[1m]))", "cpm", False),
        ("sum(rate(sent_bytes_total[5m]))", "Bps", False),
        ("sum(rate(sent_bytes_total[5m]))", "bytes", True),
        ("sum(rate(sent_bytes_total[5m])) * 8", "bps", False),
        ("rate(busy_seconds_total[5m])", "percentunit", False),
        ("disk_used_ratio", "percent", True),
        ("disk_used_ratio * 100", "percent", False),
        ("disk_used_ratio", "percentunit", False),
        ("served_total", "short", False),
        ("unheard_of", "s", False),
    ],
)
def test_a_unit_that_the_numbers_do_not_have_is_found(expr: str, unit: str, *, wrong: bool) -> None:
    assert bool(found("board/unit", expr, unit)) == wrong


def test_the_right_unit_is_named() -> None:
    (problem,) = found("board/unit", "sum(rate(sent_bytes_total[5m]))", "bytes")
    assert problem.message == "it shows bytes a second in the unit 'bytes': use Bps"


@pytest.mark.parametrize(
    ("expr", "kind", "many"),
    [
        ("rate(requests_total[5m])", "timeseries", True),
        ("rate(requests_total[5m])", "stat", False),
        ("sum(rate(requests_total[5m]))", "timeseries", False),
        ("topk(5, rate(requests_total[5m]))", "timeseries", False),
        ('rate(requests_total{route="/"}[5m])', "timeseries", False),
        ('rate(requests_total{route=~"$route"}[5m])', "timeseries", False),
        ("rate(served_total[5m])", "timeseries", False),
        ("rate(unheard_of_total[5m])", "timeseries", False),
    ],
)
def test_a_panel_of_more_lines_than_somebody_can_read_is_found(expr: str, kind: str, *, many: bool) -> None:
    assert bool(found("board/too-many-lines", expr, kind=kind)) == many


def test_labels_of_which_nobody_knows_the_values_are_not_counted() -> None:
    panel = {"title": "A", "type": "timeseries", "targets": [{"expr": "rate(a_total[5m]) * on (disk) b"}]}
    assert [*CHECKS["board/too-many-lines"](board(json.dumps({"title": "Board", "panels": [panel]})))] == []


def test_a_label_that_is_declared_as_open_is_too_many() -> None:
    text = """
ASKED = Counter("asked_total", "Questions.", (Label("topic"),))
ASKED
Panel("By topic", (Query("rate(asked_total[5m])"),), unit="ops", help="Many.")
Panel("All", (Query("sum(rate(asked_total[5m]))"),), unit="ops", help="One.")
"""
    case = from_plan(derive(catalog_of(text)), Observation())
    assert [problem.declared for problem in CHECKS["board/too-many-lines"](case)] == ["By topic"]


def test_numbers_without_a_unit_need_none() -> None:
    assert found("board/no-unit", "sum(served_total)") == []
    assert found("board/no-unit", "rate(requests_total[5m])", kind="table") == []
    assert found("board/no-unit", "sum(rate(sent_bytes_total[5m]))")


def test_a_panel_without_a_title_is_found() -> None:
    (problem,) = found("board/no-title", "sum(served_total)", title=" ")
    assert "the panel that shows sum(served_total) has no title" in problem.message


@pytest.mark.parametrize(
    ("text", "unused"),
    [
        ("sum(a{job='$job'})", False),
        ("sum(a{job='${job:regex}'})", False),
        ("sum(a{job='[[job]]'})", False),
        ("sum(a{job='$jobs'})", True),
        ("sum(a)", True),
    ],
)
def test_a_variable_that_no_text_names_is_found(text: str, *, unused: bool) -> None:
    variables = [{"name": "job", "type": "query", "query": "label_values(up, job)"}]
    panel = {"title": "A", "type": "stat", "targets": [{"expr": text}]}
    case = board(json.dumps({"title": "Board", "templating": {"list": variables}, "panels": [panel]}))
    assert bool([*CHECKS["board/unused-variable"](case)]) == unused


def test_a_variable_of_another_one_and_one_that_repeats_a_panel_are_used() -> None:
    variables = [
        {"name": "job", "type": "query", "query": "label_values(up, job)"},
        {"name": "instance", "type": "query", "query": "label_values(up{job='$job'}, instance)"},
        {"name": "Filters", "type": "adhoc"},
    ]
    panel = {"title": "A", "type": "stat", "repeat": "instance", "targets": [{"expr": "sum(a)"}]}
    case = board(json.dumps({"title": "Board", "templating": {"list": variables}, "panels": [panel]}))
    assert [*CHECKS["board/unused-variable"](case)] == []


def test_a_metric_that_a_rule_reads_is_looked_at() -> None:
    text = """
RUNS = Counter("runs_total", "Runs.", (Label("outcome", ("done", "failed")),))
RUNS
Ratio(name="runs", ratio=0.99, bad=RUNS.where(outcome="failed"), total=RUNS, because="Runs fail.")
Histogram("run_seconds", "How long.", buckets=(1, 2))
"""
    case = from_plan(derive(catalog_of(text, drawn=False)), Observation())
    assert [problem.subject for problem in CHECKS["board/unseen-metric"](case)] == ["checkout/run_seconds"]


@pytest.mark.parametrize(
    ("text", "clever"),
    [
        ("def quantiles(x):\n    return x", "defines a function"),
        ("X = lambda: 1", "defines a function"),
        ("for x in (1, 2):\n    print(x)", "loops"),
        ("X = 1 if True else 2", "decides with if"),
        ("from datetime import datetime", "imports datetime"),
        ("X = open('x')", "calls open()"),
        ("X = tuple(f(y) for y in (1, 2))", ""),
        ("from .teams import DATA\nimport tocsin\nX: int = 3\n'''A text.'''", ""),
        ("def (", ""),
    ],
)
def test_what_is_more_than_a_declaration_is_found(text: str, clever: str) -> None:
    messages = [problem.message for problem in CHECKS["catalog/plain"](plain(text))]
    assert len(messages) == bool(clever)
    assert all(clever in message for message in messages)


def test_the_clever_part_is_pointed_at() -> None:
    (problem,) = CHECKS["catalog/plain"](plain('É = "é"; X = lambda: 1\n'))
    assert problem.passage is not None
    assert problem.span is not None
    assert problem.passage.text[problem.span.start :].startswith("lambda")


@pytest.mark.parametrize(
    ("one", "other", "mixed"),
    [
        ("code=402", 'code="timeout"', True),
        ("code=402", "code=f'{x}'", True),
        ("code=402", "code=len(x)", False),
        ("code=402", "code=unknown", False),
        ("code=402", "code=None", False),
        ("code=402", "code=4.5", False),
        ("code=True", "code=1", True),
        ("code=[1]", "code={}", True),
        ("exc_info=True", 'exc_info="x"', False),
        ("code=a / 2", "code=str(a)", True),
    ],
)
def test_a_field_of_two_types_is_found(one: str, other: str, *, mixed: bool) -> None:
    case = code(f'obs.log.info("A", {one})\nself.obs.log.warning("B", {other})\n')
    assert bool([*CHECKS["log/field-types"](case)]) == mixed


def test_the_annotation_of_a_parameter_tells_its_type_unless_it_is_assigned() -> None:
    text = 'log.info("A", code="x")\ndef f(code: int):\n    {}log.info("B", code=code)\n'
    (problem,) = CHECKS["log/field-types"](code(text.format("")))
    assert problem.message == "the field 'code' is a number here, but a text in shop.py:1"
    assert [*CHECKS["log/field-types"](code(text.format("code = str(code); ")))] == []


def test_what_is_no_logger_has_no_fields() -> None:
    assert [*CHECKS["log/field-types"](code('form.error("A", code=1)\nform.error("B", code="x")\n'))] == []


@pytest.mark.parametrize(
    ("name", "there"),
    [("saleID", "saleid"), ("_private", "private"), ("naïve", "na_ve"), ("sale_id", ""), ("exc_info", ""), ("a1", "")],
)
def test_a_field_that_a_sink_would_call_something_else_is_found_once(name: str, there: str) -> None:
    found = [*CHECKS["log/field-names"](code(f'log.info("A", {name}=1)\nlog.error("B", {name}=2)\n'))]
    said = f"the field {name!r} is called {there!r} in BigQuery: call it that here too"
    assert [problem.message for problem in found] == ([said] if there else [])
