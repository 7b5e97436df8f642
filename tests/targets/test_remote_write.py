"""What is added to prometheus.yml for remote write: promtool reads it as part of the configuration."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tocsin import Catalog, source, targets
from tocsin.derive import derive
from tocsin.targets import PRODUCTION, prometheus, remote_write

Run = Callable[..., subprocess.CompletedProcess[str]]

SECRET_KEYS = {"password", "credentials", "bearer_token", "access_key", "secret_key", "client_secret"}


@pytest.fixture
def fragments(catalog: Catalog) -> dict[str, str]:
    return {Path(each.path).stem: each.text for each in remote_write.render(derive(catalog), PRODUCTION)}


def keys(document: Any) -> set[str]:
    """Return every key of a document, at any depth."""
    if isinstance(document, dict):
        return set(document).union(*map(keys, document.values()))
    return set().union(*map(keys, document)) if isinstance(document, list) else set()


@pytest.mark.parametrize("name", remote_write.RECEIVERS)
def test_promtool_reads_a_fragment_appended_to_the_configuration(
    name: str, catalog: Catalog, fragments: dict[str, str], tmp_path: Path, run_tool: Run
) -> None:
    for artifact in prometheus.render(derive(catalog), PRODUCTION):
        path = tmp_path / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text)
    config = tmp_path / "prometheus/prometheus.yml"
    whole = config.read_text() + fragments[name].replace(remote_write.SECRETS, str(tmp_path))
    for file in ("grafana-cloud-token", "google.json"):
        (tmp_path / file).write_text("{}")
    config.write_text(whole)
    said = run_tool("promtool", "check", "config", config)
    if "field google_iam not found" in said.stderr:  # Debian's promtool is older than it
        assert name == "google"
        loaded = yaml.safe_load(whole)
        del loaded["remote_write"][0]["google_iam"]
        config.write_text(yaml.safe_dump(loaded))
        said = run_tool("promtool", "check", "config", config)
    assert said.returncode == 0, said.stdout + said.stderr
    assert len(yaml.safe_load(whole)["remote_write"]) == 1


def test_no_fragment_holds_a_key(fragments: dict[str, str]) -> None:
    assert [name for name, text in fragments.items() if keys(yaml.safe_load(text)) & SECRET_KEYS] == []


def test_a_queue_holds_more_than_is_sent_at_once(fragments: dict[str, str]) -> None:
    for text in fragments.values():
        (receiver,) = yaml.safe_load(text)["remote_write"]
        queue = receiver["queue_config"]
        assert 2 <= queue["capacity"] / queue["max_samples_per_send"] <= 10


def test_every_fragment_is_written(catalog: Catalog) -> None:
    written = {each.path for each in targets.build(derive(catalog))}
    assert {f"remote-write/{name}.yaml" for name in remote_write.RECEIVERS} <= written


def test_the_command_of_the_page_makes_one_configuration(tmp_path: Path) -> None:
    root = source.project_root()
    (command,) = re.findall(r"^ {6}(sed .+remote-write.+)$", (root / "docs/targets.md").read_text(), re.MULTILINE)
    (tmp_path / "monitoring").symlink_to(root / "monitoring")
    subprocess.run(["bash", "-euc", command], cwd=tmp_path, check=True)
    made = yaml.safe_load((tmp_path / "prometheus.yml").read_text())
    assert made["scrape_configs"]
    assert [each["headers"] for each in made["remote_write"]] == [{"X-Scope-OrgID": "shop"}]
