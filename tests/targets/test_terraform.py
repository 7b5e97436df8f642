"""What is written for Terraform: read by HCL's grammar, and held to the routes and to what else is written."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import hcl2
import pytest

from tocsin import source
from tocsin.derive import Plan, derive
from tocsin.targets import PRODUCTION, bigquery, terraform

SECRETS = {"slack_webhooks", "heartbeat_token", "sentry_dsns"}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return derive(source.load_catalog())


@pytest.fixture(scope="module")
def written(plan: Plan) -> dict[str, str]:
    return {each.path: each.text for each in terraform.render(plan, PRODUCTION)}


def plain(value: Any) -> Any:
    """Return what HCL's parser found, without the quotes that it leaves around texts."""
    if isinstance(value, dict):
        return {plain(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value.strip('"') if isinstance(value, str) else value


def blocks(text: str, kind: str) -> dict[str, Any]:
    """Return the blocks of a kind by their names, resources by type and name."""
    found = {}
    for block in plain(hcl2.loads(text)).get(kind, []):
        for name, body in block.items():
            inner = {f"{name}.{each}": body[each] for each in body} if kind == "resource" else {name: body}
            found.update(inner)
    return found


def test_every_variable_says_of_what_type_it_is_and_what_for(written: dict[str, str]) -> None:
    variables = blocks(written["terraform/variables.tf"], "variable")
    assert len(variables) == written["terraform/variables.tf"].count('\nvariable "')
    for body in variables.values():
        assert body["type"]
        assert body["description"].endswith(".")
    assert {name for name, body in variables.items() if body.get("sensitive") is True} == SECRETS


def test_every_variable_is_used_and_every_one_that_is_used_is_declared(written: dict[str, str]) -> None:
    used = set(re.findall(r"\bvar\.(\w+)", written["terraform/main.tf"]))
    assert used == set(blocks(written["terraform/variables.tf"], "variable"))


def test_the_value_of_a_secret_comes_from_a_variable_an_integration_or_a_file(written: dict[str, str]) -> None:
    versions = {
        name: body["secret_data"]
        for name, body in blocks(written["terraform/main.tf"], "resource").items()
        if name.startswith("google_secret_manager_secret_version.")
    }
    assert len(versions) == 5
    for value in versions.values():
        assert re.match(r"^\$\{(var\.|pagerduty_service_integration\.|file\()", value), value


def test_no_sensitive_variable_is_looped_over(written: dict[str, str]) -> None:
    for body in blocks(written["terraform/main.tf"], "resource").values():
        assert not any(f"var.{name}" in str(body.get("for_each")) for name in SECRETS)


def test_each_team_that_is_paged_has_a_service_and_each_route_its_secret(plan: Plan, written: dict[str, str]) -> None:
    (names,) = plain(hcl2.loads(written["terraform/main.tf"]))["locals"]
    assert names["paged"] == "${toset(" + str([team.name for team in plan.catalog.teams]).replace("'", '"') + ")}"
    for route in plan.routes:
        assert f'"{route.secret}"' in names["receivers"]
    for service in plan.catalog.services:
        assert f'"{service.name}"' in names["services"]


def test_nothing_is_defined_that_bigquery_defines(plan: Plan, written: dict[str, str]) -> None:
    main = next(each.text for each in bigquery.render(plan, PRODUCTION) if each.path == "bigquery/main.tf")
    assert set(blocks(written["terraform/main.tf"], "resource")).isdisjoint(blocks(main, "resource"))
    called = blocks(written["terraform/main.tf"], "module")["logs"]
    assert (Path("terraform") / called["source"]).parts[-2:] == ("..", "bigquery")
    given = set(called) - {"source"}
    asked = {name for name, body in blocks(main, "variable").items() if "default" not in body}
    assert {name for name in given if not name.startswith("__")} == asked


def test_every_file_that_it_reads_is_written(plan: Plan, written: dict[str, str]) -> None:
    (read,) = re.findall(r'file\("\$\{path\.module\}/\.\./(.+?)"\)', written["terraform/main.tf"])
    folder = source.project_root() / "monitoring"
    for service in plan.catalog.services:
        assert (folder / read.replace("${each.key}", service.name)).is_file()


@pytest.mark.skipif(not shutil.which("terraform"), reason="terraform is not on PATH")
def test_terraform_would_not_write_it_otherwise(written: dict[str, str], tmp_path: Path) -> None:
    for path, text in written.items():
        (tmp_path / Path(path).name).write_text(text)
    said = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr
