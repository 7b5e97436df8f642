"""The declared alerts, judged by the real Prometheus engine: they ring in time, and only then."""

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
SERVED = "recommendations_served_total"
CONFIDENCE = "recommendation_confidence_%s"
QUALITY = within("LowRecommendationQuality")
COMMANDS = 'voice_commands_total{intent="%s"}'
ORDERS = "orders_created_total"
CONVERSION = within("VoiceConversionDrop")
STARTS = "video_playback_starts_total"
FAILURES = 'video_playback_failures_total{reason="%s"}'
PLAYBACK = within("PlaybackFailing")


def recommended(mean: float, each: float = 300) -> dict[str, str]:
    """Return an hour of good recommendations, and then one with this mean."""
    return {
        SERVED: growing((2 * HOUR, each)),
        CONFIDENCE % "count": growing((2 * HOUR, each)),
        CONFIDENCE % "sum": growing((HOUR, 0.73 * each), (HOUR, mean * each)),
    }


def spoken(converted: float, each: float = 30) -> dict[str, str]:
    """Return two hours in which spoken orders become orders, and then two in which this share does."""
    return {
        COMMANDS % "order": growing((4 * HOUR, each)),
        COMMANDS % "search": growing((4 * HOUR, 3 * each)),
        ORDERS: growing((2 * HOUR, 0.95 * each), (2 * HOUR, converted * each)),
    }


def played(failing: float, each: float = 60) -> dict[str, str]:
    """Return an hour of good playbacks, and then one in which this share breaks."""
    return {
        STARTS: growing((2 * HOUR, each)),
        FAILURES % "network": growing((HOUR, 0.004 * each), (HOUR, failing * each)),
        FAILURES % "decode": growing((2 * HOUR, 0)),
    }


CASES = (
    Case("SalesSyncStalled", "syncs succeed", {LAST: growing((3 * HOUR, 60))}, 2 * HOUR, rings=False),
    Case("SalesSyncStalled", "stalled, not yet 15 minutes", {LAST: growing((60, 60), (60, 0))}, 75, rings=False),
    Case("SalesSyncStalled", "stalled", {LAST: growing((60, 60), (60, 0))}, 60 + STALLED, rings=True),
    Case("SalesSyncStalled", "never synced", {LAST: level((60, 0))}, 59, rings=True),
    Case(
        "SalesSyncStalled", "recovered", {LAST: growing((60, 60), (30, 0), (0.25, 1800 * 4), (29, 60))}, 92, rings=False
    ),
    Case("SalesSyncStalled", "no such series", {LAST: level((60, 3600), (60, None))}, 60 + STALLED, rings=True),
    Case(
        "SalesSyncStalled",
        "closed",
        {LAST: growing((60, 60), (120, 0)), OPEN: level((120, 0), (60, 1))},
        119,
        rings=False,
    ),
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
        "SalesSyncStalled",
        "down",
        {LAST: growing((60, 60), (60, 0)), UP % "lightspeed-bigquery": level((60, 1), (60, 0))},
        100,
        rings=False,
    ),
    Case(
        "DataSourceDown",
        "both up",
        {SOURCE % (s, "a"): level((60, 1)) for s in ("lightspeed", "bigquery")},
        50,
        rings=False,
    ),
    Case(
        "DataSourceDown",
        "one source down",
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
    Case("LowRecommendationQuality", "good", recommended(0.73), 110, rings=False),
    Case("LowRecommendationQuality", "poor", recommended(0.3), 60 + QUALITY, rings=True),
    Case("LowRecommendationQuality", "just below the bound", recommended(0.49), 60 + QUALITY, rings=True),
    Case("LowRecommendationQuality", "just above the bound", recommended(0.51), 110, rings=False),
    Case("LowRecommendationQuality", "poor, but few", recommended(0.3, each=1), 110, rings=False),
    Case("VoiceConversionDrop", "healthy", spoken(0.95), 230, rings=False),
    Case("VoiceConversionDrop", "hardly any order", spoken(0.95 * 0.02), 120 + CONVERSION, rings=True),
    Case("VoiceConversionDrop", "no order at all", spoken(0), 120 + CONVERSION, rings=True),
    Case("VoiceConversionDrop", "one in five", spoken(0.2), 230, rings=False),
    Case("VoiceConversionDrop", "a quiet night", spoken(0, each=0.2), 230, rings=False),
    Case("PlaybackFailing", "healthy", played(0.004), 110, rings=False),
    Case("PlaybackFailing", "a hundred times as many failures", played(0.4), 60 + PLAYBACK, rings=True),
    Case("PlaybackFailing", "just above the bound", played(0.11), 60 + PLAYBACK, rings=True),
    Case("PlaybackFailing", "all break, but few", played(1, each=2), 110, rings=False),
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
    for name in ALERTS:
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


def test_every_alert_has_a_case_in_which_it_rings_and_one_in_which_it_does_not() -> None:
    for rings in (True, False):
        assert {case.alert for case in CASES if case.rings is rings} == set(ALERTS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.alert}: {case.what}")
def test_the_alert_rings_or_stays_silent(case: Case, verdicts: dict[Case, str]) -> None:
    assert verdicts[case] == "", f"{case.alert} should {'ring' if case.rings else 'be silent'}: {case.what}"
