from __future__ import annotations

import pytest
import yaml

from tests.checks.pages import declared, problems
from tocsin.checks import CHECKS, Problem
from tocsin.model import SeenMetric

SECONDS = {
    "render_seconds": SeenMetric(name="render_seconds", kind="histogram", bounds=(0.5, 1.0, 2.0), series=5),
}


def found(check: str, expr: str, name: str = "Planted") -> list[Problem]:
    return problems(yaml.safe_dump([{"alert": name, "expr": expr}]), check, metrics=SECONDS)


@pytest.mark.parametrize(
    ("bound", "missing"), [("3", True), ("0.75", True), ("1", False), ("1.0", False), ("+Inf", False), ("fast", False)]
)
def test_a_bound_between_buckets_is_found(bound: str, *, missing: bool) -> None:
    expr = f'sum(rate(render_seconds_bucket{{le="{bound}"}}[5m])) < 1'
    assert bool(found("objective/no-bucket", expr)) == missing


@pytest.mark.parametrize(
    ("expr", "out_of_reach"),
    [
        ("slo:sli_error:ratio_rate1h > 14.4 * 0.1", True),
        ("slo:sli_error:ratio_rate1h > 1", True),
        ("slo:sli_error:ratio_rate1h >= 1", False),
        ("slo:sli_error:ratio_rate1h > 14.4 * 0.01", False),
        ("max(slo:sli_error:ratio_rate5m > (14.4 * 0.1) and slo:sli_error:ratio_rate1h > (14.4 * 0.1))", True),
        ("job:requests:rate5m > 100", False),
        ("errors > 5", False),
    ],
)
def test_an_error_ratio_that_can_never_be_is_found(expr: str, *, out_of_reach: bool) -> None:
    assert bool(found("objective/unreachable-burn", expr)) == out_of_reach


def test_what_is_derived_from_a_large_budget_can_be_reached() -> None:
    assert [*CHECKS["objective/unreachable-burn"](declared("Traffic(rps=9)\nAvailability(0.5)"))] == []


@pytest.mark.parametrize(
    ("name", "expr", "lacking"),
    [
        ("HighErrorRate", 'rate(http_requests_total{status_code=~"5.."}[5m]) > 0.05', True),
        ("FailureRatio", "sum(rate(job_failures_total[5m])) > 0.01", True),
        ("HighErrorRate", 'sum(rate(a{code=~"5.."}[5m])) / sum(rate(a[5m])) > 0.05', False),
        ("ManyErrors", "sum(rate(errors_total[5m])) > 0.1", False),
        ("HighErrorRate", "sum(rate(errors_total[5m])) > 10", False),
        ("HighErrorRate", "sum(increase(errors_total[5m])) > 0.5", False),
        ("HighRequestRate", "sum(rate(http_requests_total[5m])) > 0.5", False),
    ],
)
def test_failures_that_are_compared_with_a_share_are_found(name: str, expr: str, *, lacking: bool) -> None:
    assert bool(found("objective/no-denominator", expr, name)) == lacking


@pytest.mark.parametrize(
    ("bad", "total", "wrong"),
    [
        ('RUNS.where(outcome="failed")', "RUNS", ""),
        ('RUNS.where(outcome="failed")', 'RUNS.where(outcome="done")', "are no part of its total"),
        ("RUNS", "RUNS", "every event is a bad one"),
        ("FAILURES", "RUNS", ""),
    ],
)
def test_bad_events_must_be_some_of_all_events(bad: str, total: str, wrong: str) -> None:
    text = f"""
RUNS = Counter("runs_total", "Runs.", (Label("outcome", ("done", "failed")),))
FAILURES = Counter("failures_total", "Failures.")
RUNS
FAILURES
Ratio(name="runs", ratio=0.99, bad={bad}, total={total}, because="Runs fail.")
"""
    messages = [problem.message for problem in CHECKS["objective/no-denominator"](declared(text))]
    assert len(messages) == bool(wrong)
    assert all(wrong in message for message in messages)


@pytest.mark.parametrize(
    ("traffic", "objective", "few"),
    [
        ("Traffic(rps=0.05)", "Availability(0.999)", True),
        ("Traffic(rps=1)", "Availability(0.999)", False),
        ("Traffic(rps=0.01)", "Availability(0.999, min_failures=1)", True),
        ("Traffic(rps=0.05)", "Availability(0.999, min_failures=1)", False),
        ("Traffic(rps=0.01)", "Latency(0.95, below=2)", False),
        ("Traffic(rps=0.001)", "Latency(0.95, below=2)", True),
    ],
)
def test_a_page_that_so_little_traffic_cannot_cause_is_found(traffic: str, objective: str, *, few: bool) -> None:
    assert bool([*CHECKS["objective/too-few-events"](declared(f"{traffic}\n{objective}"))]) == few


@pytest.mark.parametrize(
    ("expr", "spoilt"),
    [
        ("avg_over_time((sum(rate(a_total[5m])) / sum(rate(b_total[5m])))[1h:]) > 1", True),
        ("max_over_time((sum(rate(a_total[5m])) / sum(rate(b_total[5m])))[1h:]) > 1", False),
        ("avg_over_time((sum(rate(a_total[5m])) / (sum(rate(b_total[5m])) > 0))[1h:]) > 1", False),
        ("avg_over_time(temperature_celsius[1h]) > 1", False),
    ],
)
def test_an_average_that_one_idle_moment_spoils_is_found(expr: str, *, spoilt: bool) -> None:
    assert bool(found("objective/nan-on-idle", expr)) == spoilt


def test_an_average_of_a_recorded_ratio_is_followed_to_its_rule() -> None:
    text = yaml.safe_dump(
        [
            {"record": "job:errors:ratio", "expr": "sum(rate(a_total[5m])) / sum(rate(b_total[5m]))"},
            {"record": "job:errors:ratio1d", "expr": "avg_over_time(job:errors:ratio[1d])"},
        ]
    )
    assert [problem.subject for problem in problems(text, "objective/nan-on-idle")] == ["job:errors:ratio1d"]
