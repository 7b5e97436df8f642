"""The oracle against the arithmetic of the SRE Workbook, and against what promtool makes of rules that are right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.proof.test_proving import catalog
from tocsin.derive import Criterion, Share, Slices, derive, quicken
from tocsin.derive.rings import detection, reset
from tocsin.model import HTTP_REQUESTS, Availability, Errors, Histogram, Mean, Shift, Spread, matching, seconds
from tocsin.proof.course import series
from tocsin.proof.day import Day, Stretch, under
from tocsin.proof.oracle import ringing
from tocsin.proof.proving import book, stages
from tocsin.proof.rehearsal import Pace
from tocsin.proof.rules import selectors
from tocsin.targets import PRODUCTION

(SHOP,) = catalog().services
REQUESTS = HTTP_REQUESTS.where(service="shop")
FAILED = REQUESTS.where(status_code=matching("5.."))
WINDOW, STEP = 3600.0, 60
PACE = Pace(STEP, STEP)


def criterion(above: float, count: int = 0) -> Criterion:
    return Criterion(Share(REQUESTS, FAILED), above, ("1h",), Errors(1.0), count)


def times(criterion: Criterion, stretches: tuple[Stretch, ...], lasting: str = "0s") -> tuple[float, float]:
    """Return when it rings first, and when it is silent again, in seconds."""
    rings = ringing((criterion,), lasting, SHOP, Day("any", stretches), PACE)
    return rings.index(True) * STEP, (len(rings) - rings[::-1].index(True)) * STEP


@given(st.floats(0.02, 0.5), st.floats(1.1, 1.9), st.sampled_from((0.25, 1.0, 4.0)))
def test_it_rings_and_resets_after_the_times_of_the_workbook(above: float, clearly: float, visits: float) -> None:
    spoilt, usual = above * clearly, SHOP.traffic.errors
    after = detection(WINDOW, above, spoilt, visits, usual)
    there = after + 5 * STEP
    day = (Stretch(2 * WINDOW), *under(Errors(spoilt), Stretch(there, visits)), Stretch(2 * WINDOW, visits))
    first, silent = times(criterion(above), day)
    assert first == pytest.approx(2 * WINDOW + after, abs=3 * STEP)
    if there >= WINDOW:
        assert silent - 2 * WINDOW - there == pytest.approx(reset(WINDOW, above, spoilt, usual), abs=3 * STEP)


def test_it_waits_for_enough_events_and_for_as_long_as_it_must_hold() -> None:
    failing = (Stretch(600.0, 0.0), *under(Errors(1.0), Stretch(3000.0)))
    rate = SHOP.traffic.rps
    at_once, counted = criterion(0.5), criterion(0.5, round(rate * 900))
    assert times(counted, failing)[0] - times(at_once, failing)[0] == pytest.approx(900, abs=STEP)
    assert times(at_once, failing, "5m")[0] - times(at_once, failing)[0] == 300


def test_slices_without_enough_events_are_not_judged() -> None:
    taste = Histogram("taste_ratio", "How good it was.", buckets=(0.5, 1))
    shop = replace(SHOP, signals=(taste,), behaviour=(Spread(taste, 1, p50=0.8, p95=0.9),))
    judged = Criterion(Slices(taste, 0.6, 200, "5m"), 0.5, ("1h",), Shift(taste, 0.3))
    hour = Stretch(3600.0)

    def rings(*stretches: Stretch) -> bool:
        return any(ringing((judged,), "0s", shop, Day("any", stretches), PACE))

    assert rings(hour, *under(Shift(taste, 0.3), hour))
    assert not rings(hour, hour)
    assert not rings(hour, *under(Shift(taste, 0.3), replace(hour, visits=0.5)))


def test_a_drill_divides_the_windows_of_criteria_too() -> None:
    plan = derive(catalog(objectives=(Mean(Histogram("taste_ratio", "Taste.", buckets=(1,)), at_least=0.5),)))
    for usual, quick in zip(plan.alerts, quicken(plan, 60).alerts, strict=True):
        for slow, fast in zip(usual.criteria, quick.criteria, strict=True):
            assert [seconds(each) for each in slow.windows] == [60 * seconds(each) for each in fast.windows]
            assert seconds(slow.counted_over) == 60 * seconds(fast.counted_over)


def test_a_bucket_in_which_nothing_falls_is_there_as_soon_as_anything_is_observed() -> None:
    wanted = selectors('http_request_duration_seconds_bucket{le="0.005"}')
    day = Day("any", (Stretch(60.0, 0.0), *under(Errors(1.0), Stretch(60.0))))
    found = {name: values for name, values in series(SHOP, None, day, 15, wanted).items() if 'instance="a"' in name}
    failed = next(values for name, values in found.items() if 'status_code="500"' in name)
    assert failed.startswith("_x4 ")
    assert "_x" not in failed.split(" ", 1)[1]


def test_a_neighbour_has_objectives_of_the_same_names() -> None:
    declared = catalog(objectives=(Availability(0.99),))
    shop = replace(declared.services[0], signals=(), behaviour=())
    alone = replace(shop, name="kiosk", port=8001, objectives=())
    twin = replace(shop, name="stall", port=8002)
    plan = derive(replace(declared, services=(shop, alone, twin)))
    neighbours = {stage.service.name: stage.neighbour for stage in stages(plan, book(plan, PRODUCTION))}
    assert neighbours["shop"] is twin
    assert neighbours["stall"] is shop
