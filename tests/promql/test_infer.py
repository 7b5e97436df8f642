from __future__ import annotations

import pytest

from tocsin import promql
from tocsin.checks.world import declared
from tocsin.model import Counter, Gauge, Histogram, Label
from tocsin.promql.infer import infer
from tocsin.promql.interval import Interval
from tocsin.promql.matching import extra
from tocsin.promql.shape import Shape, World
from tocsin.promql.tree import Binary

WORLD = declared(
    (
        Counter("runs_total", "Runs.", (Label("outcome", ("won", "lost")),)),
        Counter("asked_total", "Questions.", (Label("path"),)),
        Gauge("depth", "Depth."),
        Histogram("wait_seconds", "Waits.", buckets=(0.5, 1, 2)),
    ),
    ("job", "instance"),
    15.0,
)


def shape(expr: str, world: World = WORLD) -> Shape:
    tree = promql.parse(expr)
    return infer(tree, world)[tree]


@pytest.mark.parametrize(
    ("expr", "values"),
    [
        ("histogram_quantile(0.9, rate(wait_seconds_bucket[5m]))", Interval(0, 2)),
        ("histogram_quantile(0.9, wait_seconds)", Interval(0, 2)),
        ("histogram_quantile(1.5, rate(wait_seconds_bucket[5m]))", Interval()),
        ("quantile(2, up)", Interval()),
        ("quantile_over_time(0.5, up[5m])", Interval(0, 1)),
        ("rate(wait_seconds_sum[5m])", Interval()),
        ("sum(rate(runs_total{outcome='lost'}[5m])) / sum(rate(runs_total[5m]))", Interval(0, 1)),
    ],
)
def test_values_lie_in_what_is_inferred(expr: str, values: Interval) -> None:
    assert shape(expr).values == values


def test_what_is_above_0_divides_to_a_number() -> None:
    assert shape("rate(runs_total[5m]) / rate(runs_total[5m])").idle
    assert not shape("rate(runs_total[5m]) / (rate(runs_total[5m]) > 0)").idle


def test_a_series_bears_the_labels_of_its_metric_and_of_its_target() -> None:
    labels = shape("asked_total").labels
    assert (labels.certain("path"), labels.certain("job"), labels.certain("outcome")) == (True, True, False)
    assert shape('asked_total{path=""}').presence == "never"
    assert not shape("asked_total or vector(1)").labels.certain("job")


def test_a_comparison_may_leave_one_series() -> None:
    assert shape("runs_total").labels.varied == {"outcome"}
    assert shape("runs_total > 5").labels.varied == set()
    assert shape("runs_total{outcome='won'}").labels.varied == set()


@pytest.mark.parametrize(
    ("expr", "names"),
    [
        ("depth * on (job) runs_total", ["outcome"]),
        ("depth * ignoring (outcome) runs_total", ["outcome"]),
        ("depth * ignoring (path) asked_total", []),
        ("depth * on (job) sum by (job) (runs_total)", []),
    ],
)
def test_labels_that_differ_beside_those_that_pair(expr: str, names: list[str]) -> None:
    tree = promql.parse(expr)
    assert isinstance(tree, Binary)
    assert extra(tree, infer(tree, WORLD)[tree.right].labels) == names


def test_absent_carries_what_was_asked_for_once() -> None:
    assert shape('absent(up{job="a",instance=~"b"})').labels.values("job") == frozenset("a")
    assert not shape('absent(up{job="a",job!="b"})').labels.certain("job")
    assert shape('absent(up{job="a"} == 1)').labels.impossible("job")


def test_a_plain_number_may_stand_for_seconds() -> None:
    one, other = shape("rate(runs_total[5m]) * 300").unit, shape("increase(runs_total[5m])").unit
    assert one is not None
    assert other is not None
    assert not one.differs(other)


@pytest.mark.parametrize(
    ("expr", "unit"),
    [
        ("rate(unseen_bytes_total[5m])", "bytes seconds^-1"),
        ("histogram_quantile(0.9, rate(unseen_seconds_bucket[5m]))", "seconds"),
        ("unseen_seconds_count", "a plain number"),
        ("unseen", "None"),
    ],
)
def test_the_name_of_a_metric_that_nobody_knows_tells_its_unit(expr: str, unit: str) -> None:
    tree = promql.parse(expr)
    assert str(infer(tree, World())[tree].unit) == unit
