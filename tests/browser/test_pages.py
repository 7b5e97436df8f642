"""What a reader does on the pages of alerts and logs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.console.test_drawn import console as serve
from tests.logs.stores import append, record
from tests.stack.alarms import LIMIT, Prometheus, running_alarms
from tocsin.derive import derive, quicken
from tocsin.model import Catalog
from tocsin.stack.prometheus import at_speed

pytestmark = pytest.mark.live

SPEED = 60


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
