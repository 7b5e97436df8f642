"""Opening hours in PromQL, judged by the real Prometheus against the zone's own clock."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.waiting import until
from tocsin.derive.hours import BEGIN, HORIZON, recordings
from tocsin.model import Hours
from tocsin.stack import tools

SHOP = Hours("shop", "America/Chicago", {"mon-sat": "09:00-21:00", "sun": "10:00-18:00"})
BAR = Hours("bar", "Europe/Berlin", {"thu-sat": "18:00-02:00", "sun": "00:00-24:00"})
SOUTH = Hours("south", "Australia/Lord_Howe", {"mon-fri": "08:30-17:15"})
ALWAYS_STANDARD = Hours("plain", "Asia/Tokyo", {"wed": "10:00-11:00"})


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Prometheus with nothing in it: PromQL on time() needs no series."""
    folder = tmp_path_factory.mktemp("prometheus")
    (folder / "prometheus.yml").write_text("{}")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(tools.find("prometheus")), "--config.file=prometheus.yml", f"--web.listen-address=127.0.0.1:{port}"]
    with (folder / "log").open("w") as log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            until(lambda: _ready(address), "Prometheus is ready")
            yield address
        finally:
            process.terminate()


def _ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/-/ready").is_success
    except httpx.TransportError:
        return False


def is_open_by_promql(prometheus: str, hours: Hours, moment: datetime) -> bool:
    local_time, open_now = recordings(hours)
    expr = open_now.expr.replace(f'{local_time.name}{{hours="{hours.name}"}}', f"({local_time.expr})")
    answer = httpx.post(f"{prometheus}/api/v1/query", data={"query": expr, "time": str(moment.timestamp())}).json()
    (sample,) = answer["data"]["result"]
    return {"1": True, "0": False}[sample["value"][1]]


def is_open_by_the_clock(hours: Hours, moment: datetime) -> bool:
    local = moment.astimezone(ZoneInfo(hours.zone))
    minute = local.hour * 60 + local.minute
    return any(span.day == local.isoweekday() % 7 and span.opens <= minute < span.closes for span in hours.spans)


@pytest.mark.parametrize("hours", [SHOP, BAR, SOUTH, ALWAYS_STANDARD], ids=lambda hours: hours.name)
def test_promql_agrees_with_the_zones_clock(prometheus: str, hours: Hours) -> None:
    @given(
        st.integers(int(BEGIN.timestamp()), int(HORIZON.timestamp()) - 1).map(lambda t: datetime.fromtimestamp(t, UTC))
    )
    def agrees(moment: datetime) -> None:
        assert is_open_by_promql(prometheus, hours, moment) == is_open_by_the_clock(hours, moment)

    agrees()


@pytest.mark.parametrize(
    ("local", "is_open"),
    [
        ("2026-03-07T08:59:59-06:00", False),
        ("2026-03-07T09:00:00-06:00", True),
        ("2026-03-08T09:59:59-05:00", False),
        ("2026-03-08T10:00:00-05:00", True),
        ("2026-11-01T17:59:59-06:00", True),
        ("2026-11-01T18:00:00-06:00", False),
        ("2028-02-29T09:00:00-06:00", True),
    ],
)
def test_the_hour_of_the_clock_change_and_leap_days(prometheus: str, local: str, is_open: bool) -> None:  # noqa: FBT001 - a table's column
    assert is_open_by_promql(prometheus, SHOP, datetime.fromisoformat(local)) is is_open


def test_past_the_horizon_the_shop_counts_as_open(prometheus: str) -> None:
    night = datetime(2040, 1, 1, 3, tzinfo=ZoneInfo("America/Chicago"))
    assert is_open_by_promql(prometheus, SHOP, night)
