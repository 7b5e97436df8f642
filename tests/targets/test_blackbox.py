"""How public URLs are probed: the prober's configuration, and Prometheus's job that asks it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tocsin import Catalog
from tocsin.derive import Plan, derive
from tocsin.targets import PRODUCTION, Site, blackbox, prometheus

Run = Callable[..., subprocess.CompletedProcess[str]]

URL = "https://shop.example/"
MODULES = {
    "type": "object",
    "required": ["modules"],
    "additionalProperties": False,
    "properties": {
        "modules": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {
                "type": "object",
                "required": ["prober", "http"],
                "additionalProperties": False,
                "properties": {
                    "prober": {"const": "http"},
                    "timeout": {"type": "string", "pattern": "^[0-9]+s$"},
                    "http": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            "method": {"enum": ["GET", "HEAD"]},
                            "headers": {"type": "object", "additionalProperties": {"type": "string"}},
                            "follow_redirects": {"type": "boolean"},
                        },
                    },
                },
            },
        }
    },
}
"""What is written of blackbox exporter's configuration, from its CONFIGURATION.md."""


@pytest.fixture
def public(catalog: Catalog) -> Plan:
    return derive(replace(catalog, services=(replace(catalog.services[0], public_url=URL),)))


def texts(plan: Plan, site: Site = PRODUCTION) -> dict[str, str]:
    return {each.path: each.text for render in (blackbox.render, prometheus.render) for each in render(plan, site)}


def probing(plan: Plan, site: Site = PRODUCTION) -> list[dict[str, Any]]:
    jobs = yaml.safe_load(texts(plan, site)["prometheus/prometheus.yml"])["scrape_configs"]
    return [job for job in jobs if job.get("metrics_path") == "/probe"]


def test_prometheus_asks_the_prober_about_each_public_url_in_a_way_that_the_prober_knows(public: Plan) -> None:
    (job,) = probing(public)
    known = yaml.safe_load(texts(public)["blackbox/blackbox.yml"])
    jsonschema.validate(known, MODULES)
    assert job["params"]["module"] == list(known["modules"])
    assert job["job_name"] == "probe/checkout"
    assert [each["targets"] for each in job["static_configs"]] == [[URL]]
    assert [(each["target_label"], each.get("replacement")) for each in job["relabel_configs"]] == [
        ("__param_target", None),
        ("instance", None),
        ("__address__", "blackbox:9115"),
    ]


def test_without_a_public_url_or_without_a_prober_nothing_is_probed(catalog: Catalog, public: Plan) -> None:
    for plan, site in ((derive(catalog), PRODUCTION), (public, Site(blackbox=""))):
        assert probing(plan, site) == []
        assert "blackbox/blackbox.yml" not in texts(plan, site)


def test_promtool_reads_the_job(public: Plan, tmp_path: Path, run_tool: Run) -> None:
    for path, text in texts(public).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    said = run_tool("promtool", "check", "config", tmp_path / "prometheus/prometheus.yml")
    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.skipif(not shutil.which("blackbox_exporter"), reason="blackbox_exporter is not on PATH")
def test_the_prober_takes_its_configuration(public: Plan, tmp_path: Path) -> None:
    path = tmp_path / "blackbox.yml"
    path.write_text(texts(public)["blackbox/blackbox.yml"])
    said = subprocess.run(
        ["blackbox_exporter", f"--config.file={path}", "--config.check"], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr
