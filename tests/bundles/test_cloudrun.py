"""What is written for Cloud Run: judged by schemas of its YAML reference, and of what the sidecar reads."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tocsin import Catalog, source
from tocsin.bundles import cloudrun, images
from tocsin.derive import Plan, derive

SCHEMAS = Path(__file__).parent / "schemas"
SERVICE = json.loads((SCHEMAS / "cloudrun.json").read_text())
MONITORING = json.loads((SCHEMAS / "run-monitoring.json").read_text())


@pytest.fixture(scope="module")
def plan() -> Plan:
    return derive(source.load_catalog())


def packed(plan: Plan) -> dict[str, Any]:
    """Return every document by its path."""
    found = cloudrun.pack(plan, lambda _: {})
    return {each.path.removeprefix("cloudrun/"): yaml.safe_load(each.text) for each in found}


def containers(document: dict[str, Any]) -> dict[str, Any]:
    """Return the containers of a service by their names."""
    return {each["name"]: each for each in document["spec"]["template"]["spec"]["containers"]}


def test_every_service_is_one_that_cloud_run_takes_and_its_sidecar_reads(plan: Plan) -> None:
    written = packed(plan)
    for service in plan.catalog.services:
        jsonschema.validate(written[f"{service.name}.yaml"], SERVICE)
        jsonschema.validate(written[f"run-monitoring/{service.name}.yaml"], MONITORING)
    assert len(written) == 2 * len(plan.catalog.services)


def test_the_schemas_refuse_what_is_refused(plan: Plan) -> None:
    service, monitoring = (packed(plan)[path] for path in ("voice-commerce.yaml", "run-monitoring/voice-commerce.yaml"))
    app, collector = containers(service).values()
    inner = service["spec"]["template"]

    def having(*changed: dict[str, Any]) -> dict[str, Any]:
        template = inner | {"spec": inner["spec"] | {"containers": list(changed)}}
        return {**service, "spec": {**service["spec"], "template": template}}

    for spoilt in (
        having(app | {"dependsOn": ["collector"]}, collector),
        having(app | {"env": [{"name": "PORT", "value": "8083"}]}, collector),
        having(app | {"image": "voice-commerce"}, collector),
        having(app | {"env": [{"name": "SENTRY_DSN", "valueFrom": {"configMapKeyRef": {}}}]}, collector),
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(spoilt, SERVICE)
    (endpoint,) = monitoring["spec"]["endpoints"]
    for wrong in (endpoint | {"authorization": {}}, endpoint | {"metricRelabeling": [{"targetLabel": "job"}]}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(monitoring | {"spec": {"endpoints": [wrong]}}, MONITORING)


def test_the_sidecar_scrapes_the_port_that_is_opened_for_it_alone_under_the_labels_that_rules_ask_for(
    plan: Plan,
) -> None:
    written = packed(plan)
    for service in plan.catalog.services:
        app, collector = containers(written[f"{service.name}.yaml"]).values()
        monitoring = written[f"run-monitoring/{service.name}.yaml"]
        (endpoint,) = monitoring["spec"]["endpoints"]
        environment = {each["name"]: each.get("value") for each in app["env"]}
        assert environment["TOCSIN_METRICS_PORT"] == str(endpoint["port"])
        assert [each["containerPort"] for each in app["ports"]] == [service.port] != [endpoint["port"]]
        assert "ports" not in collector
        labels = {each["targetLabel"]: each["replacement"] for each in endpoint["metricRelabeling"]}
        assert {"job": monitoring["metadata"]["name"], **labels} == dict(service.target)
        assert collector["image"] == images.MANAGED_COLLECTOR


def test_the_sidecar_starts_when_the_service_is_ready_and_finds_its_configuration(plan: Plan) -> None:
    document = packed(plan)["customer-profile.yaml"]
    template = document["spec"]["template"]
    app, collector = containers(document).values()
    dependencies = json.loads(template["metadata"]["annotations"]["run.googleapis.com/container-dependencies"])
    assert dependencies == {collector["name"]: [app["name"]]}
    assert (app["startupProbe"]["httpGet"]["path"], app["livenessProbe"]["httpGet"]["path"]) == ("/readyz", "/healthz")
    start = app["startupProbe"]
    assert start["timeoutSeconds"] <= start["periodSeconds"]
    assert start["periodSeconds"] * start["failureThreshold"] <= 240
    (volume,) = template["spec"]["volumes"]
    (mount,) = collector["volumeMounts"]
    assert mount["name"] == volume["name"]
    assert mount["mountPath"] + volume["secret"]["items"][0]["path"] == "/etc/rungmp/config.yaml"


def test_only_a_service_that_idles_may_have_no_instance_and_cpu_is_always_allocated(catalog: Catalog) -> None:
    (service,) = catalog.services
    for idles, least in ((False, "1"), (True, "0")):
        plan = derive(replace(catalog, services=(replace(service, idles=idles),)))
        annotations = packed(plan)["checkout.yaml"]["spec"]["template"]["metadata"]["annotations"]
        assert annotations["autoscaling.knative.dev/minScale"] == least
        assert annotations["run.googleapis.com/cpu-throttling"] == "false"


def test_every_variable_is_a_setting_of_the_sdk(plan: Plan) -> None:
    settings = (source.project_root() / "docs/settings.md").read_text()
    for document in packed(plan).values():
        if document["kind"] == "Service":
            for each in containers(document)["app"]["env"]:
                assert f"| `{each['name']}` |" in settings


def test_the_command_of_the_page_fills_in_every_word_in_capitals(tmp_path: Path) -> None:
    root = source.project_root()
    (command,) = re.findall(r"^ {6}(sed .+cloudrun.+)$", (root / "docs/targets.md").read_text(), re.MULTILINE)
    (tmp_path / "monitoring").symlink_to(root / "monitoring")
    subprocess.run(["bash", "-euc", command], cwd=tmp_path, check=True)
    filled = yaml.safe_load((tmp_path / "service.yaml").read_text())
    jsonschema.validate(filled, SERVICE)
    app = containers(filled)["app"]
    values = [app["image"], filled["spec"]["template"]["spec"]["serviceAccountName"]]
    values += [each["value"] for each in app["env"] if "value" in each]
    assert [value for value in values if re.search(r"PROJECT_ID|LOCATION|TAG", value)] == []
