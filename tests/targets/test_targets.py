from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tocsin import source, targets
from tocsin.derive import AlertRule, Plan, Recording, derive
from tocsin.model import Catalog
from tocsin.targets import Site

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def shop() -> Plan:
    return derive(source.load_catalog())


def write(plan: Plan, folder: Path, site: Site = targets.PRODUCTION) -> None:
    for artifact in targets.build(plan, site):
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text)


def document(plan: Plan, path: str, site: Site = targets.PRODUCTION) -> dict[str, list[dict[str, object]]]:
    (text,) = (artifact.text for artifact in targets.build(plan, site) if artifact.path == path)
    loaded = yaml.safe_load(text)
    assert isinstance(loaded, dict)
    return loaded


def test_promtool_accepts_the_configuration_and_every_rule(shop: Plan, tmp_path: Path, run_tool: Run) -> None:
    write(shop, tmp_path)
    said = run_tool("promtool", "check", "config", tmp_path / "prometheus/prometheus.yml")
    assert said.returncode == 0, said.stdout + said.stderr
    assert said.stdout.count("rules found") == len(shop.catalog.services) + 1


def test_amtool_accepts_the_routes(shop: Plan, tmp_path: Path, run_tool: Run) -> None:
    write(shop, tmp_path)
    said = run_tool("amtool", "check-config", tmp_path / "alertmanager/alertmanager.yml")
    assert said.returncode == 0, said.stdout + said.stderr


def test_amtool_routes_every_alert_to_its_teams_channel(shop: Plan, tmp_path: Path, run_tool: Run) -> None:
    write(shop, tmp_path)
    config = tmp_path / "alertmanager/alertmanager.yml"
    channels = {"critical": "pagerduty", "warning": "slack"}
    seen = {(rule.name, rule.service, rule.team, rule.severity) for rule in shop.alerts}
    for team, severity in sorted({(team, severity) for _, _, team, severity in seen if severity in channels}):
        labels = (f"severity={severity}", f"team={team}", "alertname=Any")
        said = run_tool("amtool", "config", "routes", "test", f"--config.file={config}", *labels)
        assert said.stdout.strip() == f"{team}-{channels[severity]}"
    said = run_tool(
        "amtool", "config", "routes", "test", f"--config.file={config}", "alertname=Watchdog", "severity=none"
    )
    assert said.stdout.strip() == "heartbeat"


def test_rendered_rules_read_back_as_the_plan(shop: Plan) -> None:
    written = [
        rule
        for owner in dict.fromkeys(group.owner for group in shop.groups)
        for group in document(shop, f"prometheus/rules/{owner}.yaml")["groups"]
        for rule in group["rules"]  # type: ignore[attr-defined]  # YAML as it was read
    ]
    for asked, found in zip(shop.rules, written, strict=True):
        assert found["expr"] == asked.expr
        if isinstance(asked, Recording):
            assert (found["record"], found.get("labels", {})) == (asked.name, asked.labels)
        else:
            assert isinstance(asked, AlertRule)
            assert (found["alert"], found["for"], found["labels"]["severity"]) == (
                asked.name,
                asked.lasting,
                asked.severity,
            )


def test_no_key_or_webhook_address_stands_in_a_text(shop: Plan) -> None:
    receivers = document(shop, "alertmanager/alertmanager.yml")["receivers"]
    for receiver in receivers:
        for config in receiver.get("pagerduty_configs", []):  # type: ignore[attr-defined]  # YAML as it was read
            assert {"routing_key", "service_key"}.isdisjoint(config)
            assert config["send_resolved"] is True
        for config in receiver.get("slack_configs", []):  # type: ignore[attr-defined]  # YAML as it was read
            assert "api_url" not in config
            assert config["send_resolved"] is True
            assert all(word in config["text"] for word in ("summary", "because", "runbook_url"))
        for config in receiver.get("webhook_configs", []):  # type: ignore[attr-defined]  # YAML as it was read
            assert config["send_resolved"] is False


def test_a_site_says_where_things_live(catalog: Catalog) -> None:
    site = Site(
        addresses={"checkout": "127.0.0.1:18000"},
        alertmanagers=("127.0.0.1:19093",),
        secrets="/tmp/keys",  # noqa: S108 - only spelled, never opened
        pagerduty_url="http://127.0.0.1:19095/v2/enqueue",
        heartbeat="http://127.0.0.1:19095/heartbeat/tocsin",
        runbooks="http://127.0.0.1:19095/runbooks/",
    )
    texts = "".join(artifact.text for artifact in targets.build(derive(catalog), site))
    for spelled in (
        "- 127.0.0.1:18000\n",
        "- 127.0.0.1:19093\n",
        "routing_key_file: /tmp/keys/shop-pagerduty-key\n",
        "api_url_file: /tmp/keys/shop-slack-url\n",
        "url: http://127.0.0.1:19095/heartbeat/tocsin\n",
        "runbook_url: http://127.0.0.1:19095/runbooks/checkout/service-down\n",
    ):
        assert spelled in texts
    assert "example" not in texts


def test_the_same_catalog_gives_the_same_bytes_under_any_hash_seed() -> None:
    script = (
        "from tocsin import source, targets; from tocsin.derive import derive; import sys;"
        "sys.stdout.write(''.join(a.path + a.text for a in targets.build(derive(source.load_catalog()))))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(texts) == 1
    assert texts != {b""}
