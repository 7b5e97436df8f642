from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin import promql
from tocsin.derive import AlertRule, Plan, derive, quicken
from tocsin.derive.burn import WINDOWS
from tocsin.model import Availability, Catalog, DeclarationError, TocsinError, Unreachable, milliseconds


@pytest.fixture(scope="module")
def plan(catalog: Catalog) -> Plan:
    return derive(catalog)


def alert(plan: Plan, name: str, slo: str | None = None) -> AlertRule:
    (found,) = (rule for rule in plan.alerts if rule.name == name and slo in (None, rule.labels.get("slo")))
    return found


def test_every_expression_is_promql(plan: Plan) -> None:
    assert [rule.expr for rule in plan.rules if promql.syntax_problem(rule.expr)] == []


def test_every_alert_but_the_watchdog_has_a_fault_and_a_runbook(plan: Plan) -> None:
    assert {rule.name for rule in plan.alerts if not rule.faults} == {"Watchdog"}
    assert all(rule.runbook and rule.because and rule.summary for rule in plan.alerts)


def test_every_http_service_gets_its_alerts_for_nothing(catalog: Catalog) -> None:
    bare = replace(catalog, services=(replace(catalog.services[0], signals=(), objectives=(), alerts=()),))
    assert [rule.name for rule in derive(bare).alerts] == ["Watchdog", "ServiceDown", "HighErrorRate", "HighLatency"]


@pytest.mark.parametrize("idles", [False, True])
def test_a_public_url_gets_an_alert_that_is_silent_while_its_service_is_down(catalog: Catalog, *, idles: bool) -> None:
    public = replace(catalog.services[0], public_url="https://shop.example/", idles=idles)
    plan = derive(replace(catalog, services=(public,)))
    rule = alert(plan, "PublicUrlDown")
    assert rule.expr.startswith('(probe_success{job="probe/checkout"} == 0)')
    assert alert(plan, "ServiceDown").expr in rule.expr
    assert rule.faults == (Unreachable(),)
    assert rule.severity == "critical"


@pytest.mark.parametrize("address", ["shop.example", "ftp://shop.example", "https://", "https://shop.example/ now"])
def test_a_public_url_that_nobody_can_ask_is_refused(catalog: Catalog, address: str) -> None:
    with pytest.raises(DeclarationError, match="must be an address like https"):
        replace(catalog.services[0], public_url=address)


def test_recordings_of_objectives_follow_sloths_names(plan: Plan) -> None:
    recorded = {(r.name, r.labels.get("sloth_slo")) for r in plan.recordings if r.name.startswith("slo:")}
    names = {
        *(f"slo:sli_error:ratio_rate{window}" for window in (*WINDOWS, "30d")),
        "slo:objective:ratio",
        "slo:error_budget:ratio",
        "slo:time_period:days",
        "slo:current_burn_rate:ratio",
        "slo:period_burn_rate:ratio",
        "slo:period_error_budget_remaining:ratio",
    }
    assert {(name, slo) for name in names for slo in ("availability", "latency", "payments", "quality")} <= recorded


def test_windows_and_factors_are_the_workbooks(plan: Plan) -> None:
    fast = alert(plan, "ErrorBudgetBurnFast", "availability").expr
    slow = alert(plan, "ErrorBudgetBurnSlow", "availability").expr
    for window, factor, expr in (("1h", "14.4", fast), ("6h", "6", fast), ("1d", "3", slow), ("3d", "1", slow)):
        mine = '{service="checkout",slo="availability"}'
        assert f"slo:sli_error:ratio_rate{window}{mine} > {factor} * 0.001" in expr


@given(st.floats(min_value=0.001, max_value=0.9999))
def test_a_total_outage_passes_every_threshold(catalog: Catalog, ratio: float) -> None:
    service = replace(catalog.services[0], signals=(), alerts=(), objectives=(Availability(round(ratio, 4)),))
    for rule in derive(replace(catalog, services=(service,))).alerts:
        for line in rule.expr.split("> ")[1:]:
            factor, times, rest = line.partition(" * ")
            if times:
                assert float(factor) * float(rest.split()[0].rstrip(")")) < 1


def test_a_warning_is_silent_while_its_service_is_down(plan: Plan) -> None:
    for rule in plan.alerts:
        if rule.severity == "warning":
            assert rule.expr.endswith('unless on () absent(up{job="checkout"} == 1)')


def test_each_severity_of_each_team_has_a_route(plan: Plan) -> None:
    assert [(route.receiver, dict(route.labels)) for route in plan.routes] == [
        ("heartbeat", {"alertname": "Watchdog"}),
        ("shop-pagerduty", {"severity": "critical", "team": "shop"}),
        ("shop-slack", {"severity": "warning", "team": "shop"}),
    ]


def test_speed_divides_every_duration_and_nothing_else(plan: Plan) -> None:
    quick = quicken(plan, 60)
    assert (quick.scrape_interval, alert(quick, "ServiceDown").lasting) == ("250ms", "2s")
    assert "[5s]" in alert(quick, "HighErrorRate").expr
    assert alert(quick, "HighErrorRate").expr.replace("[5s]", "[5m]") == alert(plan, "HighErrorRate").expr
    assert [route.labels for route in quick.routes] == [route.labels for route in plan.routes]
    for before, after in zip(plan.routes, quick.routes, strict=True):
        assert milliseconds(after.timing.interval) * 60 == milliseconds(before.timing.interval)


@pytest.mark.parametrize("speed", [0, 301])
def test_a_speed_at_which_windows_run_empty_is_refused_with_the_highest_that_works(plan: Plan, speed: int) -> None:
    with pytest.raises(TocsinError, match="choose one from 1 to 300"):
        quicken(plan, speed)
