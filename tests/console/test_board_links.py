"""Links of a board: Grafana's variables in them, and the span and the values that they keep."""

from __future__ import annotations

import pytest

from tests.console.boards import WINDOW, dashboard, panel, series
from tocsin.console.boards import mapper
from tocsin.console.boards.links import Reader
from tocsin.console.boards.models import Link, Variable
from tocsin.console.boards.palette import LIGHT
from tocsin.console.boards.variables import ALL, chosen

SERVICE = Variable(name="service", label="Service", kind="query", several=True, all=True)
LABELS = {"service": "shop", "route": "/a b&c=d"}


def reader(*wanted: str) -> Reader:
    return Reader({"service": chosen(SERVICE, ("till", "shelf"), wanted)}, WINDOW, ("now-6h", "now"))


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("/d/tocsin-x?var-service=${__field.labels.service}", "/boards?uid=tocsin-x&var-service=shop"),
        ("/d/tocsin-x/a-title", "/boards?uid=tocsin-x"),
        ("/d/tocsin-x?${__url_time_range}", "/boards?uid=tocsin-x&from=now-6h&to=now"),
        ("/d/tocsin-x?$__all_variables", "/boards?uid=tocsin-x&var-service=till"),
        ("/d/tocsin-x?${service:queryparam}", "/boards?uid=tocsin-x&var-service=till"),
        ("https://runbooks.example/${__field.labels.team}", None),
        ("https://routes.example/?at=${__field.labels.route}", "https://routes.example/?at=%2Fa%20b%26c%3Dd"),
        ("javascript:alert(1)", None),
        ("//elsewhere.example", None),
        ("/logs?service=${service}&from=${__from}&to=${__to}", "/logs?service=till&from=1000000&to=1060000"),
        ("/errors?service=$service&from=$__from&to=$__to", "/errors?service=till&from=1000000&to=1060000"),
        ("/logs?service=${nothing}", None),
    ],
)
def test_links_lead_to_pages_alone_and_to_none_with_a_hole(url: str, address: str | None) -> None:
    assert reader("till").followed(Link("There", url), LABELS) == address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("/logs?service=${service}&from=${__from}", "/logs?service=&from=1000000"),
        ("/d/x?var-service=${service}", f"/boards?uid=x&var-service={ALL}"),
    ],
)
def test_all_of_the_values_are_none_in_particular_save_to_a_board(url: str, address: str) -> None:
    assert reader(ALL).followed(Link("There", url), {}) == address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("/d/x", "/boards?uid=x&from=now-6h&to=now&var-service=till&var-service=shelf"),
        ("/logs", "/logs?from=now-6h&to=now&var-service=till&var-service=shelf"),
    ],
)
def test_a_link_keeps_the_span_and_the_values_that_it_is_to_keep(url: str, address: str) -> None:
    link = Link("There", url, keeps_time=True, keeps_values=True)
    assert reader("till", "shelf").followed(link, {}) == address


def test_a_span_that_is_none_is_kept_as_what_is_shown_instead() -> None:
    assert Reader({}, WINDOW).followed(Link("There", "/d/x", keeps_time=True), {}) == (
        "/boards?uid=x&from=1000000&to=1060000"
    )


def test_links_of_a_board_are_read_and_those_to_boards_by_tag_are_its_choice_of_boards() -> None:
    link = {"type": "link", "title": "Logs", "url": "/logs?from=${__from}", "keepTime": False}
    assert dashboard(links=[link, {"type": "dashboards", "tags": ["tocsin"]}]).links == (
        Link("Logs", "/logs?from=${__from}"),
    )


def test_a_panel_has_the_links_that_all_its_series_lead_to() -> None:
    defaults = {"links": [{"title": "Logs", "url": "/logs?service=${__field.labels.service}"}]}
    model = panel(
        "timeseries", fieldConfig={"defaults": defaults}, links=[{"title": "Runbook", "url": "https://r.example"}]
    )
    same = (series("a", 1.0, service="till"), series("b", 1.0, service="till"))
    made = mapper.drawn(model, same, WINDOW, LIGHT, choices={})
    assert made.links == (("Runbook", "https://r.example"), ("Logs", "/logs?service=till"))
    apart = (*same, series("c", 1.0, service="shelf"))
    assert mapper.drawn(model, apart, WINDOW, LIGHT, choices={}).links == (("Runbook", "https://r.example"),)
