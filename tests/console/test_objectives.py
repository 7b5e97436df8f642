"""The page of objectives, asked of a Prometheus with answers in its own format."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.console.places import Places
from tests.console.serving import serving
from tocsin.console.objectives import view as objectives
from tocsin.console.objectives.view import Burn

AVAILABILITY = {"service": "checkout", "slo": "availability"}
LATENCY = {"service": "checkout", "slo": "latency"}


def sample(value: str, **labels: str) -> dict[str, Any]:
    return {"metric": labels, "value": [1_764_043_200, value]}


INSTANT = {
    "slo:period_error_budget_remaining:ratio": [sample("-0.2", **AVAILABILITY), sample("0.9", **LATENCY)],
    objectives.RATIOS: [
        sample("0.02", **AVAILABILITY, sloth_window="1h"),
        sample("0.0001", **AVAILABILITY, sloth_window="5m"),
        sample("NaN", **AVAILABILITY, sloth_window="6h"),
        sample("0.0012", **AVAILABILITY, sloth_window="30d"),
    ],
    "sum_over_time(slo:sli_bad:rate5m[3600s])": [sample("120", **AVAILABILITY)],
    "sum_over_time(slo:sli_total:rate5m[3600s])": [sample("2400", **AVAILABILITY)],
}


def prometheus(address: str) -> dict[str, Any]:
    asked = urlsplit(address)
    kind, result = "vector", INSTANT.get(parse_qs(asked.query)["query"][0], [])
    if asked.path.endswith("query_range"):
        kind = "matrix"
        result = [{"metric": AVAILABILITY, "values": [[1.0, "0.5"], [2.0, "NaN"], [3.0, "-0.2"]]}]
    return {"status": "success", "data": {"resultType": kind, "result": result}}


def test_the_worst_budget_comes_first_with_its_burns_events_and_course(places: Places) -> None:
    with serving(prometheus) as url:
        seen = places.at(prometheus=url).look(objectives.look, "span=1h")
    assert [(each.name, each.remaining) for each in seen.objectives] == [
        ("availability", -0.2),
        ("latency", 0.9),
        ("payments", None),
        ("quality", None),
    ]
    worst = seen.objectives[0]
    assert [(burn.window, round(burn.rate, 3), burn.limit, burn.above) for burn in worst.burns] == [
        ("5m", 0.1, 14.4, False),
        ("1h", 20.0, 14.4, True),
        ("30d", 1.2, None, False),
    ]
    assert (worst.bad, worst.total) == (1800, 36_000)
    assert (seen.chosen, seen.span, seen.away) == ("checkout/availability", "1h", ())
    assert seen.remaining == ((1.0, 0.5), (3.0, -0.2))


def test_the_address_names_the_objective_and_the_span(places: Places) -> None:
    with serving(prometheus) as url:
        seen = places.at(prometheus=url).look(objectives.look, "objective=checkout/latency&span=1y")
    assert (seen.chosen, seen.span) == ("checkout/latency", "6h")


def test_while_prometheus_is_away_it_is_said_once_and_what_is_promised_is_shown(places: Places) -> None:
    seen = places.look(objectives.look)
    assert len(seen.away) == 1
    assert "Prometheus" in seen.away[0]
    assert {each.remaining for each in seen.objectives} == {None}


@pytest.mark.parametrize(("limit", "above"), [(None, False), (2.0, False), (1.0, True)])
def test_a_burn_is_above_what_an_alert_waits_for_or_not(limit: float | None, above: bool) -> None:  # noqa: FBT001 - pytest hands it over
    assert Burn("5m", 1.5, limit, "critical").above is above
