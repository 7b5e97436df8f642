from __future__ import annotations

import subprocess

import pytest

from tests.checks.pages import declared
from tocsin.checks import CHECKS, Problem, from_files
from tocsin.derive.cost import worst_case
from tocsin.model import Counter, Histogram, Label, Observation, SeenMetric
from tocsin.stack import tools

NAMES = ("metric/name", "metric/counter-total", "metric/base-unit")


def seen(*metrics: SeenMetric, checks: tuple[str, ...]) -> list[Problem]:
    case = from_files(Observation(metrics={metric.name: metric for metric in metrics}))
    return [problem for check in checks for problem in CHECKS[check](case)]


def metric(name: str, kind: str = "gauge", series: int = 1, labels: dict[str, str] | None = None) -> SeenMetric:
    values = {label: frozenset(value.split(" ")) for label, value in (labels or {}).items()}
    return SeenMetric(name=name, kind=kind, labels=values, series=series)


EXPOSED = [
    ("payments_total", "counter"),
    ("payments", "counter"),
    ("payments_total", "gauge"),
    ("queueLength", "gauge"),
    ("job:queue:length", "gauge"),
    ("queue_gauge", "gauge"),
    ("queue_count", "gauge"),
    ("queue_bucket", "gauge"),
    ("queue_length", "gauge"),
    ("render_milliseconds", "gauge"),
    ("render_seconds", "gauge"),
    ("disk_megabytes", "gauge"),
    ("disk_used_percent", "gauge"),
    ("disk_used_ratio", "gauge"),
    ("uptime_hours", "gauge"),
    ("temperature_fahrenheit", "gauge"),
]
NOT_LINTED = {"disk_used_percent"}
"""What the conventions forbid and promtool lets pass."""


@pytest.mark.parametrize(("name", "kind"), EXPOSED)
def test_names_are_judged_as_promtool_judges_them(name: str, kind: str) -> None:
    text = f"# HELP {name} Some help.\n# TYPE {name} {kind}\n{name} 1\n"
    promtool = [str(tools.find("promtool")), "check", "metrics"]
    linted = subprocess.run(promtool, input=text, capture_output=True, text=True, check=False).returncode != 0

    assert bool(seen(metric(name, kind), checks=NAMES)) == (linted or name in NOT_LINTED)


@pytest.mark.parametrize("name", ["go_gc_gogc_percent", "process_cpu_seconds_total", "python_info", "up"])
def test_names_that_a_library_chose_are_not_its_users_fault(name: str) -> None:
    assert seen(metric(name), checks=NAMES) == []


@pytest.mark.parametrize(
    ("label", "values", "personal"),
    [
        ("email", "x", True),
        ("user_id", "7", True),
        ("customer_id", "7", True),
        ("client_ip", "1", True),
        ("ip", "10.0.0.1", True),
        ("ip", "v6", False),
        ("phone", "1", True),
        ("session", "1", True),
        ("first_name", "Ada", True),
        ("contact", "ada@shop.example", True),
        ("name", "pool", False),
        ("instance", "10.0.0.1:80", False),
        ("user_agent_family", "x", False),
        ("source", "lightspeed", False),
        ("tokenizer", "x", False),
    ],
)
def test_a_label_that_tells_of_a_person_is_found(label: str, values: str, *, personal: bool) -> None:
    assert bool(seen(metric("a", labels={label: values}), checks=("metric/personal-label",))) == personal


def test_a_closed_set_of_kinds_of_user_is_nobodys_name() -> None:
    text = 'Counter("logins_total", "Logins.", (Label("user", ("guest", "member")),))'
    assert [*CHECKS["metric/personal-label"](declared(text))] == []


@pytest.mark.parametrize(
    ("label", "values", "endless"),
    [
        ("path", "/profiles/1234 /profiles/77", True),
        ("url", "/search?q=tea /", True),
        ("request_id", "0af7651916cd43dd8448eb211c80319c", True),
        ("path", "/profiles/{id} /health", False),
        ("mountpoint", "/ /boot", False),
        ("query", "SELECT INSERT", False),
        ("path", " ".join(f"/p{number}" for number in range(60)), True),
    ],
)
def test_a_label_that_was_seen_with_raw_values_is_open(label: str, values: str, *, endless: bool) -> None:
    assert bool(seen(metric("a", labels={label: values}), checks=("metric/open-label",))) == endless


def test_the_worst_case_multiplies_what_labels_allow() -> None:
    labels = (Label("reason", ("a", "b")), Label("route", limit=9))
    assert worst_case(Counter("x_total", "X.", labels)) == 3 * 10
    assert worst_case(Histogram("x_seconds", "X.", labels, buckets=(1, 2))) == 3 * 10 * 5


def test_the_metric_that_costs_most_is_named() -> None:
    text = 'Counter("a_total", "A.", (Label("x"), Label("y")))\nCounter("b_total", "B.")'
    (problem,) = CHECKS["metric/too-many-series"](declared(text))
    assert problem.declared == "a_total"
    assert "may come to 40,409 series, 40,401 of them of a_total" in problem.message


def test_an_exposition_of_too_many_series_is_found() -> None:
    found = seen(metric("a", series=9000), metric("b", series=2000), checks=("metric/too-many-series",))
    assert [problem.subject for problem in found] == ["a"]
    assert seen(metric("a", series=9000), checks=("metric/too-many-series",)) == []
