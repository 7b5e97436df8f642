"""When opening hours begin and end after the epoch, against the zone's own clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.model import Hours
from tocsin.proof.opening import opening

WEEK = 7 * 24 * 60
ZONES = ("UTC", "America/Chicago", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Kiritimati", "Australia/Lord_Howe")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def is_open(hours: Hours, minute: int) -> bool:
    """Tell whether it is open so many minutes after the epoch, by the clock of the zone as it stands in January."""
    ahead = datetime(2026, 1, 1, tzinfo=UTC).astimezone(ZoneInfo(hours.zone)).utcoffset()
    assert ahead is not None
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)).astimezone(timezone(ahead))
    day, clock = (local.weekday() + 1) % 7, local.hour * 60 + local.minute
    return any(span.day == day and span.opens <= clock < span.closes for span in hours.spans)


clocks = st.tuples(st.integers(0, 47), st.integers(0, 48)).map(
    lambda times: "-".join(f"{half // 2:02}:{half % 2 * 30:02}" for half in times)
)
weeks = st.dictionaries(st.sampled_from((*DAYS, "mon-fri", "thu-sun", "sat-mon")), clocks, min_size=1, max_size=4)


@given(st.sampled_from(ZONES), weeks)
@settings(deadline=None)
def test_it_is_open_from_its_beginning_to_its_end_and_then_closed(zone: str, week: dict[str, str]) -> None:
    hours = Hours("shop", zone, week)
    begins, ends = (round(each / 60) for each in opening(hours))
    assert 0 <= begins < WEEK
    assert begins < ends <= begins + WEEK
    assert all(is_open(hours, minute) for minute in range(begins, ends, 10))
    assert ends == begins + WEEK or not is_open(hours, ends)
    assert not any(is_open(hours, minute) and not is_open(hours, minute - 1) for minute in range(1, begins))


@pytest.mark.parametrize(
    ("hours", "begins", "ends"),
    [
        (Hours("shop", "UTC", {"mon-sun": "09:00-21:00"}), 9, 21),
        (Hours("shop", "America/Chicago", {"mon-sat": "09:00-21:00"}), 15, 27),
        (Hours("bar", "Europe/Berlin", {"thu-sat": "18:00-02:00"}), 17, 25),
        (Hours("night", "Asia/Tokyo", {"fri": "22:00-06:00"}), 24 + 13, 24 + 21),
        (Hours("always", "UTC", {"sun-sat": "00:00-24:00"}), 0, 7 * 24),
        (Hours("long", "UTC", {"fri": "08:00-12:00", "thu-sat": "09:00-17:00"}), 9, 17),
        (Hours("long", "UTC", {"fri": "08:00-12:00", "thu-fri": "11:00-17:00"}), 11, 17),
        (Hours("two", "UTC", {"fri": "08:00-12:00", "fri-fri": "09:00-17:00"}), 24 + 8, 24 + 17),
    ],
)
def test_the_first_opening_after_the_epoch_a_thursday(hours: Hours, begins: int, ends: int) -> None:
    assert opening(hours) == (begins * 3600, ends * 3600)
