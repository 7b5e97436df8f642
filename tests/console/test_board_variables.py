from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.console.boards import WINDOW
from tocsin.console.boards.models import Variable
from tocsin.console.boards.variables import ALL, Choice, chosen, inserted, label_values
from tocsin.console.metrics import Window

SERVICE = Variable(name="service", label="Service", kind="query", several=True, all=True, all_value=".+")
PLAIN = Variable(name="service", label="Service", kind="query")
VALUES = ("checkout", "a.b")


def put(expr: str, variable: Variable, *wanted: str) -> str:
    return inserted(expr, {variable.name: chosen(variable, VALUES, wanted)}, WINDOW)


@pytest.mark.parametrize("use", ["$service", "${service}", "[[service]]"])
def test_a_variable_is_found_in_each_of_its_spellings(use: str) -> None:
    assert put(f'up{{service=~"{use}"}}', SERVICE, "checkout") == 'up{service=~"checkout"}'


@pytest.mark.parametrize(
    ("wanted", "value"),
    [
        ((), ".+"),
        (("",), ".+"),
        ((ALL,), ".+"),
        (("All",), ".+"),
        (("a.b",), "a\\\\.b"),
        (("checkout", "a.b"), "(checkout|a\\\\.b)"),
    ],
)
def test_what_is_chosen_of_several_is_a_regular_expression(wanted: tuple[str, ...], value: str) -> None:
    assert put('up{service=~"$service"}', SERVICE, *wanted) == f'up{{service=~"{value}"}}'


def test_all_without_a_value_of_its_own_is_each_of_the_values() -> None:
    every = Variable(name="service", label="", kind="query", several=True, all=True)
    assert put('up{service=~"$service"}', every, ALL) == 'up{service=~"(checkout|a\\\\.b)"}'


def test_a_variable_of_one_value_stands_in_an_equal_matcher_as_it_is() -> None:
    assert put('up{service="$service"}', PLAIN, "a.b") == 'up{service="a.b"}'
    assert put('up{service="$service"}', PLAIN) == 'up{service="checkout"}'


@given(st.text())
def test_no_value_escapes_from_its_string(value: str) -> None:
    put_in = inserted('up{s="$service"}', {"service": Choice(PLAIN, (value,), (value,))}, WINDOW)
    inner = put_in.removeprefix('up{s="').removesuffix('"}')
    assert '"' not in inner.replace("\\\\", "").replace('\\"', "")
    assert "\n" not in inner


@pytest.mark.parametrize(
    ("window", "interval", "rate", "whole"),
    [(Window(0, 3600, 15), "15s", "1m", "3600s"), (Window(0, 86_400, 300), "5m", "315s", "86400s")],
)
def test_the_intervals_follow_the_span(window: Window, interval: str, rate: str, whole: str) -> None:
    text = "[$__interval] [$__rate_interval] [$__range] [$other]"
    assert inserted(text, {}, window) == f"[{interval}] [{rate}] [{whole}] [$other]"


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("label_values(up, instance)", ("up", "instance")),
        ('label_values(up{a="1,2"}, instance)', ('up{a="1,2"}', "instance")),
        ("label_values(service)", ("", "service")),
        ("query_result(up)", None),
    ],
)
def test_label_values_is_read(query: str, asked: tuple[str, str] | None) -> None:
    assert label_values(query) == asked
