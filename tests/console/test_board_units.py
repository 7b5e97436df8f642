from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.console.boards import units


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0, "s", "0 s"),
        (0.0042, "s", "4.2 ms"),
        (90, "s", "1.5 min"),
        (250, "ms", "250 ms"),
        (0.0123, "percentunit", "1.23%"),
        (1, "percentunit", "100%"),
        (99.5, "percent", "99.5%"),
        (1536, "bytes", "1.5 KiB"),
        (12.345, "reqps", "12.3 req/s"),
        (1200, "reqps", "1.2K req/s"),
        (1_250_000, "short", "1.25 Mil"),
        (123456, "none", "123456"),
        (0.25, "cores", "0.25 cores"),
        (3, "suffix:boxes", "3 boxes"),
        (1, "bool", "True"),
        (math.nan, "s", "no value"),
        (-math.inf, "s", "-∞"),
    ],
)
def test_values_are_written_as_people_read_them(value: float, unit: str, text: str) -> None:
    assert units.spelled(value, unit) == text


def test_decimals_are_kept_where_they_are_asked_for() -> None:
    assert units.spelled(1.5, "s", 2) == "1.50 s"


@given(st.text())
def test_no_unit_of_a_dashboard_comes_into_a_script(unit: str) -> None:
    known = {units.script(name) for name in [*units.KNOWN, "none"]}
    assert units.script(unit) in known
