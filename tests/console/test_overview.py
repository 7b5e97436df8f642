"""The overview's view: who is sick, and why."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.datastructures import QueryParams

from tocsin import Availability, Catalog, Latency, Service, Team
from tocsin.console.following import Following
from tocsin.console.metrics import Metrics
from tocsin.console.overview.reasons import reasons
from tocsin.console.overview.signals import Signal, short
from tocsin.console.overview.view import Firing, Overview, ago, look
from tocsin.console.sources import Sources
from tocsin.derive import derive

CATALOG = Catalog(
    services=tuple(
        Service(name=name, team="shop", port=port, because="Nobody can buy.", app=f"{name}:app")
        for name, port in (("checkout", 8000), ("search", 8001), ("stock", 8002))
    ),
    teams=(Team(name="shop", slack="#shop"),),
    runbooks="https://runbooks.example",
    heartbeat="https://heartbeat.example/shop",
)


def looked(answers: dict[str, list[tuple[dict[str, str], float]]], status: int = 200) -> Overview:
    """Return the view when Prometheus answers so to what begins so."""

    def answer(request: httpx.Request) -> httpx.Response:
        query = request.url.params["query"]
        found = next((each for start, each in answers.items() if query.startswith(start)), [])
        ranged = request.url.path.endswith("query_range")
        result: list[dict[str, Any]] = [
            {"metric": labels, **({"values": [[1.0, str(value)]]} if ranged else {"value": [1.0, str(value)]})}
            for labels, value in found
        ]
        data = {"resultType": "matrix" if ranged else "vector", "result": result}
        return httpx.Response(status, json={"status": "success" if status < 400 else "error", "data": data})

    async def run() -> Overview:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            return await look(sources(http), QueryParams())

    return asyncio.run(run())


def sources(http: httpx.AsyncClient) -> Sources:
    here = Path()
    return Sources(
        plan=derive(CATALOG),
        http=http,
        metrics=Metrics("http://prometheus", http),
        prometheus="http://prometheus",
        alertmanager="",
        inbox="",
        tracker_token=here,
        store=here,
        following=Following(here),
        boards=here,
        artifacts=here,
        proof=here,
    )


UP = [({"service": name}, 1.0) for name in ("checkout", "search", "stock")]
BURNS = {"alertname": "Burn", "service": "stock", "severity": "warning", "slo": "latency"}


def test_services_that_answer_and_do_not_ring_are_well() -> None:
    view = looked({"min by (service) (up)": UP})
    assert [each.word for each in view.services] == ["well", "well", "well"]
    assert view.sentence == "All 3 services are well."


def test_the_sickest_come_first() -> None:
    view = looked({"min by (service) (up)": [*UP[:1], ({"service": "search"}, 0.0), UP[2]], "ALERTS{": [(BURNS, 1.0)]})
    assert [(each.service, each.word) for each in view.services] == [
        ("search", "down"),
        ("stock", "warning"),
        ("checkout", "well"),
    ]
    assert view.sentence == "2 of 3 services need somebody: search, stock."


def test_what_rings_has_its_beginning_and_one_line_whatever_its_instances() -> None:
    rings = [({**BURNS, "instance": instance}, 1.0) for instance in ("a", "b")]
    view = looked({"min by (service) (up)": UP, "ALERTS{": rings, "max by (alertname": [(BURNS, 500.0)]})
    assert view.services[0].firing == (Firing("Burn", "warning", "latency", 500.0),)


def test_a_service_that_nobody_scrapes_is_not_called_well() -> None:
    view = looked({"min by (service) (up)": UP[:2]})
    assert (view.services[0].service, view.services[0].word) == ("stock", "not scraped")
    assert view.sentence == "Nothing is known of stock: is it scraped?"


def test_a_prometheus_that_refuses_is_said() -> None:
    assert looked({}, 503).away.startswith("Prometheus refuses this")


def test_the_usual_signals_are_those_that_rules_record() -> None:
    recorded = {"service:http_requests:rate5m": [({"service": "search"}, 4.0)]}
    view = looked({"min by (service) (up)": UP, **recorded})
    search = next(each for each in view.services if each.service == "search")
    assert (search.signals[0].name, search.signals[0].text, search.over) == ("Requests", "4 req/s", 300)


def test_of_a_service_that_was_scraped_twice_signals_are_over_that_time() -> None:
    began = [({"service": "search"}, time.time() - 20)]
    now = {"sum by (service) (rate(http_requests_total[30s]))": [({"service": "search"}, 2.0)]}
    view = looked({"min by (service) (up)": UP, "min by (service) (min_over": began, **now})
    search = next(each for each in view.services if each.service == "search")
    assert (search.signals[0].text, search.over) == ("2 req/s", 30)
    assert {each.over for each in view.services if each.service != "search"} == {300}


@pytest.mark.parametrize(("age", "over"), [(0, 30), (16, 30), (31, 45), (269, 270), (271, None), (4000, None)])
def test_a_short_history_is_measured_over_what_there_is_of_it(age: float, over: float | None) -> None:
    assert short(age, 15.0) == over


def test_why_a_service_is_sick_is_said_in_a_few_words() -> None:
    sick = Service(
        name="shop",
        team="shop",
        port=1,
        because="Nobody can buy.",
        app="shop:app",
        objectives=(Availability(0.99), Latency(0.95, below=2)),
    )
    signals = [Signal("Errors", 0.12, "12%", "", 0.0), Signal("P95", 3.1, "3.1 s", "", 0.0)]
    assert reasons(sick, signals, {"availability": 0.1, "latency": 0.9}, {"availability": 24.0, "latency": 0.5}) == (
        "errors 12% of requests",
        "P95 3.1 s, promised under 2 s",
        "availability budget gone in 3 h",
    )
    assert reasons(sick, [], {"availability": -0.1, "latency": 0.9}, {"availability": 9.0}) == (
        "availability budget gone",
    )
    assert reasons(sick, [Signal("Errors", 0.005, "0.5%", "", 0.0)], {"availability": 0.9}, {}) == ()


def test_a_service_that_is_down_needs_no_other_reason() -> None:
    view = looked({"min by (service) (up)": [({"service": "search"}, 0.0)]})
    assert view.services[0].reasons == ("no instance answers",)


@pytest.mark.parametrize(("past", "said"), [(5, "less than 1 min"), (600, "10 min"), (7200, "2 h"), (172_800, "2 d")])
def test_how_long_ago_it_was_is_said_in_one_unit(past: float, said: str) -> None:
    assert ago(1e9, 1e9 + past) == said
