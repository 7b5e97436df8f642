"""What each check of expressions finds, where it points, and what it lets through."""

from __future__ import annotations

import pytest

from tests.conftest import CHECKOUT
from tocsin.checks import CHECKS, Case, from_files, from_plan
from tocsin.derive import derive
from tocsin.model import (
    Catalog,
    Observation,
    Panel,
    Passage,
    Place,
    Query,
    SeenBoard,
    SeenMetric,
    SeenPanel,
    SeenRule,
    Team,
)
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


@pytest.mark.parametrize(
    ("expr", "parts"),
    [
        ("rate(runs_total[5m]) / rate(asked_total[5m])", ["/"]),
        ("depth * on (job) sum(depth)", ["*"]),
        ("depth and sum by (outcome) (runs_total)", ["and"]),
        ('up{job="a"} unless up{job="b"}', ["unless"]),
        ("depth * 5", []),
        ("depth or sum(depth)", []),
        ("depth * on () sum(depth)", []),
        ("depth * disk_used_bytes", []),
        ("unknown / rate(runs_total[5m])", []),
        ("rate(runs_total[5m]) / ignoring (outcome) group_left () rate(asked_total[5m])", ["/"]),
        ("rate(runs_total[5m]) / on (job) group_left () sum by (job) (rate(asked_total[5m]))", []),
    ],
)
def test_sides_that_never_meet(expr: str, parts: list[str]) -> None:
    assert points("no-pair", expr) == parts


def test_sides_that_never_meet_tell_which_has_the_label() -> None:
    assert said("no-pair", "rate(runs_total[5m]) / depth") == (
        "no series of the two sides can be a pair: only the left side has outcome; leave out or ignore it"
    )
    assert "both sides never have the same job" in said("no-pair", 'up{job="a"} * up{job="b"}')


@pytest.mark.parametrize(
    ("expr", "parts"),
    [
        ("depth * ignoring (outcome) runs_total", ["*"]),
        ("runs_total / on (job) runs_total", ["/"]),
        ("depth > on (job, instance) group_left () runs_total", [">"]),
        ("depth * on (job, instance) group_right () runs_total", []),
        ("runs_total * on (job, instance) group_left () depth", []),
        ('depth * ignoring (outcome) runs_total{outcome="won"}', []),
        ("depth * ignoring (outcome) (runs_total > 5)", []),
        ("depth * on (job) disk_used_bytes", []),
        ("depth and on (job) runs_total", []),
        ("depth * ignoring (path) asked_total", []),
        ("depth * on (job) unknown", []),
    ],
)
def test_several_series_that_pair_with_one(expr: str, parts: list[str]) -> None:
    assert points("many-to-many", expr) == parts


RATIO = 'sum(rate(runs_total{outcome="lost"}[5m])) / sum(rate(runs_total[5m]))'


@pytest.mark.parametrize(
    ("expr", "parts"),
    [
        (f"{RATIO} > 5", [f"{RATIO} > 5"]),
        (f"1 < {RATIO}", [f"1 < {RATIO}"]),
        ("up == 2", ["up == 2"]),
        ("rate(runs_total[5m]) < bool 0", ["rate(runs_total[5m]) < bool 0"]),
        ("(depth > 5) < 3", ["(depth > 5) < 3"]),
        ("recorded:ratio > 1", ["recorded:ratio > 1"]),
        ("avg_over_time(up[5m]) > 1", ["avg_over_time(up[5m]) > 1"]),
        ("count(up) < 1", ["count(up) < 1"]),
        ("hour() > 23", ["hour() > 23"]),
        (f"{RATIO} > 0.5", []),
        (f"100 * {RATIO} > 5", []),
        ("depth > 5", []),
        (f"{P95} > 99", []),
        ("(up == 1) != 1", ["(up == 1) != 1"]),
        ("vector(0) / vector(0) != 1", []),
    ],
)
def test_a_comparison_that_never_holds(expr: str, parts: list[str]) -> None:
    assert points("unreachable", expr, ("recorded:ratio", RATIO)) == parts


def test_a_comparison_that_never_holds_tells_why() -> None:
    assert said("unreachable", "up > 1") == "up is from 0 to 1, so it is never > 1"


@pytest.mark.parametrize(
    ("expr", "parts"),
    [
        ("up >= 0", ["up >= 0"]),
        ("sum(increase(runs_total[5m])) > -1", ["sum(increase(runs_total[5m])) > -1"]),
        ("count(up == 0) > 0", []),
        ("count(up) > 0", []),
        ("absent(up) == 1", []),
        ("(up and on () depth) >= 0", []),
        (f"{RATIO} <= 1", []),
        ("up == 1", []),
    ],
)
def test_a_comparison_that_always_holds(expr: str, parts: list[str]) -> None:
    assert points("always-true", expr) == parts


@pytest.mark.parametrize(
    ("expr", "parts"),
    [
        ("sum(depth > 5)", [">"]),
        ("avg by (job) (3 >= (depth))", [">="]),
        ("count(depth > 5)", []),
        ("max(depth > 5)", []),
        ("sum(depth > bool 5)", []),
        ("sum(depth > 0)", []),
        ("sum(up == 1)", []),
        ("sum(depth) > 5", []),
        ("sum(depth > up)", []),
    ],
)
def test_a_comparison_below_an_aggregation(expr: str, parts: list[str]) -> None:
    assert points("comparison-in-aggregation", expr) == parts


@pytest.mark.parametrize(
    ("expr", "message"),
    [
        (
            "disk_used_bytes > on () last_run_timestamp_seconds",
            "the left side is measured in bytes, the right in seconds",
        ),
        ("wait_milliseconds > scalar(last_run_timestamp_seconds)", "measured in milliseconds, the right in seconds"),
        ("disk_used_ratio == disk_used_percent", "measured in a plain number, the right in percent"),
        ("rate(bytes_sent_total[5m]) > rate(runs_total[5m])", ""),
        ("wait_milliseconds / 1000 > scalar(last_run_timestamp_seconds)", ""),
        ("disk_used_percent / 100 > disk_used_ratio", ""),
        ("time() - last_run_timestamp_seconds > 300", ""),
        ("disk_used_bytes > 5", ""),
        ("depth + disk_used_bytes", ""),
    ],
)
def test_units_that_do_not_go_together(expr: str, message: str) -> None:
    problems = list(CHECKS["promql/mixed-units"](case(("planted", expr))))
    assert len(problems) == bool(message)
    assert all(message in problem.message for problem in problems)


QUOTIENT = "sum by (job) (rate(runs_total[5m])) / sum by (job) (rate(asked_total[5m]))"


@pytest.mark.parametrize(
    ("expr", "parts"),
    [
        (f"sum({QUOTIENT})", [QUOTIENT]),
        ("avg(recorded:quotient)", ["recorded:quotient"]),
        (f"max({QUOTIENT})", []),
        (f"sum({RATIO})", []),
        ("sum(sum by (job) (rate(runs_total[5m])) / (sum by (job) (rate(asked_total[5m])) > 0))", []),
        (f"avg(histogram_quantile(0.9, sum by (le, route) (rate({HTTP}_bucket[5m]))))", []),
        ("avg(depth / disk_used_bytes)", []),
    ],
)
def test_a_sum_that_one_idle_series_spoils(expr: str, parts: list[str]) -> None:
    assert points("nan-in-sum", expr, ("recorded:quotient", QUOTIENT)) == parts


@pytest.mark.parametrize(
    ("check", "expr", "parts"),
    [
        ("dropped-label", "sum by (outcome) (sum by (job) (rate(runs_total[5m])))", ["by (outcome)"]),
        ("dropped-label", "count(max without (version) (build_info)) by (version)", ["by (version)"]),
        ("dropped-label", "depth * on (job) group_left (version) sum by (job) (build_info)", ["*"]),
        ("dropped-label", "sum(depth) * on (job) sum(depth)", ["*"]),
        ("dropped-label", "sum by (zone) (depth)", ["by (zone)"]),
        ("dropped-label", "sum by (job) (rate(runs_total[5m]))", []),
        ("dropped-label", "sum without (zone) (depth)", []),
        ("dropped-label", "sum by (zone) (unknown)", []),
        ("dropped-label", "depth * on (job, instance) group_left (version) build_info", []),
        ("dropped-label", 'sum by (zone) (label_replace(depth, "zone", "$1", "job", "(.)"))', []),
        ("dropped-label", 'max by (job) (absent(up{job=~"a|b"}))', []),
        ("absent-label", 'max by (job) (absent(up{job=~"a|b"}))', ['absent(up{job=~"a|b"})']),
        ("absent-label", "depth * on (job) absent(sum by (job) (up))", []),
        ("absent-label", "sum by (job) (absent(sum by (job) (up)))", ["absent(sum by (job) (up))"]),
        ("absent-label", 'max by (job) (absent(up{job="a"}))', []),
        ("absent-label", 'absent(up{job=~"a|b"})', []),
    ],
)
def test_a_label_that_is_not_there_any_more(check: str, expr: str, parts: list[str]) -> None:
    assert points(check, expr) == parts


@pytest.mark.parametrize(
    ("pattern", "severity"),
    [
        ("5", "warning"),
        ("api", "warning"),
        ("^api$", "warning"),
        ("^(a|b)$", "warning"),
        ("^a|b$", "warning"),
        ("a$b", "error"),
        ("api^.+", "error"),
        (".*foo", ""),
        ("5..", ""),
        ("a|b", ""),
        ("a\\\\$b", ""),
        ("[$^]", ""),
        ("a[^b]c", ""),
        (".+", ""),
        ("", ""),
    ],
)
def test_a_pattern_that_is_none(pattern: str, severity: str) -> None:
    expr = f'up{{job!~"{pattern}"}}'
    assert found("regex", expr) == ([(f'job!~"{pattern}"', severity)] if severity else [])


def test_what_may_be_a_variable_of_a_board_is_no_anchor() -> None:
    panel = SeenPanel(title="p", kind="", unit="", queries=(Passage('up{job!~"$job"}'),), place=Place("b", 1, 1))
    seen = SeenBoard(title="b", panels=(panel,), place=Place("b", 1, 1))
    assert list(CHECKS["promql/regex"](from_files(Observation(boards=(seen,))))) == []


@pytest.mark.parametrize(
    ("matchers", "parts"),
    [
        ('job=~".*"', [('job=~".*"', "warning")]),
        ('job!~".*"', [('job!~".*"', "error")]),
        ('job=""', [('job=""', "error")]),
        ('job!~".+"', [('job!~".+"', "error")]),
        ('job="x",job=~"x|y"', [('job=~"x|y"', "warning")]),
        ('job=~"x|y",job="x"', [('job=~"x|y"', "warning")]),
        ('job="x",job="y"', [('job="y"', "error")]),
        ('job="x",job="x"', [('job="x"', "warning")]),
        ('job!="x",job="x"', [('job!="x"', "error")]),
        ('job=~".+"', []),
        ('job!=""', []),
        ('zone=""', []),
        ('job=~"x.*",job!~"xy.*"', []),
    ],
)
def test_a_matcher_that_says_nothing(matchers: str, parts: list[tuple[str, str]]) -> None:
    assert found("redundant-matcher", f"up{{{matchers}}}") == parts


@pytest.mark.parametrize(
    ("check", "expr", "lasting", "parts"),
    [
        ("absent-without-for", "absent(up)", 0, ["absent"]),
        ("absent-without-for", "up == 0 or absent_over_time(up[5m])", 0, ["absent_over_time"]),
        ("absent-without-for", "absent(up)", 60, []),
        ("absent-without-for", "depth > 5 unless on () absent(up)", 0, []),
        ("absent-without-for", "depth > 5 and on () absent(up)", 0, []),
        ("topk-in-alert", "topk(3, depth) > 5", 60, ["topk"]),
        ("topk-in-alert", "depth > 5 or bottomk(3, depth)", 60, ["bottomk"]),
        ("topk-in-alert", "sum(topk(3, depth)) > 5", 60, []),
        ("new-series", 'changes(process_start_time_seconds{container_id=~"a.*"}[1h]) > 2', 0, None),
        ("new-series", "sum by (uid) (changes(process_start_time_seconds[1h])) > 2", 0, None),
        ("new-series", "sum by (pod) (changes(process_start_time_seconds[1h])) > 2", 0, []),
        ("new-series", "sum by (job) (changes(process_start_time_seconds[1h])) > 2", 0, []),
        ("new-series", "sum by (uid) (changes(restarts[1h])) > 2", 0, []),
    ],
)
def test_what_only_an_alert_is_asked(check: str, expr: str, lasting: float, parts: list[str] | None) -> None:
    rule = SeenRule(
        kind="alert", name="A", expr=Passage(expr), group="g", place=Place("r", 1, 1), ends=1, lasting=lasting
    )
    problems = list(CHECKS[f"promql/{check}"](from_files(Observation(rules=(rule,)))))
    pointed = [expr[problem.span.start : problem.span.end] for problem in problems if problem.span]
    assert pointed == (parts if parts is not None else [expr[expr.index("changes") : expr.index("[1h])") + 5]])


def test_what_is_recorded_may_be_chosen_anew() -> None:
    assert points("topk-in-alert", "topk(3, depth)") == []
    assert points("absent-without-for", "absent(depth)") == []


def test_what_only_some_versions_read_is_a_warning() -> None:
    assert found("syntax", "mad_over_time(depth[5m])") == [("mad_over_time", "warning")]
    assert found("syntax", "rate(runs_total[5])") == [("5", "error")]


def test_a_label_that_a_scrape_may_add_is_only_a_warning() -> None:
    assert found("dropped-label", "sum by (zone) (depth)") == [("by (zone)", "warning")]
    assert found("dropped-label", "sum by (outcome) (sum(runs_total))") == [("by (outcome)", "error")]
