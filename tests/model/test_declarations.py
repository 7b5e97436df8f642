from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.model import (
    Alert,
    Availability,
    Beats,
    Catalog,
    Counter,
    DeclarationError,
    Down,
    Errors,
    Events,
    Flapping,
    Flow,
    Gauge,
    Histogram,
    Hours,
    Label,
    Latency,
    Panel,
    Scale,
    Service,
    Severity,
    Slow,
    Spread,
    Team,
    Traffic,
    duration,
    matching,
    milliseconds,
    slug,
    words,
)

ORDERS = Counter("orders_total", "Orders.")
VISITS = Counter("visits_total", "Visits.", (Label("page", ("home", "cart")),))
SECONDS = Histogram("answer_seconds", "Answers.", buckets=(1, 2))
TEAM = Team(name="shop", slack="#shop")
STALL = Alert(
    "OrdersStall",
    when=f"rate({ORDERS}[5m]) == 0",
    within="5m",
    severity="warning",
    because="No orders.",
    runbook="runbooks/orders-stall.md",
)


def service(name: str = "checkout", port: int = 8000, **fields: Any) -> Service:
    return Service(name=name, team="shop", port=port, because="Nobody buys.", **fields)


def catalog(*services: Service) -> Catalog:
    return Catalog(services=services, teams=(TEAM,), runbooks="https://r.example", heartbeat="https://h.example")


@pytest.mark.parametrize(
    ("declare", "sentence"),
    [
        (lambda: Availability(1), "a ratio lies between 0 and 1"),
        (lambda: Availability(99.9), "a ratio lies between 0 and 1, like 0.999"),
        (lambda: Latency(0.9, below=0), "below must be a positive number"),
        (lambda: Latency(0.9, below=3, of=SECONDS), "no bucket that ends at 3"),
        (lambda: Errors(0), "must lie above 0"),
        (lambda: Errors(0.5, bad=ORDERS), "give both what is bad and of what"),
        (lambda: Flow(cast("Counter", SECONDS), 1), "it needs a counter, and answer_seconds is none"),
        (lambda: Flow(VISITS, 1), "name one series, with a value of page"),
        (lambda: Flow(VISITS.where(page=matching(".*")), 1), "name one series, with a value of page"),
        (lambda: Flow(ORDERS, -1), "per_second must be 0 or more"),
        (lambda: Spread(SECONDS, 1, p50=2, p95=1), "needs 0 < p50 <= p95 <= at_most"),
        (lambda: Beats(Gauge("last_seconds", "Last."), every="0s"), "must be above 0"),
        (lambda: service(behaviour=(Flow(ORDERS, 1),)), "does not record it: add it to signals"),
        (lambda: service(signals=(ORDERS,), behaviour=(Flow(ORDERS, 1), Flow(ORDERS, 2))), "orders_total' twice"),
        (lambda: Traffic(routes=()), "at least one route"),
        (lambda: replace(STALL, not_before="5m"), "cannot ring within 5m, and not before 5m"),
        (lambda: replace(STALL, also=cast("tuple[str, ...]", "Other")), "`also` must be a tuple"),
        (lambda: Slow(-1), "must be a positive number of seconds"),
        (lambda: Slow(1, share=0), "the share must lie above 0"),
        (lambda: Flapping(Flapping(Down(), "1m", "1m"), "1m", "1m"), "its fault must be of another kind"),
        (lambda: Flapping(Down(), "0s", "1m"), "must be above 0"),
        (lambda: Scale(ORDERS, -1), "must be 0 or more"),
        (lambda: Scale(ORDERS.where(), 2), "befalls a whole signal"),  # type: ignore[arg-type]  # wrong on purpose
        (lambda: Events(ORDERS, 0, "1h"), "count must be at least 1"),
        (lambda: Events(ORDERS, 1, "1"), "'1' is no duration: write whole numbers with units"),
        (lambda: replace(STALL, name="orders_stall"), "must be in CamelCase"),
        (lambda: replace(STALL, severity=cast("Severity", "page")), "must be one of critical, warning"),
        (lambda: replace(STALL, because=" "), "give the PromQL of `when`"),
        (lambda: replace(STALL, lasting="5m"), "cannot ring within 5m: it must last 5m first"),
        (lambda: Hours("shop", "Mars/Base", {"mon": "09:00-17:00"}), "no time zone 'Mars/Base'"),
        (lambda: Hours("shop", "Europe/Berlin", {}), "are never open"),
        (lambda: Hours("shop", "Europe/Berlin", {"monday": "09:00-17:00"}), "'monday' is no day"),
        (lambda: Hours("shop", "Europe/Berlin", {"mon": "9-17"}), "'9-17' is no opening"),
        (lambda: Hours("shop", "Europe/Berlin", {"mon": "09:00-24:30"}), "is no opening"),
        (lambda: Panel("", (), unit="s", help="x"), "needs a title and at least one query"),
        (lambda: Team(name="shop", slack="shop"), "must start with # or @"),
        (lambda: Traffic(rps=0), "Traffic needs rps above 0"),
        (lambda: service("Check out"), "must be lower-case letters, digits and hyphens"),
        (lambda: service("../etc"), "must be lower-case letters, digits and hyphens"),
        (lambda: service(port=70_000), "must lie between 1 and 65535"),
        (lambda: service(signals=(ORDERS, ORDERS)), "checkout declares the metric 'orders_total' twice"),
        (lambda: service(signals=(Counter("http_requests_total", "x"),)), "the metric 'http_requests_total' twice"),
        (
            lambda: service(signals=(SECONDS, replace(SECONDS, name="answer_seconds"))),
            "the metric 'answer_seconds_bucket' twice",
        ),
        (lambda: service(alerts=(STALL, STALL)), "the alert 'OrdersStall' twice"),
        (lambda: service(objectives=(Availability(0.9), Availability(0.99))), "the objective 'availability' twice"),
        (lambda: catalog(service(), service()), "The service 'checkout' is declared by the catalog and again"),
        (lambda: catalog(service(), service("pay")), "The port '8000' is declared by checkout and again by pay"),
        (
            lambda: catalog(service(signals=(ORDERS,)), service("pay", 8001, signals=(ORDERS,))),
            "The metric 'orders_total' is declared by checkout and again by pay",
        ),
        (
            lambda: Catalog(
                services=(service(),), teams=(), runbooks="https://r.example", heartbeat="https://h.example"
            ),
            "belongs to the team 'shop', which the catalog does not know",
        ),
    ],
)
def test_wrong_declarations_fail_with_a_sentence(declare: Callable[[], object], sentence: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        declare()
    assert sentence in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_promised_latency_is_a_bucket() -> None:
    assert 0.7 in service(objectives=(Latency(0.9, below=0.7),)).http_duration.buckets


def test_a_latency_of_another_histogram_adds_no_bucket() -> None:
    assert (
        service(objectives=(Latency(0.9, below=2, of=SECONDS),)).http_duration.buckets
        == service().http_duration.buckets
    )


def test_hours_past_midnight_belong_to_the_next_day() -> None:
    hours = Hours("bar", "Europe/Berlin", {"fri-sat": "18:00-02:00"})
    assert [(span.day, span.opens, span.closes) for span in hours.spans] == [
        (0, 0, 120),
        (5, 1080, 1440),
        (6, 0, 120),
        (6, 1080, 1440),
    ]


@given(st.integers(min_value=1, max_value=10**12))
def test_a_duration_is_read_as_it_is_spelled(millis: int) -> None:
    assert milliseconds(duration(millis)) == millis


@pytest.mark.parametrize("text", ["", "5", "m5", "5 m", "1m1h", "0.5s", "-5m"])
def test_what_prometheus_does_not_read_is_no_duration(text: str) -> None:
    with pytest.raises(DeclarationError, match="is no duration"):
        milliseconds(text)


def test_names_are_spelled_for_links_and_for_people() -> None:
    assert slug("SalesSyncStalled") == "sales-sync-stalled"
    assert slug("HTTPErrorsHigh") == "http-errors-high"
    assert words("SalesSyncStalled") == "Sales sync stalled"
