"""What is written as OpenSLO: judged by a schema of its specification, and its queries by promtool."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tocsin import Catalog, source, targets
from tocsin.derive import Plan, derive
from tocsin.model import Mean
from tocsin.targets import openslo

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "openslo.json").read_text())

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return derive(source.load_catalog())


def documents(plan: Plan) -> dict[str, list[dict[str, Any]]]:
    """Return the documents of each file, by its service."""
    return {
        Path(each.path).stem: list(yaml.safe_load_all(each.text)) for each in openslo.render(plan, targets.PRODUCTION)
    }


def queries(slo: dict[str, Any]) -> dict[str, str]:
    """Return what an SLO asks of Prometheus, by what it is."""
    indicator = slo["spec"]["indicator"]["spec"]
    metrics = indicator.get("ratioMetric") or {"threshold": indicator["thresholdMetric"]}
    return {
        name: metric["metricSource"]["spec"]["query"] for name, metric in metrics.items() if isinstance(metric, dict)
    }


def slos(plan: Plan) -> Iterator[dict[str, Any]]:
    """Yield every SLO of the catalog."""
    for written in documents(plan).values():
        yield from written[1:]


def test_every_objective_is_a_document_that_the_specification_takes(plan: Plan) -> None:
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for service in plan.catalog.services:
        written = documents(plan)[service.name]
        assert [problem.message for each in written for problem in validator.iter_errors(each)] == []
        assert [each["kind"] for each in written] == ["Service", *("SLO" for _ in service.objectives)]
        assert [each["metadata"]["name"] for each in written[1:]] == [
            f"{service.name}-{objective.name}" for objective in service.objectives
        ]


def test_the_schema_refuses_what_the_specification_refuses(plan: Plan) -> None:
    slo = documents(plan)["customer-profile"][1]
    for spoilt in (
        slo | {"kind": "Objective"},
        slo | {"spec": slo["spec"] | {"objectives": [{"target": 1.0}]}},
        slo | {"spec": slo["spec"] | {"budgetingMethod": "Timeslices"}},
        slo | {"spec": slo["spec"] | {"timeWindow": [{"duration": "720hours", "isRolling": True}]}},
        slo | {"spec": {name: value for name, value in slo["spec"].items() if name != "indicator"}},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(spoilt, SCHEMA)


def test_an_objective_promises_what_the_catalog_promises(plan: Plan) -> None:
    promised = [objective for service in plan.catalog.services for objective in service.objectives]
    for objective, slo in zip(promised, slos(plan), strict=True):
        (target,) = slo["spec"]["objectives"]
        assert target["target"] == objective.ratio
        if isinstance(objective, Mean):
            assert (target["op"], target["value"], target["timeSliceWindow"]) == ("gte", objective.at_least, "5m")
            assert slo["spec"]["budgetingMethod"] == "Timeslices"
        else:
            assert target == {"target": objective.ratio}
            assert slo["spec"]["budgetingMethod"] == "Occurrences"


def test_a_promise_about_time_counts_the_bucket_of_its_bound(catalog: Catalog) -> None:
    slo = next(each for each in slos(derive(catalog)) if each["metadata"]["name"] == "checkout-latency")
    assert queries(slo) == {
        "good": 'http_request_duration_seconds_bucket{le="0.7",service="checkout"}',
        "total": 'http_request_duration_seconds_count{service="checkout"}',
    }


def test_promtool_reads_every_query(plan: Plan, tmp_path: Path, run_tool: Run) -> None:
    asked = [query for slo in slos(plan) for query in queries(slo).values()]
    rules = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(asked)]
    path = tmp_path / "queries.yaml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "openslo", "rules": rules}]}))
    said = run_tool("promtool", "check", "rules", path)
    assert said.returncode == 0, said.stdout + said.stderr
    assert f"{len(asked)} rules found" in said.stdout
