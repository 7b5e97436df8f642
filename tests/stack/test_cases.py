"""Which alerts are drilled, which are left and why, and which go side by side."""

from __future__ import annotations

import json

import pytest

from tocsin import source
from tocsin.derive import Plan, derive, quicken
from tocsin.model import (
    HTTP_REQUESTS,
    Counter,
    Down,
    Errors,
    Fault,
    Flapping,
    Gauge,
    Histogram,
    Label,
    Scale,
    Shift,
    Silence,
    Slow,
    TocsinError,
    Vanish,
    matching,
)
from tocsin.sdk.orders import Order
from tocsin.stack.breakage import hindrance, order_of, touched
from tocsin.stack.cases import batches, select

RUNS = Counter("runs_total", "Runs.", (Label("outcome", ("succeeded", "failed")),))
STARTS = Counter("starts_total", "Starts.")
BROKEN = Counter("broken_total", "Starts that broke.")
TOOK = Histogram("took_seconds", "How long it took.", buckets=(1.0,))
SCORE = Histogram("score", "How good it was.", buckets=(0.5,))
LAST = Gauge("last_timestamp_seconds", "When it worked.")
SIGNALS = {signal.name: signal for signal in (RUNS, STARTS, BROKEN, TOOK, SCORE, LAST)}

FAULTS: list[Fault] = [
    Errors(0.25, RUNS.where(outcome="failed"), RUNS),
    Errors(0.5, BROKEN, STARTS),
    Slow(7.5, 0.3, TOOK),
    Shift(SCORE, 0.3),
    Silence(LAST),
]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return quicken(derive(source.load_catalog()), 60)


def test_every_alert_is_drilled_or_left_with_its_reason(plan: Plan) -> None:
    selection = select(plan, speed=60)
    drilled, left = ({each.rule.subject for each in found} for found in (selection.cases, selection.left))
    assert drilled | left == {rule.subject for rule in plan.alerts}
    assert not drilled & left
    assert {each.rule.name for each in selection.left} == {"Watchdog", "ErrorBudgetBurnSlow", "PublicUrlDown"}
    assert {each.because for each in selection.left} == {
        "no fault is declared that it is for",
        "it looks back 1d, and a drill 1h at most",
        "a drill cannot bring Unreachable about",
    }


@pytest.mark.parametrize("speed", [1, 7, 60, 300])
def test_the_speed_does_not_change_what_is_drilled(plan: Plan, speed: int) -> None:
    chosen = select(quicken(derive(plan.catalog), speed), speed=speed)
    assert {case.rule.subject for case in chosen.cases} == {case.rule.subject for case in select(plan, speed=60).cases}


def test_an_alert_goes_by_its_name_its_service_or_both(plan: Plan) -> None:
    def named(*names: str) -> set[str]:
        return {case.rule.subject for case in select(plan, names, speed=60).cases}

    services = {service.name for service in plan.catalog.services}
    assert named("ServiceDown") == {f"{name}/ServiceDown" for name in services}
    assert named("voice-commerce/ServiceDown") == {"voice-commerce/ServiceDown"}
    assert named("voice-commerce/ErrorBudgetBurnFast") == {
        f"voice-commerce/ErrorBudgetBurnFast/{slo}" for slo in ("availability", "latency", "accuracy")
    }
    assert named("voice-commerce") == {name for name in named(*services) if name.startswith("voice-commerce/")}


def test_an_unknown_alert_is_refused_with_those_that_exist(plan: Plan) -> None:
    with pytest.raises(TocsinError, match="No alert is called 'ServiceDwn': choose from ServiceDown, HighErrorRate"):
        select(plan, ["ServiceDwn"], speed=60)


def test_an_alert_that_can_only_be_proved_is_refused_with_the_reason(plan: Plan) -> None:
    refusal = "ErrorBudgetBurnSlow is left to `tocsin prove`, because it looks back 1d, and a drill 1h at most"
    with pytest.raises(TocsinError, match=refusal):
        select(plan, ["ErrorBudgetBurnSlow"], speed=60)


def test_no_fault_of_a_batch_touches_what_another_alert_of_it_reads(plan: Plan) -> None:
    cases = select(plan, speed=60).cases
    found = batches(cases)
    assert sorted(case.rule.subject for batch in found for case in batch) == sorted(case.rule.subject for case in cases)
    for service in plan.catalog.services:
        reaches = [batch[0].reach for batch in found if batch[0].rule.service == service.name]
        assert reaches == sorted(reaches, reverse=True), "or something else is in the windows of who looks back far"
    assert any(len({repr(case.fault) for case in batch}) > 1 for batch in found), "or nothing is side by side"
    for batch in found:
        assert len({case.rule.service for case in batch}) == 1
        for one in batch:
            for other in batch:
                if one.fault != other.fault:
                    touches = touched(one.fault)
                    assert touches is not None
                    assert not touches & other.reads


def test_what_a_fault_of_requests_touches_is_everything() -> None:
    assert [touched(fault) for fault in (Down(), Errors(0.5), Slow(3), Errors(0.5, HTTP_REQUESTS, HTTP_REQUESTS))] == [
        None
    ] * 4
    assert touched(Slow(3, of=TOOK)) == frozenset(TOOK.series_names)
    assert touched(Errors(0.5, BROKEN, STARTS)) == frozenset((BROKEN.name, STARTS.name))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_the_fault_door_understands_the_order_for_a_fault(fault: Fault) -> None:
    order = order_of([fault])
    assert hindrance(fault) == ""
    assert Order.read(json.dumps(order).encode(), SIGNALS).as_json() == {**order, "for": 600}


def test_several_faults_are_one_order() -> None:
    order = order_of([*FAULTS, Scale(Counter("more_total", "More."), 3), Slow(2, 0.5), Errors(0.1)])
    assert [table["of"] for table in order["spoil"]] == ["runs_total", "starts_total"]
    assert (order["slow"], order["slow_share"], order["errors"]) == (2, 0.5, 0.1)
    assert len(Order.read(json.dumps({**order, "scale": {}}).encode(), SIGNALS).faults) == len(FAULTS) + 2


def test_errors_of_a_route_are_errors_of_requests() -> None:
    route = HTTP_REQUESTS.where(route="/")
    failing = Errors(0.25, route.where(status_code=matching("5..")), route)
    assert (hindrance(failing), order_of([failing])) == ("", {"errors": 0.25})
    missing = Errors(0.25, route.where(status_code="404"), route)
    assert hindrance(missing).startswith("a drill lets requests fail with status 500, which is none of http_requests")


@pytest.mark.parametrize("fault", [Vanish(), Flapping(Down(), there="1m", away="1m")])
def test_what_no_drill_can_bring_about_is_said(fault: Fault) -> None:
    assert hindrance(fault) == f"a drill cannot bring {type(fault).__name__} about"
