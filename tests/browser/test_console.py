"""The console, as a reader sees it in a browser."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import KINDS
from tocsin.console.pages import PAGES

pytestmark = pytest.mark.live

PATHS = [page.path for page in PAGES]
BOARD = "/boards?uid=every-kind"
RUNBOOK = "/runbooks/checkout/service-down"
SQL = "/logs?" + urlencode(
    {
        "sql": "-- as it is\nSELECT severity, 'a' AS text, 1.5 AS number, TRUE AS truth, DATE(time) AS day\n"
        "FROM logs /* all */ WHERE status >= 200 AND time IS NOT NULL GROUP BY severity, day"
    }
)


def grave(page: Page) -> list[str]:
    """Return what axe finds serious or worse, each with where it is."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['target']}"
        for each in found
        if each["impact"] in {"serious", "critical"}
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("path", [*PATHS, BOARD, RUNBOOK, pytest.param(SQL, id="sql")])
def test_every_page_opens_and_axe_finds_nothing_serious(sight: Page, console: str, path: str) -> None:
    sight.goto(console + path)
    expect(sight.locator("h1")).to_be_visible()
    expect(sight.locator(".state.loading")).to_have_count(0)
    if path == SQL:
        expect(sight.locator(".sql-comment").first).to_be_visible()
    assert grave(sight) == []


@pytest.mark.parametrize("path", PATHS)
def test_every_page_has_a_twin_in_json(console: str, path: str) -> None:
    answer = httpx.get(f"{console}{path}.json", trust_env=False, timeout=30)
    assert answer.status_code == 200
    assert isinstance(answer.json(), dict)


@pytest.mark.parametrize("path", ["/overview", BOARD])
def test_a_prometheus_that_is_away_is_said(page: Page, lonely: str, path: str) -> None:
    page.goto(lonely + path)
    expect(page.get_by_role("alert").first).to_contain_text("Prometheus at http://127.0.0.1:1 cannot be reached")


def test_each_kind_of_panel_is_drawn_or_says_that_it_is_not(page: Page, console: str) -> None:
    page.goto(console + BOARD)
    for kind in KINDS:
        box = page.get_by_role("region", name=f"A {kind}", exact=True)
        if kind == "stat":
            expect(box.locator("strong").first).to_be_visible()
        elif kind == "table":
            expect(box.locator("td").first).to_be_visible()
        elif kind == "text":
            expect(box).to_contain_text("Words as they <b>stand</b>.")
        elif kind == "geomap":
            expect(box).to_contain_text("cannot draw a panel of the kind geomap")
        else:
            expect(box.locator("canvas").first).to_be_visible()


def test_a_line_goes_on_as_prometheus_has_more_of_it(page: Page, console: str) -> None:
    page.goto(console + BOARD)
    chart = page.get_by_role("region", name="A timeseries", exact=True).locator(".chart")
    expect(chart.locator("canvas").first).to_be_visible()
    number = int((chart.get_attribute("id") or "").removeprefix("c"))
    newest = "number => getElement(number).chart.getModel().getSeriesByIndex(0).getData().getDataExtent('x')[1]"
    first = page.evaluate(newest, number)
    for _ in range(2):
        page.wait_for_function(f"([number, before]) => ({newest})(number) > before", arg=[number, first])
        first = page.evaluate(newest, number)


def test_what_is_chosen_stands_in_the_address_and_is_kept_by_it(page: Page, console: str) -> None:
    page.goto(console + BOARD)
    page.get_by_label("Job").click()
    page.get_by_role("option", name="checkout").click()
    expect(page).to_have_url(re.compile("var-job=checkout"))
    page.reload()
    legend = page.get_by_role("region", name="A timeseries").locator("tbody tr")
    expect(legend).to_have_count(1)
    expect(legend).to_contain_text("checkout")


def test_a_span_that_is_dragged_over_a_chart_becomes_that_of_the_board(page: Page, console: str) -> None:
    page.goto(console + BOARD)
    canvas = page.get_by_role("region", name="A timeseries").locator("canvas")
    expect(canvas).to_be_visible()
    page.wait_for_function("[...document.querySelectorAll('.chart')].some(each => getElement(each.id.slice(1)).drags)")
    place = canvas.bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + place["width"] * 0.3, place["y"] + 40)
    page.mouse.down()
    page.mouse.move(place["x"] + place["width"] * 0.7, place["y"] + 60, steps=5)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"from=\d+&to=\d+"))


def test_dark_and_light_are_kept_in_the_browser(page: Page, console: str) -> None:
    page.goto(f"{console}/overview")
    expect(page.locator("body.body--light")).to_be_visible()
    page.get_by_role("button", name="Dark or light").click()
    expect(page.locator("body.body--dark")).to_be_visible()
    page.reload()
    expect(page.locator("body.body--dark")).to_be_visible()


@pytest.mark.parametrize("header", [{"host": "elsewhere.example"}, {"origin": "http://elsewhere.example"}])
def test_other_sites_are_turned_away(console: str, header: dict[str, str]) -> None:
    answer = httpx.get(f"{console}/overview.json", headers=header, trust_env=False)
    assert answer.status_code == 403
