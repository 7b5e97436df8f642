"""What each check of expressions finds, where it points, and what it lets through."""

from __future__ import annotations

import pytest

from tests.conftest import CHECKOUT
from tocsin.checks import CHECKS, Case, from_files, from_plan
from tocsin.derive import derive
from tocsin.model import Catalog, Observation, Panel, Passage, Place, Query, SeenMetric, SeenRule, Team
from tocsin.model import Service as DeclaredService

HTTP = "http_request_duration_seconds"


def metric(name: str, kind: str, labels: dict[str, set[str]] | None = None, **more: object) -> SeenMetric:
    values = {label: frozenset(found) for label, found in (labels or {}).items()}
    return SeenMetric(name=name, kind=kind, labels=values, series=len(values) + 1, **more)  # type: ignore[arg-type]  # bounds alone


METRICS = {
    found.name: found
    for found in (
        metric("runs_total", "counter", {"outcome": {"won", "lost"}}),
        metric("asked_total", "counter", {"path": {"/"}}),
        metric("bytes_sent_total", "counter"),
        metric("depth", "gauge"),
        metric("disk_used_bytes", "gauge"),
        metric("disk_used_ratio", "gauge"),
        metric("disk_used_percent", "gauge"),
        metric("wait_milliseconds", "gauge"),
        metric("last_run_timestamp_seconds", "gauge"),
        metric("rpc_seconds", "summary"),
        metric("build_info", "gauge", {"version": {"1"}}),
        metric("process_start_time_seconds", "gauge"),
        metric(HTTP, "histogram", {"route": {"/a", "/b"}}, bounds=(0.5, 1.0, 2.0, 5.0)),
    )
}


def case(*rules: tuple[str, str], metrics: dict[str, SeenMetric] | None = METRICS, scrape: float = 15.0) -> Case:
    """Return the case of recording rules, each a name and an expression."""
    seen = tuple(
        SeenRule(kind="recording", name=name, expr=Passage(expr), group="g", place=Place("r", 1, 1), ends=1)
        for name, expr in rules
    )
    return from_files(Observation(rules=seen, metrics=metrics), scrape)


def found(check: str, expr: str, *others: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the parts of *expr* that *check* points at, each with its severity."""
    return [
        (expr[problem.span.start : problem.span.end], problem.severity)
        for problem in CHECKS[f"promql/{check}"](case(*others, ("planted", expr)))
        if problem.passage is not None and problem.passage.text == expr and problem.span is not None
    ]


def points(check: str, expr: str, *others: tuple[str, str]) -> list[str]:
    return [part for part, _ in found(check, expr, *others)]


def said(check: str, expr: str) -> str:
    (problem,) = CHECKS[f"promql/{check}"](case(("planted", expr)))
    return problem.message


P95 = f"histogram_quantile(0.95, sum by (le) (rate({HTTP}_bucket[5m])))"


@pytest.mark.parametrize(
    ("expr", "parts"),
    [
        ("runs_total > 5", [("runs_total", "error")]),
        ("5 < bool sum(runs_total)", [("sum(runs_total)", "error")]),
        (f"{HTTP}_count == 0", [(f"{HTTP}_count", "warning")]),
        ("increase(runs_total[5m]) > 5", []),
        ("count(runs_total) > 5", []),
        ("runs_total > asked_total", []),
        ("unknown_total > 5", []),
        ("depth > 5", []),
    ],
)
def test_a_counter_compared_with_a_number(expr: str, parts: list[tuple[str, str]]) -> None:
    assert found("counter-compared", expr) == parts


@pytest.mark.parametrize(
    ("expr", "parts"),
    [
        ("sum(runs_total)", ["runs_total"]),
        (f"{HTTP}_sum / {HTTP}_count", [f"{HTTP}_sum", f"{HTTP}_count"]),
        ("runs_total - runs_total offset 1h", ["runs_total", "runs_total offset 1h"]),
        ("max_over_time(runs_total[1h])", ["runs_total[1h]"]),
        ("topk(3, runs_total) or depth", ["runs_total"]),
        ("runs_total > 5", []),
        ("runs_total unless runs_total offset 5m", []),
        ("depth and on () runs_total", []),
        ("count(runs_total)", []),
        ("absent(runs_total)", []),
        ("changes(runs_total[5m])", []),
        ("rate(runs_total[5m])", []),
        ("0 * runs_total", []),
        ("depth", []),
    ],
)
def test_a_counter_without_its_rate(expr: str, parts: list[str]) -> None:
    assert points("counter-without-rate", expr) == parts


@pytest.mark.parametrize(
    ("expr", "parts"),
    [
        ("rate(depth[5m])", ["depth[5m]"]),
        ("sum(increase(rpc_seconds[5m]))", ["rpc_seconds[5m]"]),
        ("increase(last_run_timestamp_seconds[1h])", ["last_run_timestamp_seconds[1h]"]),
        ("rate(rate(runs_total[5m])[1h:])", ["rate(runs_total[5m])[1h:]"]),
        (f"irate({P95}[5m:])", [f"{P95}[5m:]"]),
        ("rate(runs_total[5m])", []),
        (f"rate({HTTP}_bucket[5m])", []),
        ("rate(unknown[5m])", []),
        ("deriv(depth[5m])", []),
    ],
)
def test_a_rate_of_what_is_no_counter(expr: str, parts: list[str]) -> None:
    assert points("rate-of-gauge", expr) == parts


def test_a_rate_of_a_recorded_rate() -> None:
    assert points("rate-of-gauge", "rate(job:runs:rate5m[1h])", ("job:runs:rate5m", "sum(rate(runs_total[5m]))")) == [
        "job:runs:rate5m[1h]"
    ]


@pytest.mark.parametrize(
    ("expr", "parts"),
    [
        ("rate(sum(runs_total)[5m:1m])", ["sum(runs_total)[5m:1m]"]),
        ("increase(job:runs:sum[1h])", ["job:runs:sum[1h]"]),
        ("rate(runs_total[5m:1m])", []),
        ("sum(rate(runs_total[5m]))", []),
        ("max_over_time(sum(rate(runs_total[5m]))[1h:])", []),
    ],
)
def test_a_rate_of_a_sum(expr: str, parts: list[str]) -> None:
    assert points("rate-of-sum", expr, ("job:runs:sum", "sum without (instance) (runs_total)")) == parts


@pytest.mark.parametrize(
    ("expr", "parts"),
    [
        ("rate(runs_total[20s])", [("runs_total[20s]", "error")]),
        ("rate(runs_total[30s])", [("runs_total[30s]", "warning")]),
        ("deriv(depth[45s])", [("depth[45s]", "warning")]),
        ("rate(runs_total[1m])", []),
        ("max_over_time(depth[15s])", []),
        ("rate(recorded:sum[30s])", []),
    ],
)
def test_a_range_of_too_few_scrapes(expr: str, parts: list[tuple[str, str]]) -> None:
    assert found("short-range", expr, ("recorded:sum", "sum(runs_total)")) == parts


def test_nobody_calls_a_range_short_without_knowing_the_scrapes() -> None:
    assert list(CHECKS["promql/short-range"](case(("x", "rate(runs_total[1s])"), scrape=0))) == []


@pytest.mark.parametrize(
    ("check", "expr", "parts"),
    [
        ("quantile-without-rate", f"histogram_quantile(0.9, {HTTP}_bucket)", [f"{HTTP}_bucket"]),
        ("quantile-without-rate", P95, []),
        ("quantile-without-rate", "histogram_quantile(0.9, unknown_bucket)", []),
        ("quantile-without-le", f"histogram_quantile(0.9, sum(rate({HTTP}_bucket[5m])))", ["sum"]),
        (
            "quantile-without-le",
            f"histogram_quantile(0.9, sum by (route) (rate({HTTP}_bucket[5m])))",
            ["by (route)"],
        ),
        ("quantile-without-le", "histogram_quantile(0.9, sum(rate(unknown_bucket[5m])))", ["sum"]),
        ("quantile-without-le", "histogram_quantile(0.9, sum without (le) (rate(a_bucket[5m])))", ["without (le)"]),
        ("quantile-without-le", "histogram_quantile(0.9, sum(rate(native_seconds[5m])))", []),
        ("quantile-without-le", P95, []),
        ("histogram-base", f"histogram_quantile(0.9, sum(rate({HTTP}[5m])))", [HTTP]),
        ("histogram-base", f"avg({HTTP})", [HTTP]),
        ("histogram-base", f"{HTTP}_count", []),
        ("histogram-base", "rpc_seconds", []),
        ("wrong-average", f"avg(histogram_quantile(0.9, sum by (le, route) (rate({HTTP}_bucket[5m]))))", ["avg"]),
        ("wrong-average", "sum by (job) (rpc_seconds)", ["sum"]),
        ("wrong-average", f"quantile(0.9, rate({HTTP}_bucket[5m]))", ["quantile"]),
        ("wrong-average", f"sum(rate({HTTP}_bucket[5m]))", ["sum"]),
        ("wrong-average", f'sum(rate({HTTP}_bucket{{le="0.5"}}[5m]))', []),
        ("wrong-average", f"sum by (le) (rate({HTTP}_bucket[5m]))", []),
        ("wrong-average", "max(rpc_seconds)", []),
        ("wrong-average", f"histogram_quantile(0.9, sum(rate({HTTP}_bucket[5m])))", []),
    ],
)
def test_what_is_taken_of_a_histogram(check: str, expr: str, parts: list[str]) -> None:
    assert points(check, expr) == parts


@pytest.mark.parametrize(
    ("check", "expr", "parts"),
    [
        ("threshold-above-buckets", f"{P95} > 5", [("5", "error")]),
        ("threshold-above-buckets", f"2 * 5 < max({P95})", [("2 * 5", "error")]),
        ("threshold-above-buckets", f"{P95} <= 7", [("7", "error")]),
        ("threshold-above-buckets", f"histogram_quantile(0.9, {HTTP}) > 10", [("10", "error")]),
        ("threshold-above-buckets", "recorded:p95 > 6", [("6", "error")]),
        ("threshold-above-buckets", f"{P95} >= 5", []),
        ("threshold-above-buckets", f"{P95} > 2", []),
        ("threshold-above-buckets", "rpc_seconds > 99", []),
        ("threshold-above-buckets", "histogram_quantile(0.9, sum by (le) (rate(a_bucket[5m]))) > 99", []),
        ("threshold-between-buckets", f"{P95} > 3", [("3", "warning")]),
        ("threshold-between-buckets", f"{P95} < bool 0.1", [("0.1", "warning")]),
        ("threshold-between-buckets", f"{P95} > 2", []),
        ("threshold-between-buckets", f"{P95} > 0", []),
        ("threshold-between-buckets", f"{P95} > 7", []),
        ("threshold-between-buckets", f'rate({HTTP}_bucket{{le="3"}}[5m])', [('le="3"', "error")]),
        ("threshold-between-buckets", f'rate({HTTP}_bucket{{le="2"}}[5m])', []),
        ("threshold-between-buckets", f'rate({HTTP}_bucket{{le="+Inf"}}[5m])', []),
        ("le-spelling", f'{HTTP}_bucket{{le="1"}}', [('le="1"', "warning")]),
        ("le-spelling", f'{HTTP}_bucket{{le=~"1|2"}}', [('le=~"1|2"', "warning"), ('le=~"1|2"', "warning")]),
        ("le-spelling", 'unknown_bucket{le="1"}', [('le="1"', "warning")]),
        ("le-spelling", f'{HTTP}_bucket{{le="1.0"}}', []),
        ("le-spelling", f'{HTTP}_bucket{{le=~"1|1.0"}}', []),
        ("le-spelling", f'{HTTP}_bucket{{le="0.5",route="1"}}', []),
    ],
)
def test_what_is_asked_of_buckets(check: str, expr: str, parts: list[tuple[str, str]]) -> None:
    assert found(check, expr, ("recorded:p95", P95)) == parts


def test_a_threshold_between_buckets_tells_what_it_may_be_off_by() -> None:
    assert said("threshold-between-buckets", f"{P95} > 3") == (
        "3 lies between the buckets 2 and 5, where a quantile is only a guess: it may be off by up to 3; "
        "add a bucket at 3"
    )


def test_a_catalog_spells_its_bounds_in_one_way() -> None:
    panel = Panel("Slow", (Query(f'sum(rate({HTTP}_bucket{{le="1"}}[5m]))'),), unit="ops", help=".")
    service = DeclaredService(
        name="checkout", team="shop", port=8000, because="Nobody can buy.", signals=CHECKOUT.signals, panels=(panel,)
    )
    teams = (Team(name="shop", slack="#shop"),)
    plan = derive(
        Catalog(services=(service,), teams=teams, runbooks="https://r.example", heartbeat="https://h.example")
    )
    (problem,) = CHECKS["promql/le-spelling"](from_plan(plan, Observation()))
    assert (problem.severity, problem.message) == ("error", "this bound is written 1.0, so 1 matches nothing")
