"""catalog.json follows its schema, and says what the plan says."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

import tocsin
from tests.conftest import CHECKOUT, PAYMENTS, PAYMENTS_STALL, SCORE
from tocsin import source, targets
from tocsin.derive import Plan, derive
from tocsin.model import (
    SCRAPE,
    Catalog,
    Down,
    Errors,
    Fault,
    Flapping,
    Hours,
    Objective,
    Scale,
    Shift,
    Silence,
    Slow,
    Unreachable,
    Vanish,
)
from tocsin.targets.catalog import schema

Document = dict[str, Any]

FAULTS: tuple[Fault, ...] = (
    Down(),
    Vanish(),
    Unreachable(),
    Errors(0.5, PAYMENTS.where(outcome="refused"), PAYMENTS),
    Slow(2, 0.5, SCORE),
    Silence(PAYMENTS),
    Shift(SCORE, 0.2),
    Scale(PAYMENTS, 0),
    Flapping(Errors(0.1), "1m", "5m"),
)


def written(plan: Plan) -> tuple[Document, Document]:
    """Return the catalog and the schema of a plan."""
    texts = {artifact.path: json.loads(artifact.text) for artifact in targets.build(plan) if "catalog" in artifact.path}
    return texts["catalog.json"], texts["catalog.schema.json"]


def strict(part: Any) -> Any:
    """Return a schema such that it admits no field that it does not name."""
    if isinstance(part, list):
        return [strict(each) for each in part]
    if not isinstance(part, dict):
        return part
    closed = {"additionalProperties": False} if "required" in part and "properties" in part else {}
    return {**{key: strict(value) for key, value in part.items()}, **closed}


@pytest.fixture(scope="module", params=["the shop", "every kind of fault and objective"])
def plan(request: pytest.FixtureRequest, catalog: Catalog) -> Plan:
    if request.param == "the shop":
        return derive(source.load_catalog())
    stall = replace(PAYMENTS_STALL, rings_on=FAULTS, during=Hours("shop", "Europe/Berlin", {"mon-sat": "09:00-18:00"}))
    return derive(replace(catalog, services=(replace(CHECKOUT, alerts=(stall,), jobs=("nightly",)),)))


def test_the_catalog_follows_its_schema_and_has_no_field_that_the_schema_does_not_name(plan: Plan) -> None:
    document, own = written(plan)
    jsonschema.Draft202012Validator.check_schema(own)
    jsonschema.validate(document, strict(own), jsonschema.Draft202012Validator)
    assert document["$schema"] == "catalog.schema.json"


def test_every_kind_of_fault_and_objective_that_can_be_declared_is_known(catalog: Catalog) -> None:
    for known, kind in ((schema.FAULTS, Fault), (schema.OBJECTIVES, Objective)):
        public = [getattr(tocsin, name) for name in tocsin.__all__]
        assert {each for each in public if isinstance(each, type) and issubclass(each, kind)} == set(known)
    assert tuple(map(type, FAULTS)) == schema.FAULTS
    assert {type(each) for each in catalog.services[0].objectives} == set(schema.OBJECTIVES)


def spoilt(document: Document) -> Iterator[Document]:
    """Yield documents that are wrong, each in one way."""
    for path, value in (
        (("version",), 2),
        (("services", 0, "port"), 0),
        (("services", 0, "signals", 0, "type"), "untyped"),
        (("services", 0, "signals", 0, "labels"), [{"name": "intent"}]),
        (("services", 0, "signals", 0, "labels"), [{"name": "intent", "values": ["a", "a"]}]),
        (("services", 0, "signals", 0, "labels"), [{"name": "intent", "values": ["a"], "limit": 3}]),
        (("services", 0, "objectives", 0, "ratio"), 1),
        (("services", 0, "alerts", 0, "severity"), "urgent"),
        (("services", 0, "alerts", 0, "rings_on"), [{"type": "gremlins", "says": "they are in"}]),
    ):
        wrong = copy.deepcopy(document)
        at: Any = wrong
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = value
        yield wrong
    histogram = copy.deepcopy(document)
    for signal in histogram["services"][0]["signals"]:
        signal.pop("buckets", None)
    yield histogram


def test_the_schema_refuses_what_is_wrong(catalog: Catalog) -> None:
    document, own = written(derive(catalog))
    for wrong in spoilt(document):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, own)


def test_it_has_every_alert_and_every_signal_that_a_service_exposes_itself(plan: Plan) -> None:
    document, _ = written(plan)
    alerts = [(alert["name"], alert["expr"]) for each in (document, *document["services"]) for alert in each["alerts"]]
    assert sorted(alerts) == sorted((rule.name, rule.expr) for rule in plan.alerts)
    for service, found in zip(plan.catalog.services, document["services"], strict=True):
        names = [signal["name"] for signal in found["signals"]]
        assert names == [signal.name for signal in service.exposed if signal not in SCRAPE]
        own = [signal["name"] for signal in found["signals"] if signal["from"] == "service"]
        assert own == [signal.name for signal in service.signals]


def test_a_signal_has_what_a_client_library_needs(catalog: Catalog) -> None:
    document, _ = written(derive(catalog))
    signals = {signal["name"]: signal for signal in document["services"][0]["signals"]}
    assert signals["payments_total"] == {
        "name": "payments_total",
        "type": "counter",
        "unit": "",
        "help": "Payments tried.",
        "from": "service",
        "labels": [{"name": "outcome", "values": ["taken", "refused", "other"]}],
    }
    assert (signals["fraud_score"]["type"], signals["fraud_score"]["buckets"]) == ("histogram", [0.1, 0.5, 0.9])
    assert 0.7 in signals["http_request_duration_seconds"]["buckets"]
    assert signals["http_request_duration_seconds"]["unit"] == "seconds"
    assert signals["process_open_fds"]["from"] == "library"
