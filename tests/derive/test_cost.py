from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import tocsin
from tests.sdk.reading import samples
from tocsin import Catalog, Counter, Flow, Gauge, Histogram, Label, Service, Team, Traffic
from tocsin.derive import derive
from tocsin.derive.cost import LEAST_ROW, MONTH, RECORDED, REQUEST_LINE, ServiceCost, costs, typical_case, worst_case
from tocsin.model import Signal
from tocsin.sdk import observer

ROUTES = ("/", "/orders/{id}", "/search")
PAID = Counter("paid_total", "Payments.", (Label("by", ("card", "bill")),))
ASKED = Counter("asked_total", "Questions.", (Label("topic", limit=20), Label("lang", ("de", "fr"))))
STOCK = Gauge("stock_pieces", "Pieces in stock.", (Label("shop", ("bern", "basel")),))
BASKET = Histogram("basket_euros", "What a basket is worth.", buckets=(10.0, 100.0))
SHOP = Service(
    name="shop",
    team="shop",
    port=8000,
    because="Nobody can buy.",
    signals=(PAID, ASKED, STOCK, BASKET),
    traffic=Traffic(rps=2, errors=0.01, routes=ROUTES),
    behaviour=(
        Flow(ASKED.where(topic="rings", lang="de"), 1),
        Flow(ASKED.where(topic="rings", lang="fr"), 1),
        Flow(ASKED.where(topic="chains", lang="de"), 1),
    ),
)


def cost(*services: Service, instances: int = 1, interval: str = "15s") -> ServiceCost:
    found = costs(
        derive(
            Catalog(
                services=services,
                teams=(Team(name="shop", slack="#shop"),),
                runbooks="https://runbooks.example",
                heartbeat="https://heartbeat.example/shop",
                scrape_interval=interval,
            )
        ),
        instances,
    )
    return found[0]


@pytest.fixture
def _forgotten() -> Iterator[None]:
    yield
    observer._observers.clear()  # noqa: SLF001 - what the process knows of other tests


@pytest.mark.anyio
@pytest.mark.usefixtures("_forgotten")
async def test_a_service_exposes_on_its_declared_day_the_series_that_are_typical() -> None:
    async def answer(request: Request) -> Response:
        return Response("", status_code=int(request.query_params.get("status", "200")))

    app = Starlette(routes=[Route(route, answer) for route in ROUTES])
    obs = tocsin.observe(app, SHOP)
    for profile in SHOP.behaviour:
        obs.count(ASKED, topic=profile.labels["topic"], lang=profile.labels["lang"])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.example") as caller:
        for route in ROUTES:
            for status in (200, 500):
                await caller.get(route.format(id=1), params={"status": status})
        exposed = samples((await caller.get("/metrics")).text)
    for signal in SHOP.exposed:
        if signal.name.startswith(("up", "scrape_")):
            continue
        names = tuple(signal.series_names)
        there = [series for series in exposed if series.partition("{")[0] in names]
        assert len(there) == typical_case(SHOP, signal), signal.name


def test_a_month_has_a_sample_of_each_series_at_each_scrape() -> None:
    found = cost(SHOP, interval="30s")
    (paid,) = (metric for metric in found.metrics if metric.metric == "paid_total")
    assert (paid.worst, paid.typical) == (3, 3)
    assert paid.samples == (3 * MONTH / 30, 3 * MONTH / 30)
    assert MONTH == 30 * 86_400


def test_each_instance_has_its_own_series_and_rules_record_once_for_all() -> None:
    one, three = cost(SHOP), cost(SHOP, instances=3)
    for single, triple in zip(one.metrics, three.metrics, strict=True):
        times = 1 if single.metric == RECORDED else 3
        assert (triple.worst, triple.typical) == (times * single.worst, times * single.typical)


def test_what_every_service_has_belongs_to_the_worst_case() -> None:
    found = {metric.metric: metric.worst for metric in cost(SHOP).metrics}
    assert found["http_requests_total"] == 8 * 201 * 61
    assert found["http_request_duration_seconds"] == 8 * 201 * 61 * (13 + 3)
    assert found["up"] == 1
    assert found["tocsin_sdk_dropped_total"] > 1


def test_a_month_of_lines_has_the_bytes_of_as_many_requests() -> None:
    found = cost(SHOP)
    assert found.requests == 2 * MONTH
    assert found.log_bytes == 2 * MONTH * REQUEST_LINE
    assert found.streamed_bytes == 2 * MONTH * LEAST_ROW


def test_the_first_label_to_drop_is_the_declared_one_that_spares_most() -> None:
    labels = cost(SHOP).labels
    found = {label.label: label for label in labels if not label.built_in}
    assert [label.label for label in labels if not label.built_in] == ["by", "topic", "lang", "shop"]
    assert (found["by"].typical, found["by"].worst) == (2, 2)
    assert (found["topic"].typical, found["topic"].worst) == (1, 60)
    assert [label.built_in for label in labels] == sorted(label.built_in for label in labels)
    (status,) = (label for label in labels if label.label == "status_code")
    assert "HighErrorRate" in status.read_by
    assert status.metrics == ("http_requests_total", "http_request_duration_seconds")


LABELS = st.lists(
    st.builds(
        Label,
        st.sampled_from(("a", "b", "c", "d")),
        st.sampled_from(((), ("x",), ("x", "y"), ("x", "other"))),
        st.integers(1, 5),
    ),
    max_size=4,
    unique_by=lambda label: label.name,
).map(tuple)
SIGNALS: st.SearchStrategy[Signal] = st.one_of(
    st.builds(Counter, st.just("x_total"), st.just("X."), LABELS),
    st.builds(Gauge, st.just("x_now"), st.just("X."), LABELS),
    st.builds(Histogram, st.just("x_seconds"), st.just("X."), LABELS, buckets=st.just((1.0, 2.0))),
)


@given(SIGNALS)
def test_a_declared_day_never_has_more_series_than_the_worst_case(signal: Signal) -> None:
    service = Service(name="x", team="shop", port=1, because="X.", signals=(signal,))
    assert 1 <= typical_case(service, signal) <= worst_case(signal)


@given(SIGNALS)
def test_no_label_spares_more_than_there_is(signal: Signal) -> None:
    service = Service(name="x", team="shop", port=1, because="X.", signals=(signal,))
    for label in cost(service).labels:
        if not label.built_in:
            assert 0 <= label.typical < typical_case(service, signal)
            assert 0 <= label.worst < worst_case(signal)
