"""The derived rules, judged by the real Prometheus engine in promtool."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tocsin import targets
from tocsin.derive import derive
from tocsin.model import Catalog

Run = Callable[..., subprocess.CompletedProcess[str]]
Series = dict[str, str]

UP = 'up{job="checkout",service="checkout",team="shop"}'
REQUESTS = 'http_requests_total{service="checkout",method="GET",route="/",status_code="%s"}'
DURATION = 'http_request_duration_seconds_%s{service="checkout",method="GET",route="/",status_code="200"%s}'
TAKEN = 'payments_total{service="checkout",outcome="taken"}'
REFUSED = 'payments_total{service="checkout",outcome="refused"}'
HEALTHY: Series = {UP: "1x400", REQUESTS % "200": "0+60x400", REQUESTS % "500": "0x400", TAKEN: "0+30x400"}


@pytest.fixture
def rings(catalog: Catalog, tmp_path: Path, run_tool: Run) -> Callable[[Series, str, str], bool]:
    """Tell whether an alert of the catalog fires at a moment, given series in promtool's notation, a value a minute.

    A service's alert must never fire twice at a time: its message would say everything twice.
    """
    plan = derive(catalog)
    rules = [rule for rule in targets.build(plan) if rule.path.startswith("prometheus/rules/")]
    for artifact in rules:
        (tmp_path / Path(artifact.path).name).write_text(artifact.text)

    def fires(series: Series, name: str, moment: str) -> bool:
        test = {
            "rule_files": [Path(artifact.path).name for artifact in rules],
            "evaluation_interval": "1m",
            "tests": [
                {
                    "interval": "1m",
                    "input_series": [{"series": key, "values": values} for key, values in series.items()],
                    "alert_rule_test": [{"eval_time": moment, "alertname": name, "exp_alerts": []}],
                }
            ],
        }
        file = tmp_path / "test.yaml"
        file.write_text(yaml.safe_dump(test))
        said = run_tool("promtool", "test", "rules", file)
        assert said.returncode == 0 or "got:" in said.stdout + said.stderr, said.stdout + said.stderr
        _, _, got = (said.stdout + said.stderr).partition("got:")
        services = re.findall(r'Labels:\{[^}]*service="([^"]+)"[^}]*\}', got)
        slos = re.findall(r'Labels:\{[^}]*slo="([^"]+)"[^}]*\}', got)
        assert len(services) == max(len(set(slos)), min(len(services), 1)), got
        return said.returncode != 0

    return fires


Rings = Callable[[Series, str, str], bool]


@pytest.mark.parametrize(
    "name",
    ["ServiceDown", "HighErrorRate", "HighLatency", "ErrorBudgetBurnFast", "ErrorBudgetBurnSlow", "PaymentsStall"],
)
def test_a_healthy_day_is_silent(rings: Rings, name: str) -> None:
    assert not rings(HEALTHY, name, "6h")


@pytest.mark.parametrize("up", ["1x30 0x60", "1x30 _x60", "_x90"], ids=["refuses", "vanishes", "never there"])
def test_service_down_rings_however_the_service_goes(rings: Rings, up: str) -> None:
    assert rings({**HEALTHY, UP: up}, "ServiceDown", "40m")


def test_service_down_resolves(rings: Rings) -> None:
    assert not rings({**HEALTHY, UP: "1x30 0x10 1x60"}, "ServiceDown", "45m")


def test_service_down_waits_for_the_last_instance(rings: Rings) -> None:
    other = UP.replace("{", '{instance="b",')
    assert not rings({**HEALTHY, UP: "0x90", other: "1x90"}, "ServiceDown", "40m")


def test_errors_ring_even_at_two_requests_a_minute(rings: Rings) -> None:
    quiet = {**HEALTHY, REQUESTS % "200": "0x400", REQUESTS % "500": "0+2x400"}
    assert rings(quiet, "HighErrorRate", "12m")


def test_few_errors_of_a_busy_service_do_not_ring(rings: Rings) -> None:
    assert not rings({**HEALTHY, REQUESTS % "500": "0+1x400"}, "HighErrorRate", "1h")


@pytest.mark.parametrize("name", ["HighErrorRate", "ErrorBudgetBurnFast", "ErrorBudgetBurnSlow"])
def test_one_failure_among_few_requests_is_silent(rings: Rings, name: str) -> None:
    trickle = {**HEALTHY, REQUESTS % "200": "0 0x59 1x59 2x59 3x200", REQUESTS % "500": "0x70 1x330"}
    assert not any(rings(trickle, name, moment) for moment in ("73m", "80m", "100m"))


def test_a_fast_burn_rings_on_a_fault_of_three_percent(rings: Rings) -> None:
    burning = {**HEALTHY, REQUESTS % "200": "0+58x400", REQUESTS % "500": "0x60 1.8+1.8x340"}
    assert not rings(burning, "ErrorBudgetBurnFast", "60m")
    assert rings(burning, "ErrorBudgetBurnFast", "98m")


def test_a_warning_rings_when_sales_stop_and_is_silent_when_the_service_is_down(rings: Rings) -> None:
    stalled = {**HEALTHY, TAKEN: "0+30x30 900x90", REFUSED: "0x120"}
    assert rings(stalled, "PaymentsStall", "40m")
    assert not rings({**stalled, UP: "1x35 0x90"}, "PaymentsStall", "40m")


def test_latency_rings_by_the_promised_bucket(rings: Rings) -> None:
    slow = {**HEALTHY, DURATION % ("count", ""): "0+60x400", DURATION % ("bucket", ',le="0.7"'): "0+54x400"}
    fast = {**slow, DURATION % ("bucket", ',le="0.7"'): "0+58x400"}
    assert rings(slow, "HighLatency", "20m")
    assert not rings(fast, "HighLatency", "20m")


def test_a_mean_below_its_objective_burns_the_budget(rings: Rings) -> None:
    count, total = 'fraud_score_count{service="checkout"}', 'fraud_score_sum{service="checkout"}'
    low = {**HEALTHY, count: "0+60x400", total: "0+12x400"}
    assert rings(low, "ErrorBudgetBurnFast", "1h")
    assert not rings({**low, total: "0+30x400"}, "ErrorBudgetBurnFast", "1h")
