"""What a reader does on the pages of alerts and logs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.console.places import NOBODY
from tests.console.test_drawn import console as serve
from tests.logs.stores import append, record
from tests.stack.alarms import LIMIT, Prometheus, running_alarms
from tocsin.derive import derive, quicken
from tocsin.model import Catalog
from tocsin.stack.prometheus import at_speed

pytestmark = pytest.mark.live

SPEED = 60
SETTLED = 150
"""Milliseconds after which CodeMirror takes a key as an answer to what it offers: twice its interactionDelay."""


@pytest.fixture(scope="module")
def alarmed(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Iterator[str]:
    """The address of a console before a real Prometheus whose service is down, and the Alertmanager that it tells."""
    folder = tmp_path_factory.mktemp("alarmed")
    append(folder / "store", [record("sold out", severity="ERROR"), record("sold")])
    with running_alarms(folder, quicken(derive(catalog), SPEED)) as alarms:
        prometheus = Prometheus(alarms, *at_speed(SPEED))
        prometheus.start()
        try:
            yield from serve(folder, prometheus.url, alertmanager=alarms.url)
        finally:
            prometheus.kill()


@pytest.fixture(scope="module")
def following(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a console, and the store that it reads."""
    folder = tmp_path_factory.mktemp("following")
    append(folder / "store", [record("first")])
    for url in serve(folder, NOBODY):
        yield url, folder / "store"


def test_an_alert_is_silenced_and_the_silence_lifted_by_buttons(page: Page, alarmed: str) -> None:
    page.goto(f"{alarmed}/alerts?alert=checkout/ServiceDown")
    chosen = page.get_by_role("region", name="The chosen alert")
    expect(chosen).to_contain_text("firing", timeout=LIMIT * 1000)
    expect(chosen).to_contain_text("shop-pagerduty", timeout=LIMIT * 1000)
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Why").fill("We deploy.")
    page.get_by_role("button", name="Silence", exact=True).click()
    silences = page.get_by_role("region", name="Silences")
    expect(silences).to_contain_text("We deploy.")
    expect(chosen).to_contain_text("silenced", timeout=LIMIT * 1000)
    silences.get_by_role("button", name="Lift").click()
    expect(silences).to_have_count(0)
    expect(chosen).to_contain_text("firing", timeout=LIMIT * 1000)


def test_logs_are_narrowed_and_asked_in_sql(page: Page, alarmed: str) -> None:
    page.goto(f"{alarmed}/logs")
    records = page.get_by_role("table", name="Records")
    expect(records.locator("tbody tr")).to_have_count(2)
    page.get_by_label("Text of the message").fill("sold out")
    page.get_by_label("Text of the message").press("Enter")
    expect(records.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="SQL").click()
    expect(page.get_by_role("region", name="Chart").locator("canvas")).to_be_visible()
    editor = page.get_by_role("textbox", name="Query")
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("SELECT nothing FROM logs")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("alert")).to_have_text("line 1, column 8: There is no column nothing here.")


def test_a_query_is_completed_and_run_by_the_keyboard_alone(page: Page, alarmed: str) -> None:
    page.goto(f"{alarmed}/logs?sql=--")
    editor = page.get_by_role("textbox", name="Query")
    editor.focus()
    page.keyboard.press("Control+a")
    offered = page.locator(".cm-tooltip-autocomplete [aria-selected]")
    for typed, chosen in (("SELECT severi", "severity"), (", COUN", "COUNT"), ("", ""), (" FROM lo", "logs")):
        page.keyboard.type(typed or "*")
        if chosen:
            expect(offered).to_contain_text(chosen)
            page.wait_for_timeout(SETTLED)
            page.keyboard.press("Tab")
        else:
            page.keyboard.press("End")
    page.keyboard.type(" GROUP BY severity")
    page.keyboard.press("Escape")
    expect(editor).to_have_text("SELECT severity, COUNT(*) FROM logs GROUP BY severity")
    page.keyboard.press("Control+Enter")
    records = page.get_by_role("table", name="Records")
    expect(records.locator("tbody tr")).to_have_count(2)
    expect(records.locator("th").last).to_have_text("f0_")


def test_nothing_is_completed_in_a_string_and_only_columns_behind_a_dot(page: Page, alarmed: str) -> None:
    page.goto(f"{alarmed}/logs?sql=--")
    page.get_by_role("textbox", name="Query").focus()
    page.keyboard.press("Control+a")
    offered = page.locator(".cm-tooltip-autocomplete")
    page.keyboard.type("SELECT logs.s")
    expect(offered).to_contain_text("severity")
    expect(offered).not_to_contain_text("SUM")
    page.keyboard.press("Escape")
    page.keyboard.type(", 'sev")
    page.keyboard.press("Control+Space")
    expect(offered).to_have_count(0)


def test_a_span_is_chosen_and_holds_for_both_views(page: Page, alarmed: str) -> None:
    page.goto(f"{alarmed}/logs?from=1795579200000&to=1795579260000")
    rows = page.get_by_role("table", name="Records").locator("tbody tr")
    expect(rows).to_have_count(2)
    page.get_by_label("Time", exact=True).click()
    page.get_by_role("option", name="Last 5 minutes").click()
    expect(page).to_have_url(re.compile("from=now-5m&to=now"))
    expect(page.get_by_role("note")).to_have_text("No record fits.")
    page.get_by_role("button", name="SQL").click()
    expect(page.get_by_role("textbox", name="Query")).to_be_visible()
    expect(page.get_by_role("note")).to_have_text("No record fits.")
    page.get_by_label("Time", exact=True).click()
    page.get_by_role("option", name="All that is kept").click()
    expect(rows.first).to_be_visible()


def test_an_answer_is_saved_as_csv(page: Page, alarmed: str) -> None:
    page.goto(f"{alarmed}/logs?sql=SELECT+message,+1+AS+n+FROM+logs+ORDER+BY+message")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download as CSV").click()
    assert saved.value.suggested_filename == "records.csv"
    assert saved.value.path().read_text().split() == ["message,n", "sold,1", "sold", "out,1"]


def test_what_is_followed_is_paused_and_goes_on_without_loss(page: Page, following: tuple[str, Path]) -> None:
    url, store = following
    page.goto(f"{url}/logs?live=on")
    rows = page.get_by_role("table", name="Records").locator("tbody tr")
    expect(rows).to_have_count(1)
    append(store, [record("second")])
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("second")
    page.get_by_role("button", name="Pause").click()
    append(store, [record("third"), record("fourth")])
    told = page.get_by_role("status")
    expect(told).to_have_text("Paused; 2 more came.")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Pause").click()
    expect(rows).to_have_count(4)
    for row, message in enumerate(("fourth", "third", "second", "first")):
        expect(rows.nth(row)).to_contain_text(message)
    store.rename(store.with_name("elsewhere"))
    expect(page.get_by_role("alert")).to_contain_text("is away: what comes is shown once it is back.")
    expect(rows).to_have_count(4)
    store.with_name("elsewhere").rename(store)
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(rows).to_have_count(4)
