from __future__ import annotations

import importlib
import random
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response

from services.catalog import CATALOG
from services.trial import trial, visiting
from tocsin import Availability, Counter, Gauge, Histogram, Latency, Mean, Service
from tocsin.derive import derive
from tocsin.model import Objective

HERE = Path(__file__).parent
VISITS = 600

SPEC_METRICS: dict[str, dict[str, tuple[str, ...]]] = {
    "lightspeed-bigquery": {
        "sales_synced_total": (),
        "sync_latency_seconds": (),
        "sync_errors_total": ("error_type",),
    },
    "customer-profile": {"profile_requests_total": (), "profile_cache_hits_total": ()},
    "si-recommendations": {"recommendations_served_total": (), "recommendation_confidence": ()},
    "voice-commerce": {"voice_commands_total": ("intent",), "orders_created_total": (), "intent_confidence": ()},
    "video-commerce": {},
}
SPEC_BUCKETS = {
    "http_request_duration_seconds": (0.1, 0.5, 1, 2, 5, 10),
    "sync_latency_seconds": (1, 5, 10, 30, 60, 120),
    "recommendation_confidence": (0.1, 0.3, 0.5, 0.7, 0.9, 1.0),
    "intent_confidence": (0.1, 0.3, 0.5, 0.7, 0.9, 1.0),
}
SPEC_PANELS = {
    "lightspeed-bigquery": (
        "Sales synced per minute",
        "Sync latency",
        "Error rate by error type",
        "BigQuery insertion rate",
    ),
    "customer-profile": (
        "Profile requests per minute",
        "Cache hit rate",
        "Average profile enrichment time",
        "Data source health",
    ),
    "si-recommendations": (
        "Recommendations served per minute",
        "Average confidence score",
        "Collaborative filtering hit rate",
        "Fallback rate",
    ),
    "voice-commerce": (
        "Voice commands per minute",
        "Intent distribution",
        "Order conversion rate",
        "Average intent confidence",
    ),
    "video-commerce": (),
}
SPEC_OBJECTIVES: dict[str, set[tuple[object, ...]]] = {
    "lightspeed-bigquery": {("availability", 0.999), ("latency", 0.95, "sync_latency_seconds", 5), ("ratio", 0.99)},
    "customer-profile": {("availability", 0.999), ("latency", 0.95, "http", 2), ("ratio", 0.995)},
    "si-recommendations": {
        ("availability", 0.995),
        ("latency", 0.95, "http", 3),
        ("mean", "recommendation_confidence", 0.6),
    },
    "voice-commerce": {("availability", 0.995), ("latency", 0.95, "http", 5), ("mean", "intent_confidence", 0.7)},
}

each_service = pytest.mark.parametrize("service", CATALOG.services, ids=lambda service: service.name)
each_of_the_spec = pytest.mark.parametrize(
    "service",
    [service for service in CATALOG.services if service.name in SPEC_METRICS],
    ids=lambda service: service.name,
)


def named(reference: str) -> Any:
    module, name = reference.split(":")
    return getattr(importlib.import_module(module), name)


def test_the_five_services_have_their_ports() -> None:
    ports = {service.name: service.port for service in CATALOG.services if service.name in SPEC_METRICS}
    assert ports == {
        "lightspeed-bigquery": 8080,
        "customer-profile": 8081,
        "si-recommendations": 8082,
        "voice-commerce": 8083,
        "video-commerce": 8084,
    }


@each_of_the_spec
def test_every_metric_of_the_spec_is_declared_with_its_labels(service: Service) -> None:
    declared = {signal.name: tuple(label.name for label in signal.labels) for signal in service.signals}
    for name, labels in SPEC_METRICS[service.name].items():
        assert declared[name] == labels


@each_service
def test_every_bucket_of_the_spec_is_declared(service: Service) -> None:
    for signal in (signal for signal in service.exposed if isinstance(signal, Histogram)):
        assert set(signal.buckets) >= set(SPEC_BUCKETS.get(signal.name, ()))


@each_service
def test_every_label_is_closed(service: Service) -> None:
    assert all(signal.closed for signal in service.signals)


@each_of_the_spec
def test_every_panel_of_the_spec_is_there_in_its_order(service: Service) -> None:
    titles = [panel.title for panel in service.panels]
    assert [title for title in titles if title in SPEC_PANELS[service.name]] == list(SPEC_PANELS[service.name])


@each_service
def test_every_metric_stands_on_a_panel(service: Service) -> None:
    drawn = {name for panel in service.panels for query in panel.queries for name in re.findall(r"\w+", query.expr)}
    assert not {signal.name for signal in service.signals if not {*signal.series_names} & drawn}


@pytest.mark.parametrize("name", SPEC_OBJECTIVES)
def test_the_objectives_are_those_of_the_spec(name: str) -> None:
    (service,) = (service for service in CATALOG.services if service.name == name)
    assert {promised(objective) for objective in service.objectives} == SPEC_OBJECTIVES[name]


def promised(objective: Objective) -> tuple[object, ...]:
    match objective:
        case Availability():
            return ("availability", objective.ratio)
        case Latency():
            return ("latency", objective.ratio, objective.of.name if objective.of else "http", objective.below)
        case Mean():
            return ("mean", objective.signal.name, objective.at_least)
    return ("ratio", objective.ratio)


def test_every_alert_names_its_fault() -> None:
    assert all(rule.faults for rule in derive(CATALOG).alerts if rule.name != "Watchdog")


def test_every_alert_has_its_runbook_page_with_all_its_parts() -> None:
    parts = ("## What it means for customers", "## First looks", "## Likely causes", "## Mitigation", "## When to")
    for rule in derive(CATALOG).alerts:
        own = HERE / rule.service.replace("-", "_") / rule.runbook
        page = own if own.is_file() else HERE / rule.runbook
        assert page.is_file(), f"{rule.subject}: {rule.runbook}"
        text = page.read_text(encoding="utf-8")
        assert rule.name in text.partition("\n")[0], page
        assert all(part in text for part in parts), page


def test_every_runbook_page_is_some_alerts() -> None:
    named = {Path(rule.runbook).name for rule in derive(CATALOG).alerts}
    assert {page.name for page in HERE.rglob("runbooks/*.md")} == named


@pytest.mark.anyio
@each_service
async def test_a_visitor_bears_a_service_that_fails(service: Service) -> None:
    broken = FastAPI()
    seen: list[str] = []

    @broken.middleware("http")
    async def fail(request: Request, _: object) -> Response:
        seen.append(request.url.path)
        return Response("broken", 500)

    async with visiting(broken, service) as trying:
        for seed in range(100):
            await named(service.visitor)(trying.client, random.Random(seed))  # noqa: S311 - the same visits each time
    assert len(seen) >= 100


@pytest.mark.anyio
@pytest.mark.usefixtures("lightspeed_url")
@each_service
async def test_visits_move_every_metric(service: Service) -> None:
    rng = random.Random(7)  # noqa: S311 - the same visits each time
    visit = named(service.visitor)
    async with trial(named(service.app), service) as running:
        before = await running.readings()
        for _ in range(VISITS):
            await visit(running.client, rng)
        after = await running.readings()
    moved = {name for name in after if after[name] != before[name]}
    for signal in service.signals:
        series = {name for name in after if name.partition("{")[0] in signal.series_names}
        if isinstance(signal, Gauge):
            assert any(after[name] for name in series), signal.name
        else:
            assert series & moved, signal.name
        if isinstance(signal, Counter):
            assert not any(after[name] for name in series if '="other"' in name), signal.name
