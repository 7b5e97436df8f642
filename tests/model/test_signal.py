from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin import promql
from tocsin.model import (
    Counter,
    DeclarationError,
    Gauge,
    Histogram,
    Label,
    le,
    matching,
    not_matching,
    other_than,
)

COMMANDS = Counter("voice_commands_total", "Commands.", (Label("intent", ("order", "search")), Label("route")))
SECONDS = Histogram("answer_seconds", "Answers.", (Label("kind", ("fast", "slow")),), buckets=(0.1, 1, 2.5))


def test_a_signal_is_its_own_selector() -> None:
    assert str(COMMANDS) == "voice_commands_total"


@pytest.mark.parametrize(
    ("selector", "text"),
    [
        (COMMANDS.where(intent="order"), 'voice_commands_total{intent="order"}'),
        (COMMANDS.where(intent="other"), 'voice_commands_total{intent="other"}'),
        (COMMANDS.where(route="/a", intent=other_than("search")), 'voice_commands_total{intent!="search",route="/a"}'),
        (COMMANDS.where(route=matching("/v1.*")), 'voice_commands_total{route=~"/v1.*"}'),
        (COMMANDS.where(route=not_matching("/v1.*")), 'voice_commands_total{route!~"/v1.*"}'),
        (COMMANDS.where(service="voice"), 'voice_commands_total{service="voice"}'),
        (SECONDS.sum, "answer_seconds_sum"),
        (SECONDS.where(kind="fast").count, 'answer_seconds_count{kind="fast"}'),
        (SECONDS.bucket.where(kind="fast"), 'answer_seconds_bucket{kind="fast"}'),
        (SECONDS.where(kind="slow").at_most(1), 'answer_seconds_bucket{kind="slow",le="1.0"}'),
    ],
)
def test_selectors_are_promql(selector: object, text: str) -> None:
    assert str(selector) == text
    assert promql.syntax_problem(text) is None


@given(st.text())
def test_any_label_value_survives_quoting(value: str) -> None:
    read = promql.parse(str(COMMANDS.where(route=value)))
    assert isinstance(read, promql.Selector)
    assert [(matcher.label, matcher.value) for matcher in read.matchers] == [("route", value)]


@pytest.mark.parametrize(
    ("bound", "text"),
    [
        (1, "1.0"),
        (0.005, "0.005"),
        (10.0, "10.0"),
        (1e-05, "1e-05"),
        (1e6, "1e+06"),
        (1.5e10, "1.5e+10"),
        (float("inf"), "+Inf"),
    ],
)
def test_bounds_are_spelled_as_prometheus_3_does(bound: float, text: str) -> None:
    assert le(bound) == text


@pytest.mark.parametrize(
    ("declare", "sentence"),
    [
        (lambda: COMMANDS.where(status="x"), "has no label 'status': it has intent, route, service"),
        (lambda: COMMANDS.where(intent="ordr"), "never has intent='ordr': its values are order, search, other"),
        (lambda: SECONDS.at_most(3), "no bucket that ends at 3: add 3 to its buckets, or ask for one of 0.1, 1, 2.5"),
        (lambda: COMMANDS.where().sum, "only a histogram has buckets"),
        (lambda: Counter("orders", "Orders."), "must end with _total"),
        (lambda: Gauge("orders_total", "Orders."), "must not end with _total"),
        (lambda: Gauge("orders", "Orders.", across=cast("Any", "mean")), "choose sum, max, min or latest"),
        (lambda: Counter("orders total", "Orders."), "accepts no metric named 'orders total'"),
        (lambda: Counter("9_total", "Orders."), "not starting with a digit"),
        (lambda: Counter("a:b_total", "Orders."), "accepts no metric named"),
        (lambda: Counter("orders_total", " "), "has no help text"),
        (lambda: Counter("orders_total", "O.", (Label("a"), Label("a"))), "declares a label twice"),
        (lambda: Histogram("s", "S.", buckets=(1, 2, 2)), "its buckets must increase, but 2 comes after 2"),
        (lambda: Histogram("s", "S.", buckets=()), "needs at least one bucket"),
        (lambda: Histogram("s", "S.", buckets=(1, float("inf"))), "finite ones only"),
        (lambda: Histogram("s", "S.", buckets=(float("nan"),)), "finite ones only"),
        (lambda: Histogram("s_count", "S.", buckets=(1,)), "must end with its unit"),
        (lambda: Label("le"), "is put on by Prometheus or Tocsin"),
        (lambda: Label("service"), "is put on by Prometheus or Tocsin"),
        (lambda: Label("__x"), "accepts no label named '__x'"),
        (lambda: Label("a-b"), "accepts no label named 'a-b'"),
        (lambda: Label("a", ("x", "x")), "lists a value twice"),
        (lambda: Label("a", cast("Any", "order")), "must be a tuple of texts"),
        (lambda: Label("a", limit=0), "limit must be at least 1"),
    ],
)
def test_wrong_signals_fail_with_a_sentence(declare: Callable[[], object], sentence: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        declare()
    assert sentence in str(refused.value)
    assert str(refused.value).endswith(".")
