"""The overview's view: who is sick, and why."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.datastructures import QueryParams

from tocsin import Catalog, Service, Team
from tocsin.console.metrics import Metrics
from tocsin.console.overview import Firing, Overview, ago, look
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


@pytest.mark.parametrize(("past", "said"), [(5, "less than 1 min"), (600, "10 min"), (7200, "2 h"), (172_800, "2 d")])
def test_how_long_ago_it_was_is_said_in_one_unit(past: float, said: str) -> None:
    assert ago(1e9, 1e9 + past) == said
