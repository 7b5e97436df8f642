"""How numbers and times are spelled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.console.spelling import ago, clock, lasting, number, percent


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.123456, "0.123"), (1.0, "1"), (12.34, "12.3"), (1234.5, "1,234"), (0, "0"), (None, "none"), (-2.5, "-2.5")],
)
def test_a_value_has_three_digits_or_is_whole(value: float | None, said: str) -> None:
    assert number(value) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [(1, "100 %"), (0.9995, "99.95 %"), (0.995, "99.5 %"), (0.0005, "0.05 %"), (0, "0 %"), (-3, "-300 %")],
)
def test_a_share_is_in_percent(share: float, said: str) -> None:
    assert percent(share) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (0.2, "under 1 s"), (65, "1 min 5 s"), (3600, "1 h"), (187_200, "2 d 4 h")]
)
def test_a_length_has_at_most_two_units(seconds: float, said: str) -> None:
    assert lasting(seconds) == said


def test_a_moment_has_its_day_only_where_that_is_not_today() -> None:
    now = datetime.now(UTC)
    assert clock(now) == f"{now.astimezone():%H:%M:%S}"
    assert len(clock(now - timedelta(days=3)).split()) == 3
    assert ago(now - timedelta(minutes=2), now.timestamp()) == "2 min ago"
