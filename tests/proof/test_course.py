"""Laws of the series that a day becomes."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.proof.expansion import STALE, expanded
from tocsin.model import (
    SCRAPE,
    Beats,
    Counter,
    Errors,
    Fault,
    Flow,
    Gauge,
    Histogram,
    Label,
    Level,
    Scale,
    Service,
    Shift,
    Silence,
    Slow,
    Spread,
    Traffic,
)
from tocsin.promql import Selector
from tocsin.proof import course
from tocsin.proof.course import samples, series
from tocsin.proof.day import FLEET, Day, Instance, Stretch
from tocsin.proof.motion import Moving, motion
from tocsin.proof.rules import selectors
from tocsin.stack import tools

ORDERS = Counter("orders_total", "Orders.", (Label("by", ("web", "phone")),))
FAILED = Counter("orders_failed_total", "Orders that failed.")
BAKING = Histogram("baking_seconds", "Baking.", buckets=(60, 300, 900))
OVENS = Gauge("ovens_hot", "Hot ovens.")
DELIVERY = Gauge("last_delivery_timestamp_seconds", "The last delivery.")

A, B = FLEET
FLEETS = (
    FLEET,
    (Instance("a", 1), B),
    (Instance("a", 1, answers=False), B),
    (Instance("c"), B),
    (A,),
    (),
    tuple(Instance(each.name, answers=False) for each in FLEET),
)
FAULTS: tuple[tuple[Fault, ...], ...] = (
    (),
    (Errors(0.5),),
    (Slow(3, 0.5),),
    (Silence(ORDERS),),
    (Scale(ORDERS, 0.02), Errors(0.1, FAILED, ORDERS)),
    (Slow(100, of=BAKING), Shift(OVENS, 0)),
    (Shift(BAKING, 500), Silence(DELIVERY)),
)
STEP = 15
SCRAPES = {signal.name for signal in SCRAPE}
"""What Prometheus says of a scrape is there too where a target does not answer."""

rates = st.just(0.0) | st.floats(0.001, 500)
stretches = st.lists(
    st.builds(
        Stretch,
        seconds=st.integers(1, 40).map(lambda count: float(count * STEP)),
        visits=st.sampled_from((0.0, 0.3, 1.0, 1.8)),
        faults=st.sampled_from(FAULTS),
        fleet=st.sampled_from(FLEETS),
        scraped=st.sampled_from((True, True, True, False)),
    ),
    min_size=1,
    max_size=6,
)


def lived(found: list[Stretch]) -> tuple[Stretch, ...]:
    """Return stretches in which an instance of life 1 has begun anew, and none comes back to a former life."""
    lives = {"a": 0, "b": 0, "c": 0}
    whole = []
    for stretch in found:
        for each in stretch.fleet:
            lives[each.name] += each.life
        whole.append(replace(stretch, fleet=tuple(replace(each, life=lives[each.name]) for each in stretch.fleet)))
    return tuple(whole)


days = st.builds(Day, st.just("a day"), stretches.map(lived), st.integers(0, 5).map(lambda count: float(count * STEP)))


@st.composite
def services(draw: st.DrawFn) -> Service:
    """Return a bakery that behaves in some way."""
    p50 = draw(st.floats(0.001, 5))
    half = draw(st.floats(1, 600))
    return Service(
        name="bakery",
        team="bread",
        port=8000,
        because="No bread.",
        signals=(ORDERS, FAILED, BAKING, OVENS, DELIVERY),
        traffic=Traffic(
            rps=draw(st.floats(0.01, 500)),
            errors=draw(st.floats(0, 0.5)),
            p50=p50,
            p95=p50 * draw(st.floats(1, 20)),
            routes=draw(st.sampled_from((("/",), ("/", "/breads/{name}")))),
        ),
        behaviour=(
            Flow(ORDERS.where(by="web"), draw(rates)),
            Flow(ORDERS.where(by="phone"), draw(rates), steady=True),
            Flow(FAILED, draw(rates)),
            Spread(BAKING, draw(rates), p50=half, p95=half * draw(st.floats(1, 4)), at_most=half * 5),
            Level(OVENS, draw(st.floats(-5, 5))),
            Beats(DELIVERY, every="1h"),
        ),
    )


def everything(service: Service) -> frozenset[Selector]:
    names = (name for signal in service.exposed for name in signal.series_names)
    return frozenset(selector for name in names for selector in selectors(name))


def written(service: Service, day: Day) -> dict[str, list[float | str | None]]:
    return {name: expanded(values) for name, values in series(service, None, day, STEP, everything(service)).items()}


def matching(found: Mapping[str, list[float | str | None]], metric: str) -> dict[str, list[float | str | None]]:
    """Return the series of a metric by their labels."""
    return {name.removeprefix(metric): each for name, each in found.items() if name.startswith(metric + "{")}


def bound(labels: str) -> float:
    match = re.search(r'le="([^"]+)"', labels)
    assert match is not None
    return float(match[1])


def without_bound(labels: str) -> str:
    return re.sub(r',?le="[^"]+"', "", labels).replace("{,", "{")


@given(services(), days)
@settings(deadline=None, max_examples=40)
def test_buckets_are_monotone_and_the_last_is_the_count(service: Service, day: Day) -> None:
    found = written(service, day)
    for metric in ("http_request_duration_seconds", "baking_seconds"):
        counts = matching(found, f"{metric}_count")
        groups: dict[str, dict[float, list[float | str | None]]] = {}
        for labels, values in matching(found, f"{metric}_bucket").items():
            groups.setdefault(without_bound(labels), {})[bound(labels)] = values
        assert set(groups) == set(counts)
        for labels, buckets in groups.items():
            ordered = [buckets[le] for le in sorted(buckets)]
            assert ordered[-1] == counts[labels]
            for lower, upper in pairwise(ordered):
                numbers = [(x, y) for x, y in zip(lower, upper, strict=True) if isinstance(x, float)]
                assert all(isinstance(y, float) and x <= y for x, y in numbers)


@given(services(), days)
@settings(deadline=None, max_examples=40)
def test_the_requests_are_the_observations_of_their_histogram(service: Service, day: Day) -> None:
    found = written(service, day)
    assert matching(found, "http_requests_total") == matching(found, "http_request_duration_seconds_count")


@given(services(), st.sampled_from((0.0, 0.3, 1.0, 1.8)), st.sampled_from(FAULTS))
@settings(deadline=None)
def test_each_request_has_a_log_record_of_its_severity(
    service: Service, visits: float, faults: tuple[Fault, ...]
) -> None:
    found = motion(service, visits, faults)
    said = {dict(each.labels)["severity"]: each.value for each in found["log_records_total"]}
    for severity, status in (("INFO", "200"), ("ERROR", "500")):
        answered = (each for each in found["http_requests_total"] if dict(each.labels)["status_code"] == status)
        assert said.pop(severity) == pytest.approx(sum(each.value for each in answered))
    assert set(said.values()) == {0.0}


@given(services(), days)
@settings(deadline=None, max_examples=40)
def test_a_counter_falls_only_where_its_process_began_anew(service: Service, day: Day) -> None:
    found = written(service, day)
    lives: dict[str, list[int | None]] = {name: [None] * round(day.begins / STEP) for name in ("a", "b", "c")}
    for stretch in day.stretches:
        fleet = {each.name: each.life for each in stretch.fleet if each.answers}
        for name in lives:
            lives[name] += [fleet.get(name)] * samples(stretch, STEP)
    for name, values in found.items():
        if "_total{" in name or "_bucket{" in name or "_count{" in name:
            instance = name.partition('instance="')[2][0]
            _require_growth([value if isinstance(value, float) else None for value in values], lives[instance])


def _require_growth(values: list[float | None], lives: list[int | None]) -> None:
    last: float | None = None
    life: int | None = None
    for value, each in zip(values, lives, strict=True):
        if value is not None:
            assert each is not None
            assert each != life or last is None or value >= last
            last, life = value, each


@given(services(), days)
@settings(deadline=None, max_examples=40)
def test_a_counter_that_is_there_from_the_start_begins_at_0_with_each_life(service: Service, day: Day) -> None:
    whole = Day(day.name, tuple(Stretch(each.seconds, each.visits, each.faults, each.fleet) for each in day.stretches))
    begun: dict[str, int] = {}
    at = 0
    found = matching(written(service, whole), "orders_total")
    for stretch in whole.stretches:
        for instance in stretch.fleet:
            if instance.answers and begun.get(instance.name) != instance.life:
                begun[instance.name] = instance.life
                mine = [values for labels, values in found.items() if f'instance="{instance.name}"' in labels]
                assert mine
                assert all(values[at] == 0 for values in mine)
        at += samples(stretch, STEP)


@given(services(), st.integers(2, 300), st.sampled_from(FAULTS))
@settings(deadline=None, max_examples=40)
def test_the_instances_add_up_to_the_whole(service: Service, count: int, faults: tuple[Fault, ...]) -> None:
    day = Day("a day", (Stretch(count * STEP, 1.0, faults),))
    found = written(service, day)
    whole = motion(service, 1.0, faults)
    for metric in ("orders_total", "http_requests_total", "baking_seconds_sum"):
        grown = 0.0
        for values in matching(found, metric).values():
            numbers = [value for value in values if isinstance(value, float)]
            grown += numbers[-1] - numbers[0] if numbers else 0.0
        rate = sum(each.value for each in whole[metric])
        slack = len(matching(found, metric)) * (count - 1) / course.GRID
        assert grown == pytest.approx(rate * STEP * (count - 1), abs=slack, rel=1e-9)


@given(services(), days)
@settings(deadline=None, max_examples=40)
def test_every_series_has_as_many_samples_as_the_day_has_steps(service: Service, day: Day) -> None:
    steps = round(day.begins / STEP) + sum(samples(stretch, STEP) for stretch in day.stretches)
    assert {len(values) for values in written(service, day).values()} <= {steps}


@given(services(), days)
@settings(deadline=None, max_examples=40)
def test_nothing_is_there_while_nobody_answers_or_looks_and_before_the_day(service: Service, day: Day) -> None:
    found = written(service, day)
    for values in found.values():
        assert all(value is None for value in values[: round(day.begins / STEP)])
    at = round(day.begins / STEP)
    for stretch in day.stretches:
        there = {each.name for each in stretch.fleet if each.answers} if stretch.scraped else set()
        for name, values in found.items():
            if name.partition("{")[0] not in SCRAPES and name.partition('instance="')[2][0] not in there:
                assert all(value is None or value == STALE for value in values[at : at + samples(stretch, STEP)])
        at += samples(stretch, STEP)


@given(services(), days)
@settings(deadline=None, max_examples=20)
def test_the_same_day_gives_the_same_text(service: Service, day: Day) -> None:
    once = series(service, service, day, STEP, everything(service))
    course.moving.cache_clear()
    motion.cache_clear()
    assert list(series(service, service, day, STEP, everything(service)).items()) == list(once.items())


@given(services(), st.floats(0.01, 1))
@settings(deadline=None, max_examples=60)
def test_of_events_that_turn_bad_as_many_happen_as_before(service: Service, ratio: float) -> None:
    phone = ORDERS.where(by="phone")

    def rate(fault: tuple[Fault, ...]) -> dict[str, float]:
        return {str(each.labels): each.value for each in motion(service, 1.0, fault)["orders_total"]}

    before, after = rate(()), rate((Errors(ratio, phone, ORDERS),))
    whole = sum(before.values())
    assert after["(('by', 'phone'),)"] == pytest.approx(whole * ratio)
    if before["(('by', 'web'),)"]:
        assert sum(after.values()) == pytest.approx(whole)


def test_promtool_reads_the_notation_as_it_is_expanded_here(tmp_path: Path) -> None:
    shop = Service(
        name="bakery",
        team="bread",
        port=1,
        because=".",
        signals=(ORDERS,),
        behaviour=(Flow(ORDERS.where(by="web"), 1.7),),
    )
    day = Day("a day", (Stretch(90), Stretch(30, fleet=()), Stretch(60, fleet=(Instance("a", 1),))), 45.0)
    written = series(shop, None, day, STEP, selectors("orders_total"))
    tests = [
        {
            "expr": name,
            "eval_time": f"{number * STEP}s",
            "exp_samples": [{"labels": name, "value": value}] if isinstance(value, float) else [],
        }
        for name, values in written.items()
        if name.startswith("orders")
        for number, value in enumerate(expanded(values))
        if value is not None
    ]
    assert len(tests) > 20
    inputs = [{"series": name, "values": values} for name, values in written.items()]
    whole = {
        "evaluation_interval": f"{STEP}s",
        "tests": [{"interval": f"{STEP}s", "input_series": inputs, "promql_expr_test": tests}],
    }
    (tmp_path / "tests.json").write_text(json.dumps(whole))
    done = subprocess.run(
        [tools.find("promtool"), "test", "rules", "tests.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_counter_moves_by_nobody_when_nobody_comes() -> None:
    shop = Service(name="bakery", team="bread", port=1, because=".", signals=(FAILED,), behaviour=(Flow(FAILED, 3),))
    (orders,) = motion(shop, 0.0, ())["orders_failed_total"]
    assert orders == Moving("orders_failed_total", (), "counter", 0.0)
