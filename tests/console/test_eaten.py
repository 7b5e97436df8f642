"""What ate an error budget: stretches of burning, and the events of them as a Prometheus counts them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conftest import CHECKOUT
from tests.console.places import Places
from tests.console.serving import serving
from tocsin import Availability, Latency, Mean
from tocsin.console.metrics import Window
from tocsin.console.objectives.eaten import MOST, Bite, Part, bites, parts

WINDOW = Window(0.0, 3600.0, 60.0)
PERIOD = 30 * 86_400
BITE = Bite(start=600.0, end=1200.0, peak=14.0, spent=0.1, open=False)


def burning(*burns: float) -> list[tuple[float, float]]:
    return [(60.0 * number, burn) for number, burn in enumerate(burns, 1)]


def test_a_stretch_is_from_before_its_first_burn_to_its_last_and_spends_what_it_burns() -> None:
    (bite,) = bites(burning(0, 0.9, 2, 10, 3, 1, 0), WINDOW)
    assert (bite.start, bite.end, bite.peak, bite.open) == (120.0, 300.0, 10, False)
    assert bite.spent == pytest.approx(15 * 60 / PERIOD)


def test_stretches_that_spent_most_come_first_and_no_more_than_are_read() -> None:
    found = bites(burning(*(burn for number in range(1, 8) for burn in (1 + number, 0, 0, 0))), WINDOW)
    assert [bite.peak for bite in found] == [8, 7, 6, 5, 4]
    assert len(found) == MOST


def test_a_dip_of_one_step_does_not_part_a_stretch() -> None:
    assert len(bites(burning(5, 0, 5), WINDOW)) == 1
    assert len(bites(burning(5, 0, 0, 5), WINDOW)) == 2


def test_a_stretch_that_reaches_the_end_goes_on() -> None:
    (bite,) = bites([(3600.0, 2.0)], WINDOW)
    assert bite.open


def test_a_budget_that_never_burns_was_not_eaten() -> None:
    assert bites(burning(0, 1, 0.5), WINDOW) == ()


@pytest.mark.parametrize(
    ("objective", "asked"),
    [
        (Availability(0.99), 'http_requests_total{service="checkout",status_code=~"5.."}[900s]'),
        (Latency(0.95, below=2), 'http_request_duration_seconds_bucket{le="2.0",service="checkout"}[900s]'),
    ],
)
def test_the_bad_events_are_told_apart_by_their_labels(places: Places, objective: Any, asked: str) -> None:
    questions = []

    def answer(address: str) -> Any:
        query = parse_qs(urlsplit(address).query)
        questions.append((query["query"][0], query["time"][0]))
        result = [
            {"metric": {"route": "/pay", "method": "POST"}, "value": [1200, "3"]},
            {"metric": {"route": "/", "method": "GET"}, "value": [1200, "40"]},
            {"metric": {}, "value": [1200, "1"]},
        ]
        return {"status": "success", "data": {"resultType": "vector", "result": result}}

    with serving(answer) as url:
        found = places.at(prometheus=url).do(lambda sources: parts(sources.metrics, CHECKOUT, objective, BITE))
    assert found == (
        Part((("method", "GET"), ("route", "/")), 40.0),
        Part((("method", "POST"), ("route", "/pay")), 3.0),
    )
    ((question, at),) = questions
    assert asked in question
    assert float(at) == BITE.end


def test_of_slices_of_time_there_are_no_events(places: Places) -> None:
    (mean,) = (each for each in CHECKOUT.objectives if isinstance(each, Mean))
    assert places.do(lambda sources: parts(sources.metrics, CHECKOUT, mean, BITE)) == ()


def test_a_prometheus_that_is_away_leaves_the_stretch_without_its_events(places: Places) -> None:
    assert places.do(lambda sources: parts(sources.metrics, CHECKOUT, Availability(0.99), BITE)) == ()
