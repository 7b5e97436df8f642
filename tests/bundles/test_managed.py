"""What is written for Google's managed Prometheus: judged by a schema of its API, its rules by promtool."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tocsin import source, targets
from tocsin.bundles import managed
from tocsin.derive import Plan, derive
from tocsin.targets import Site

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "managed.json").read_text())

Run = Callable[..., subprocess.CompletedProcess[str]]
Documents = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return derive(source.load_catalog())


@pytest.fixture(scope="module")
def rules(plan: Plan) -> dict[str, str]:
    """Return the rule files, as Prometheus reads them."""
    return {each.path: each.text for each in targets.prometheus.render(plan, targets.PRODUCTION)}


@pytest.fixture(scope="module")
def written(plan: Plan, rules: dict[str, str]) -> Documents:
    def spelled(site: Site) -> dict[str, str]:
        assert site == targets.PRODUCTION
        return rules

    packed = managed.pack(plan, spelled)
    return {each.path.removeprefix("managed/"): list(yaml.safe_load_all(each.text)) for each in packed}


def kinds(documents: list[dict[str, Any]]) -> list[str]:
    return [each["kind"] for each in documents]


def test_every_document_is_one_that_the_api_takes(written: Documents) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    found = [problem.message for each in written.values() for one in each for problem in validator.iter_errors(one)]
    assert found == []


def test_the_schema_refuses_what_the_api_refuses(written: Documents) -> None:
    monitoring, rules = written["customer-profile.yaml"]
    (endpoint,) = monitoring["spec"]["endpoints"]
    protected = {"action": "replace", "targetLabel": "job", "replacement": "customer-profile"}
    for spoilt in (
        rules | {"kind": "PrometheusRule"},
        rules | {"spec": {"groups": [{"name": "one", "interval": "15s", "rules": [{"expr": "up"}]}]}},
        rules
        | {
            "spec": {
                "groups": [{"name": "one", "interval": "15s", "rules": [{"record": "a", "expr": "b", "for": "1m"}]}]
            }
        },
        monitoring | {"spec": monitoring["spec"] | {"endpoints": [endpoint | {"metricRelabeling": [protected]}]}},
        monitoring | {"spec": monitoring["spec"] | {"namespaceSelector": {"any": True}}},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(spoilt, SCHEMA)


def test_a_service_is_scraped_under_the_labels_that_its_rules_ask_for(plan: Plan, written: Documents) -> None:
    for service in plan.catalog.services:
        monitoring, rules = written[f"{service.name}.yaml"]
        assert [monitoring["kind"], rules["kind"]] == ["PodMonitoring", "Rules"]
        assert monitoring["metadata"]["name"] == rules["metadata"]["name"] == service.name
        (endpoint,) = monitoring["spec"]["endpoints"]
        assert (endpoint["port"], endpoint["interval"]) == (service.port, plan.scrape_interval)
        assert {each["targetLabel"]: each["replacement"] for each in endpoint["metricRelabeling"]} == {
            "team": service.team
        }
        (named,) = monitoring["spec"]["targetLabels"]["fromPod"]
        assert monitoring["spec"]["selector"]["matchLabels"] == {named["from"]: service.name}
        assert named["to"] == "service"


def test_opening_hours_lie_where_the_services_rules_see_them_and_the_watchdog_rings_once_in_a_cluster(
    written: Documents,
) -> None:
    hours, watchdog = written["tocsin.yaml"]
    assert kinds([hours, watchdog]) == ["Rules", "ClusterRules"]
    assert {rule["record"] for group in hours["spec"]["groups"] for rule in group["rules"]} == {
        "tocsin:hours:local_time",
        "tocsin:hours:open",
    }
    assert [rule["alert"] for group in watchdog["spec"]["groups"] for rule in group["rules"]] == ["Watchdog"]


def test_the_rules_are_those_of_prometheus(plan: Plan, written: Documents, rules: dict[str, str]) -> None:
    for path, text in rules.items():
        if not path.startswith("prometheus/rules/"):
            continue
        name = path.removeprefix("prometheus/rules/")
        timed = [{"interval": plan.evaluation_interval, **group} for group in yaml.safe_load(text)["groups"]]
        scoped = [group for each in written[name] if "groups" in each["spec"] for group in each["spec"]["groups"]]
        (everywhere,) = written[f"global/{name}"]
        assert everywhere["kind"] == "GlobalRules"
        assert everywhere["spec"]["groups"] == timed
        assert sorted(scoped, key=str) == sorted(timed, key=str)


def test_promtool_reads_the_rules_as_they_are_evaluated(written: Documents, tmp_path: Path, run_tool: Run) -> None:
    groups = [
        group for path, each in written.items() if path.startswith("global/") for group in each[0]["spec"]["groups"]
    ]
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump({"groups": groups}))
    said = run_tool("promtool", "check", "rules", path)
    assert said.returncode == 0, said.stdout + said.stderr
