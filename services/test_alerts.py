"""What a proof does not rehearse, judged by the real Prometheus engine: series of one alert that differ from another.

`tocsin prove` rehearses every alert (test_proof.py) under faults that move all series of a signal, in every instance.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from services.catalog import CATALOG
from tocsin import targets
from tocsin.derive import derive
from tocsin.model import seconds
from tocsin.stack import tools

STEP = 15
HOUR = 60

ALERTS = {alert.name: (service, alert) for service in CATALOG.services for alert in service.alerts}


def growing(*spans: tuple[float, float]) -> str:
    """Spell a counter that grows by so much a minute, for so many minutes, one span after the other."""
    value, values = 0.0, []
    for minutes, each in spans:
        for _ in range(round(minutes * 60 / STEP)):
            values.append(f"{value:g}" if value < 1e5 else f"{value:.1f}")
            value += each * STEP / 60
    return " ".join(values)


def level(*spans: tuple[float, float | None]) -> str:
    """Spell a gauge that stands at a value for so many minutes; None is no sample."""
    return " ".join(
        "_" if value is None else f"{value:g}" for minutes, value in spans for _ in range(round(minutes * 60 / STEP))
    )


@dataclass(frozen=True, eq=False)
class Case:
    """What an alert sees, and whether it rings so many minutes after the start."""

    alert: str
    what: str
    series: dict[str, str]
    after: float
    rings: bool


def within(alert: str) -> float:
    return seconds(ALERTS[alert][1].within) / 60


UP = 'up{job="%s"}'
OPEN = 'tocsin:hours:open{hours="shop"}'
LAST = "sync_last_success_timestamp_seconds"
STALLED = within("SalesSyncStalled")
SOURCE = 'profile_data_source_up{source="%s",instance="%s"}'
SOURCE_DOWN = within("DataSourceDown")
NOTHING = {
    'voice_commands_total{intent="order"}': growing((4 * HOUR, 30)),
    "orders_created_total": growing((2 * HOUR, 28), (2 * HOUR, 0)),
}

CASES = (
    Case("SalesSyncStalled", "never synced", {LAST: level((60, 0))}, 59, rings=True),
    Case("SalesSyncStalled", "no such series", {LAST: level((60, 3600), (60, None))}, 60 + STALLED, rings=True),
    Case(
        "SalesSyncStalled",
        "stalled over night, and now open",
        {LAST: growing((60, 60), (120, 0)), OPEN: level((120, 0), (60, 1))},
        122,
        rings=True,
    ),
    Case(
        "SalesSyncStalled",
        "an idle instance beside a busy one",
        {f'{LAST}{{instance="a"}}': growing((120, 60)), f'{LAST}{{instance="b"}}': level((120, 60))},
        100,
        rings=False,
    ),
    Case(
        "DataSourceDown",
        "one source of two down",
        {SOURCE % ("lightspeed", "a"): level((60, 1)), SOURCE % ("bigquery", "a"): level((30, 1), (30, 0))},
        30 + SOURCE_DOWN,
        rings=True,
    ),
    Case(
        "DataSourceDown",
        "one instance of three cut off",
        {SOURCE % ("bigquery", i): level((60, 0 if i == "a" else 1)) for i in "abc"},
        50,
        rings=False,
    ),
    Case("VoiceConversionDrop", "no order at all", NOTHING, 120 + within("VoiceConversionDrop"), rings=True),
)


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[Case, str]:
    """Run all cases of each alert through promtool, and return what it says about each."""
    folder = tmp_path_factory.mktemp("rules")
    rules = {
        artifact.path: yaml.safe_load(artifact.text)["groups"]
        for artifact in targets.build(derive(CATALOG))
        if artifact.path.startswith("prometheus/rules/")
    }
    found = {}
    for name in dict.fromkeys(case.alert for case in CASES):
        (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": [_only(name, rules)]}))
        for case in (case for case in CASES if case.alert == name):
            (folder / "test.yaml").write_text(yaml.safe_dump(_test(case)))
            command = [str(tools.find("promtool")), "test", "rules", str(folder / "test.yaml")]
            run = subprocess.run(command, capture_output=True, text=True, check=False)
            found[case] = "" if run.returncode == 0 else run.stdout + run.stderr
    return found


def _only(alert: str, rules: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return the one rule of an alert as a group of its own."""
    (rule,) = [
        rule for groups in rules.values() for group in groups for rule in group["rules"] if rule.get("alert") == alert
    ]
    return {"name": alert, "rules": [rule]}


def _test(case: Case) -> dict[str, Any]:
    service = ALERTS[case.alert][0].name
    series = {UP % service: level((4 * HOUR, 1)), OPEN: level((4 * HOUR, 1)), **case.series}
    firing = f'count(ALERTS{{alertname="{case.alert}",alertstate="firing"}})'
    return {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": f"{STEP}s",
        "tests": [
            {
                "interval": f"{STEP}s",
                "input_series": [{"series": name, "values": values} for name, values in series.items()],
                "promql_expr_test": [
                    {
                        "expr": firing,
                        "eval_time": f"{round(case.after * 60)}s",
                        "exp_samples": [{"labels": "{}", "value": 1}] if case.rings else [],
                    }
                ],
            }
        ],
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.alert}: {case.what}")
def test_the_alert_rings_or_stays_silent(case: Case, verdicts: dict[Case, str]) -> None:
    assert verdicts[case] == "", f"{case.alert} should {'ring' if case.rings else 'be silent'}: {case.what}"
